-- ARGV: the origin, the time, since when an id counts as seen, how many streams, the term and the
-- name of each, then the head and the text of each event. A head is `stream date flags day terms id`.
local p = KEYS[1]
local meta, log = p .. ':meta', p .. ':log'
local now, oldest, streams = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', meta, 'origin', 'sequence')
if known[1] ~= ARGV[1] then
  return redis.error_reply('ERR the store was emptied or replaced since this server opened it')
end
local before = tonumber(known[2])
local sequence = before
for index = 5 + 2 * streams, #ARGV, 2 do
  local head = ARGV[index]
  local stream, day, terms, id = head:match('^(%S+) %S+ %S+ (%S+) (%S+) (.*)$')
  local ids = p .. ':i:' .. stream
  local seen = redis.call('HGET', ids, id)
  if not seen or tonumber(seen:match(' (%d+)$')) < oldest then
    sequence = sequence + 1
    local number = string.format('%.0f', sequence)
    local place = day .. string.format('%013.0f', sequence)
    redis.call('XADD', log, number .. '-0', 'h', now .. ' ' .. head, 'b', ARGV[index + 1])
    redis.call('HSET', ids, id, number .. ' ' .. now)
    for term in terms:gmatch('[^,]+') do
      redis.call('ZADD', p .. ':t:' .. term, 0, place)
    end
  end
end
if sequence > before then
  for index = 5, 4 + 2 * streams, 2 do
    redis.call('HSETNX', p .. ':streams', ARGV[index], ARGV[index + 1])
  end
  redis.call('HSET', meta, 'sequence', string.format('%.0f', sequence))
  -- Whoever may not publish may still write.
  redis.pcall('PUBLISH', p .. ':changed', '')
end
return 'OK'
