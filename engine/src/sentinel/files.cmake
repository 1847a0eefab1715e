djcache_room(sentinel SOURCES replies.cc service.cc TESTS replies_test.cc)
