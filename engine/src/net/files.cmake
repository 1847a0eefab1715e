djcache_room(net SOURCES loop_host.cc mailbox.cc pool_driver.cc runtime.cc socket.cc)
