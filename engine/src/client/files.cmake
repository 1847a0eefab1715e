djcache_room(
  client
  ON cache link redis resp root value
  SOURCES
    client.cc
    conduct.cc
    exchange.cc
    lease_core.cc
    listener.cc
    reply_tree.cc
  TESTS
    conduct_test.cc
    reply_test.cc)
