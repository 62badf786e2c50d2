-- Of which streams others should have heard by now.
-- KEYS: the streams that are waited for. ARGV: how many to name at most.
local time = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), 'LIMIT', 0, ARGV[1])
