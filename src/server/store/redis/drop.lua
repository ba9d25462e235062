-- Forgets a stream, so many events at once: others wait while a script runs. ARGV: its term, its
-- name. Gives whether there is more, and whether there was anything.
local p, stream, name = KEYS[1], ARGV[1], ARGV[2]
local EVENTS = 1000
local log, ids, list = p .. ':log', p .. ':i:' .. stream, p .. ':t:' .. stream
local places = redis.call('ZRANGE', list, 0, EVENTS - 1)
for _, place in ipairs(places) do
  local number = string.format('%.0f', tonumber(place:sub(21)))
  local head = redis.call('XRANGE', log, number, number)[1][2][2]
  local terms, id = head:match('^%S+ %S+ %S+ %S+ %S+ (%S+) (.*)$')
  for term in terms:gmatch('[^,]+') do redis.call('ZREM', p .. ':t:' .. term, place) end
  redis.call('HDEL', ids, id)
  redis.call('XDEL', log, number)
end
if #places == EVENTS then return { '1', '1' } end
redis.call('HDEL', p .. ':streams', stream)
local was_bucket = redis.call('HDEL', p .. ':buckets', name) == 1
return { '0', (#places > 0 or was_bucket) and '1' or '0' }
