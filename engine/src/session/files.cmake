djcache_room(
  session HARNESS
  ON cache value
  SOURCES
    cookie.cc
    iso_datetime.cc
    session.cc
    session_core.cc
    session_expiry.cc
    session_hash.cc
    session_key.cc
    session_store.cc
    session_writes.cc
    set_cookie.cc
    sha256.cc
  TESTS
    cookie_test.cc
    iso_datetime_test.cc
    session_expiry_test.cc
    session_fixture.cc
    session_hash_test.cc
    session_key_test.cc
    session_lifetime_test.cc
    session_store_test.cc
    session_test.cc
    session_weather_test.cc
    set_cookie_test.cc)
