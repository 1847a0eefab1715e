djcache_room(differential TESTS differential_test.cc script.cc)
