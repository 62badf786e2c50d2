-- Takes a place for a call that is about to be answered, or says which budget is used up. Asked again for the same call, the place is the same.
-- KEYS: all calls, the caller's calls, the caller's last hour, the day (a prefix). What each holds is said in CallBudgets.cs.
local calls, caller, hour = KEYS[1], KEYS[2], KEYS[3]
local call, lifetime = ARGV[1], tonumber(ARGV[2])
local limit = {}
for i = 1, 5 do limit[i] = tonumber(ARGV[2 + i]) end

-- Of all clocks only this one is the same for every replica.
local now = tonumber(redis.call('TIME')[1])
local day = KEYS[4] .. math.floor(now / 86400)

redis.call('ZREMRANGEBYSCORE', calls, '-inf', now)
redis.call('ZREMRANGEBYSCORE', caller, '-inf', now)
redis.call('ZREMRANGEBYSCORE', hour, '-inf', now - 3600)

local function reached(limit, used)
    return limit > 0 and used >= limit
end

if not redis.call('ZSCORE', calls, call) then
    local spent = redis.call('HMGET', day, 'milliseconds', 'microdollars')
    if reached(limit[5] * 1000000, tonumber(spent[2] or 0)) then return 'DollarsPerDay' end
    if reached(limit[4] * 60000, tonumber(spent[1] or 0)) then return 'MinutesPerDay' end
    if reached(limit[3], redis.call('ZCARD', hour)) then return 'CallsPerCallerPerHour' end
    if reached(limit[2], redis.call('ZCARD', caller)) then return 'CallsPerCaller' end
    if reached(limit[1], redis.call('ZCARD', calls)) then return 'Calls' end
    redis.call('ZADD', hour, now, call)
    redis.call('EXPIRE', hour, 3600)
end

for _, key in ipairs({ calls, caller }) do
    redis.call('ZADD', key, now + lifetime, call)
    redis.call('EXPIRE', key, 60)
end
return 'Granted'
