djcache_room(resp SOURCES parser.cc)
