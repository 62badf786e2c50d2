-- Keeps what was said in a call, for its next stream, unless that has taken over already or the call is over: then nothing may be left of it.
-- KEYS: the record, what was said. ARGV: the stream's sequence, what was said, its lifetime, and 1 where the stream is about to end.
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'ended' or redis.call('HGET', KEYS[1], 'tokens') ~= ARGV[1] then return 0 end

redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
if ARGV[4] == '1' then
    local time = redis.call('TIME')
    redis.call('HSET', KEYS[1], 'state', 'handing-over', 'left', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
end
return 1
