-- Ends a call, for the first who asks, and leaves nothing of what was said.
-- KEYS: the record, what was said.
-- ARGV: the sequence of the stream that says so, the reason, the record's lifetime, and 1 where a call is left alone that has a stream, or may have:
-- a Redis that lost its memory knows neither of calls that are over, nor of those that go on; last, who asks: the answer may be lost on its way, and then
-- they ask again.
local record = KEYS[1]

local function number(field)
    return tonumber(redis.call('HGET', record, field) or '')
end

-- A stream that another has taken over from knows nothing of the call's end.
local state = redis.call('HGET', record, 'state')
local again = state == 'ended' and redis.call('HGET', record, 'by') == ARGV[5]
if (state == 'ended' and not again) or ((not state or state == 'live') and ARGV[4] == '1') or (number('tokens') or 0) > tonumber(ARGV[1]) then return false end

local time = redis.call('TIME')
local now = again and number('over') or time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', record, 'state', 'ended', 'reason', ARGV[2], 'by', ARGV[5], 'over', string.format('%.0f', now))
redis.call('EXPIRE', record, ARGV[3])
redis.call('DEL', KEYS[2])

local gap = (number('gap') or 0) + now - (number('left') or now)
return { string.format('%.0f', now - (number('began') or now)), tostring(number('resumes') or 0), string.format('%.0f', gap) }
