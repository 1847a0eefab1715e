djcache_room(stampede TESTS early_refresh_test.cc sharing_test.cc stampede_fixture.cc)
