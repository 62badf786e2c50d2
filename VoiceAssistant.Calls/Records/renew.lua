-- Keeps a call's lease, and what was said with it. Where Redis has forgotten the call, it learns of it again, so that it can go on in another stream.
-- KEYS: the lease, what was said, the record. ARGV: the token's sequence; how long each of them lives.
local held = redis.call('GET', KEYS[1])
if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
if not redis.call('HGET', KEYS[3], 'tokens') then
    local time = redis.call('TIME')
    -- The token is used; there is none under this name to be revoked.
    redis.call('HSET', KEYS[3], 'state', 'live', 'tokens', ARGV[1], 'token', KEYS[3] .. ':used',
        'began', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
    redis.call('EXPIRE', KEYS[3], ARGV[4])
end
return 1
