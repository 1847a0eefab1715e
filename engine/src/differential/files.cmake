djcache_room(differential HARNESS TESTS differential_test.cc script.cc)
