-- Notes that a stream broke, for the first who says so, unless somebody has asked already how the call goes on, or the call is over. A call that Redis
-- has forgotten waits for an answer, too.
-- KEYS: the record. ARGV: the stream's sequence, the record's lifetime.
local record = KEYS[1]
local state = redis.call('HGET', record, 'state')
if state == 'ended' or (state and redis.call('HGET', record, 'tokens') ~= ARGV[1]) then return 0 end

if redis.call('HGET', record, 'lost') == ARGV[1] then return 0 end
redis.call('HSET', record, 'lost', ARGV[1])
if not state then redis.call('EXPIRE', record, ARGV[2]) end
return 1
