djcache_room(stampede ON cache codec memory TESTS decorator_test.cc
    early_refresh_test.cc sharing_test.cc stampede_fixture.cc)
