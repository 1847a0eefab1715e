djcache_room(dummy ON core root text SOURCES dummy_backend.cc)
