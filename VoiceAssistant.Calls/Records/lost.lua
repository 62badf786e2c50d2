-- Notes that a stream broke, for the first who says so, unless somebody has asked already how the call goes on, or the call is over.
-- KEYS: the record. ARGV: the stream's sequence.
local record = KEYS[1]
local state = redis.call('HGET', record, 'state')
if not state or state == 'ended' or redis.call('HGET', record, 'tokens') ~= ARGV[1] then return 0 end

if redis.call('HGET', record, 'lost') == ARGV[1] then return 0 end
redis.call('HSET', record, 'lost', ARGV[1])
return 1
