-- Makes what is not there yet. ARGV: the origin of a new store, or '' where there must be one, and the
-- version.
local meta = KEYS[1] .. ':meta'
if ARGV[1] == '' and redis.call('HEXISTS', meta, 'origin') == 0 then
  return redis.error_reply('ERR the store was emptied since this server opened it')
end
redis.call('HSETNX', meta, 'origin', ARGV[1])
redis.call('HSETNX', meta, 'version', ARGV[2])
redis.call('HSETNX', meta, 'sequence', '0')
return redis.call('HMGET', meta, 'origin', 'version')
