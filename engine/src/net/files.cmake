set(djcache_tests_of_tls_transport "")
if(DJCACHE_WITH_TLS)
  set(djcache_tests_of_tls_transport tls_transport_test.cc)
endif()
djcache_room(
  net HARNESS
  ON link resp tls
  SOURCES
  address.cc
  channel.cc
  coarse_clock.cc
  dialer.cc
  loop_host.cc
  mailbox.cc
  pool_driver.cc
  runtime.cc
  socket.cc
  system.cc
  tls_transport.cc
  transport.cc
  TESTS
  address_test.cc
  dialer_test.cc
  loop_clock_test.cc
  ${djcache_tests_of_tls_transport})
