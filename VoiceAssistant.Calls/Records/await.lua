-- Notes by when others should have heard of a stream.
-- KEYS: the streams that are waited for. ARGV: the stream, in how many milliseconds.
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]), ARGV[1])
