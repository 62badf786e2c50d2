-- Issues the token of a call's next stream, as Twilio says that one has ended.
-- KEYS: the record, the new token, the one that it replaces.
-- ARGV: the sequence of the stream that ended; the new token's sequence, grant and lifetime; most resumes; the longest gap in milliseconds; 1 where Twilio
-- asks because it was told to by REST.
local record = KEYS[1]
local ended, sequence = tonumber(ARGV[1]), tonumber(ARGV[2])

local function get(field)
    return redis.call('HGET', record, field) or ''
end

local state, tokens, token = get('state'), tonumber(get('tokens')) or 0, get('token')
if state == '' or ended > tokens then return { 'Unknown' } end
if state == 'ended' then return { 'Ended' } end

-- Asked twice about one stream (a redirect by REST, an answer that was lost), the call gets another token of the same sequence, once.
local again = ended == tokens - 1 and state == 'minted'
if ended ~= tokens and not again then return { 'Stale' } end
if again and get('again') == '1' then return { 'Stale' } end

-- Whose call is redirected by REST asks the stream's action as well, and may begin to do what that answers: only the redirect gets a stream.
if ARGV[7] ~= '1' and get('lost') == ARGV[1] then return { 'Awaited' } end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left = tonumber(get('left')) or now
local resumes = tonumber(get('resumes')) or 0
if get('began') == '' then
    -- Its first stream has not begun yet: of the two tokens that a call gets for that, one may be left.
    if tokens > 1 then return { 'Exhausted' } end
elseif not again then
    resumes = resumes + 1
    if resumes > tonumber(ARGV[5]) or (tonumber(get('gap')) or 0) + now - left >= tonumber(ARGV[6]) then return { 'Exhausted' } end
end

local next = again and tokens or tokens + 1
-- A script names its keys, and a grant its sequence, before it runs: come again with what stands here.
if sequence ~= next or (KEYS[3] or '') ~= token then return { 'Retry', tostring(next), token, get('verstat') } end

-- One that cannot be deleted admits its stream just now.
if (not KEYS[3] or redis.call('DEL', KEYS[3]) == 0) and again then return { 'Stale' } end
redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4])
redis.call('HSET', record, 'state', 'minted', 'tokens', ARGV[2], 'token', KEYS[2], 'again', again and '1' or '',
    'resumes', tostring(resumes), 'left', string.format('%.0f', left))
-- Said of the stream that was live, not of those that did not come to be.
if state == 'live' then redis.call('HSET', record, 'cut', '1') end
if state == 'handing-over' then redis.call('HSET', record, 'cut', '') end
-- A stream that did not come to be was refused, or there was nobody who could have: that takes some seconds to change.
return { 'Issued', (state == 'minted' and not again) and '1' or '' }
