djcache_room(statistics ON value SOURCES prometheus.cc TESTS prometheus_test.cc)
