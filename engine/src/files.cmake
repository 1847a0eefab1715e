djcache_room(root SOURCES calls.cc)
