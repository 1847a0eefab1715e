djcache_room(redis SOURCES join.cc redis_backend.cc shape.cc)
