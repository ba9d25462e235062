-- Makes what is not there yet. ARGV: the origin of a new store, the version.
local meta = KEYS[1] .. ':meta'
redis.call('HSETNX', meta, 'origin', ARGV[1])
redis.call('HSETNX', meta, 'version', ARGV[2])
redis.call('HSETNX', meta, 'sequence', '0')
return redis.call('HMGET', meta, 'origin', 'version')
