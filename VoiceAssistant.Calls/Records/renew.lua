-- Keeps a call's lease and what was said with it. Where Redis has forgotten the call, it is remembered again: else nobody could go on with it.
-- KEYS: the lease, what was said, the record, the streams that are waited for.
-- ARGV: the token's sequence, the lifetimes of the three, for how many milliseconds the call has been going on, its account, how often it has been resumed,
-- for how many milliseconds it had no stream, how the next renewal is waited for, for how many milliseconds.
local held = redis.call('GET', KEYS[1])
if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', KEYS[3], 'state')
if not state then
    redis.call('HSET', KEYS[3], 'state', 'live', 'tokens', ARGV[1], 'account', ARGV[6], 'began', string.format('%.0f', now - ARGV[5]),
        'resumes', ARGV[7], 'gap', ARGV[8])
    redis.call('EXPIRE', KEYS[3], ARGV[4])
end
if state ~= 'ended' then redis.call('ZADD', KEYS[4], string.format('%.0f', now + ARGV[10]), ARGV[9]) end
return 1
