djcache_room(
  root
  ON value
  SOURCES
    calls.cc
    fork_count.cc
    key_pattern.cc
  TESTS
    calls_fixture.h
    calls_memory_test.cc
    calls_test.cc
    deadlines_test.cc
    key_pattern_test.cc
    result_test.cc
    ring_test.cc
    unique_function_test.cc)
