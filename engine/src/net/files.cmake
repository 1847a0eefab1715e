djcache_room(net SOURCES coarse_clock.cc loop_host.cc mailbox.cc pool_driver.cc runtime.cc socket.cc)
