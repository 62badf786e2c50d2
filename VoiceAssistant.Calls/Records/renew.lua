-- Keeps a call's lease, also where Redis has forgotten it, and what was said with it.
-- KEYS: the lease, what was said. ARGV: the token's sequence, the lease's lifetime, the other one's.
local held = redis.call('GET', KEYS[1])
if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
