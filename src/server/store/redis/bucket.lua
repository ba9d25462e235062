-- The stream of an owner's bucket: one of two. ARGV: the owner, the two streams, and the name to make
-- it with when it is not there. Gives the stream ('' for none) and whether it is new.
local buckets = KEYS[1] .. ':buckets'
local owner, first, second, name = ARGV[1] .. ' ', ARGV[2], ARGV[3], ARGV[4]
for _, stream in ipairs({ first, second }) do
  local bucket = redis.call('HGET', buckets, stream)
  if bucket and bucket:sub(1, #owner) == owner then return { stream, '0' } end
end
if not name then return { '', '0' } end
local stream = redis.call('HEXISTS', buckets, first) == 1 and second or first
redis.call('HSET', buckets, stream, owner .. name)
return { stream, '1' }
