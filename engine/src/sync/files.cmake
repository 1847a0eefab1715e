djcache_room(
  sync HARNESS
  ON cache client engine root settings value
  SOURCES callers.cc core.cc get_or_set.cc loop.cc sync_additions.cc sync_cache.cc sync_engine.cc
  TESTS sync_additions_test.cc sync_calls_test.cc sync_drive_test.cc sync_end_test.cc sync_fixture.h sync_fork_test.cc sync_options_test.cc
        sync_weather_test.cc)
