djcache_room(stampede TESTS decorator_test.cc
    early_refresh_test.cc sharing_test.cc stampede_fixture.cc)
