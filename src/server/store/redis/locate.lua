-- The sequence of an id. ARGV: the id, the term of its stream or ''. In several streams: the first,
-- for too much is better than too little.
local p, id = KEYS[1], ARGV[1]
local streams = ARGV[2] ~= '' and { ARGV[2] } or redis.call('HKEYS', p .. ':streams')
local least
for _, stream in ipairs(streams) do
  local seen = redis.call('HGET', p .. ':i:' .. stream, id)
  local sequence = seen and tonumber(seen:match('^(%d+)'))
  if sequence and (not least or sequence < least) then least = sequence end
end
return least and string.format('%.0f', least) or '0'
