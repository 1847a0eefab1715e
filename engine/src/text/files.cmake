djcache_room(
  text
  ON resp value
  SOURCES
    foreign.cc
    hidden.cc
    hints.cc
    key_index.cc
    python_repr.cc
  TESTS
    foreign_test.cc
    key_index_test.cc
    python_repr_test.cc)
