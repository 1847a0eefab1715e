# Tests alone: each has the number of the promise that it keeps, and prints its figure. engine/docs/reliability.md.
djcache_room(
  reliability HARNESS
  ON engine resp sync
  TESTS bombs_test.cc
        drivers_test.cc
        reentrancy_test.cc
        redaction_test.cc
        splits_test.cc
        threads_test.cc
        weather_test.cc
        ../engine/engine_fixture.cc)
