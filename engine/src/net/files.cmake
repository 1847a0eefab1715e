djcache_room(net SOURCES loop_host.cc pool_driver.cc runtime.cc socket.cc)
