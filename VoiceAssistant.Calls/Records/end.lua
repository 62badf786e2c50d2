-- Ends a call, for the first who asks, and leaves nothing of what was said.
-- KEYS: the record, what was said, the streams that are waited for, the lease.
-- ARGV: the sequence of the stream that says so, the reason, the record's lifetime, what was waited for in vain (0: nothing, 1: a stream with the token
-- of this sequence, 2: the next one, as this one was handed over, 3: the next one, as this one broke, 4: nothing, but who asks may not be the first to
-- know, 5: the lease's renewal, 6: the same, once more), who asks: who asks again, as the answer was lost, is the first still; what is not waited for any
-- more; how a renewal is waited for; how it is waited for once more, and for how many milliseconds.
local record = KEYS[1]

local function number(field)
    return tonumber(redis.call('HGET', record, field) or '')
end

redis.call('ZREM', KEYS[3], ARGV[6])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local state = redis.call('HGET', record, 'state')
if state == 'ended' then
    if redis.call('HGET', record, 'by') ~= ARGV[5] then return false end
    now = number('over')
else
    -- A stream that another has taken over from knows nothing of the call's end. And a record that Redis has lost does not say whether there was one.
    if (number('tokens') or 0) > tonumber(ARGV[1]) then return false end
    if ARGV[4] ~= '0' and not state then return false end
    if (ARGV[4] == '1' and state ~= 'minted') or (ARGV[4] == '2' and state ~= 'handing-over') then return false end
    if ARGV[4] == '5' or ARGV[4] == '6' then
        -- Between two streams others wait.
        if state ~= 'live' or redis.call('GET', KEYS[4]) then return false end
        if ARGV[4] == '5' then
            redis.call('ZADD', KEYS[3], string.format('%.0f', now + ARGV[9]), ARGV[8])
            return false
        end
    end
    redis.call('ZREM', KEYS[3], ARGV[7], ARGV[8])
    redis.call('HSET', record, 'state', 'ended', 'reason', ARGV[2], 'by', ARGV[5], 'over', string.format('%.0f', now))
    redis.call('EXPIRE', record, ARGV[3])
    redis.call('DEL', KEYS[2])
end

local gap = (number('gap') or 0) + now - (number('left') or now)
return { string.format('%.0f', now - (number('began') or now)), tostring(number('resumes') or 0), string.format('%.0f', gap) }
