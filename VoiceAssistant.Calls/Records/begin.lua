-- A stream has shown its token: it has the call from now on, unless that is over or has a stream with this token or a newer one.
-- KEYS: the lease, the record, what was said, the streams that are waited for.
-- ARGV: the token's sequence, the lease's lifetime, the record's, how the lease's renewal is waited for, for how many milliseconds.
local lease, record, said = KEYS[1], KEYS[2], KEYS[3]
local sequence = tonumber(ARGV[1])

local function get(field)
    return redis.call('HGET', record, field) or ''
end

local held = redis.call('GET', lease)
if held and tonumber(held) >= sequence then return false end
if get('state') == 'ended' or (tonumber(get('tokens')) or 0) > sequence then return false end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gap = now - (tonumber(get('left')) or now)
local gaps = string.format('%.0f', (tonumber(get('gap')) or 0) + gap)
local continues = get('began') ~= ''
local age = now - (tonumber(get('began')) or now)

redis.call('SET', lease, ARGV[1], 'EX', ARGV[2])
redis.call('HSET', record, 'state', 'live', 'tokens', ARGV[1], 'again', '', 'left', '', 'gap', gaps)
if not continues then redis.call('HSET', record, 'began', string.format('%.0f', now)) end
redis.call('EXPIRE', record, ARGV[3])
redis.call('ZADD', KEYS[4], string.format('%.0f', now + ARGV[5]), ARGV[4])

if not continues then return { '', '0', '0', '', '', '0', '0' } end
return { '1', string.format('%.0f', age), string.format('%.0f', gap), get('cut'), redis.call('GET', said) or '',
    tostring(tonumber(get('resumes')) or 0), gaps }
