djcache_room(dummy SOURCES dummy_backend.cc)
