-- Keeps a call's lease and what was said with it. Where Redis has forgotten the call, it is remembered again: else nobody could go on with it.
-- KEYS: the lease, what was said, the record.
-- ARGV: the token's sequence, the lifetimes of the three, for how many milliseconds the call has been going on, its account, how often it has been resumed,
-- for how many milliseconds it had no stream.
local held = redis.call('GET', KEYS[1])
if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])

if not redis.call('HGET', KEYS[3], 'state') then
    local time = redis.call('TIME')
    local began = time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[5]
    redis.call('HSET', KEYS[3], 'state', 'live', 'tokens', ARGV[1], 'account', ARGV[6], 'began', string.format('%.0f', began),
        'resumes', ARGV[7], 'gap', ARGV[8])
    redis.call('EXPIRE', KEYS[3], ARGV[4])
end
return 1
