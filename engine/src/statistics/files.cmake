djcache_room(statistics SOURCES prometheus.cc TESTS prometheus_test.cc)
