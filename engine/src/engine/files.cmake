djcache_room(engine SOURCES engine.cc engine_core.cc)
