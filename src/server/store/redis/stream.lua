-- How many events a stream has, and the heads of the first and the last. ARGV: its term.
local p = KEYS[1]
local places = p .. ':t:' .. ARGV[1]
local function head(index)
  local place = redis.call('ZRANGE', places, index, index)[1]
  if not place then return '' end
  local number = string.format('%.0f', tonumber(place:sub(21)))
  return redis.call('XRANGE', p .. ':log', number, number)[1][2][2]
end
return { tostring(redis.call('ZCARD', places)), head(0), head(-1) }
