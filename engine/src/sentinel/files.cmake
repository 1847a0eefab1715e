djcache_room(sentinel ON client net value SOURCES replies.cc service.cc TESTS replies_test.cc)
