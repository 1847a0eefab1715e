djcache_room(cache SOURCES cache.cc cache_many.cc get_or_set.cc key.cc python_repr.cc TESTS key_test.cc)
