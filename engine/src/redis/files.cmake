djcache_room(
  redis
  ON core link resp root text
  SOURCES
    detours.cc
    join.cc
    redis_backend.cc
    reading.cc
  TESTS
    detours_test.cc
    join_test.cc
    redis_backend_test.cc
    reading_test.cc)
