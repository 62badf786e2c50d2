-- Keeps a live call's place and adds what it has cost since the last time; a lifetime of 0 gives the place back.
-- KEYS: all calls, the caller's calls, the day (a prefix).
local call, lifetime, milliseconds, microdollars = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local now = tonumber(redis.call('TIME')[1])
local day = KEYS[3] .. math.floor(now / 86400)

for i = 1, 2 do
    if lifetime > 0 then
        redis.call('ZADD', KEYS[i], now + lifetime, call)
        redis.call('EXPIRE', KEYS[i], 60)
    else
        redis.call('ZREM', KEYS[i], call)
    end
end

redis.call('HINCRBY', day, 'milliseconds', milliseconds)
redis.call('HINCRBY', day, 'microdollars', microdollars)
-- Until everybody agrees that the day is over.
redis.call('EXPIRE', day, 172800)
