djcache_room(
  engine
  SOURCES engine.cc engine_core.cc
  TESTS contract_counters_test.cc
        contract_many_test.cc
        contract_operations_test.cc
        contract_ttl_test.cc
        contract_versions_test.cc
        engine_fixture.cc
        lifetime_destruction_test.cc
        lifetime_disconnect_test.cc
        lifetime_reentrant_test.cc
        lifetime_rules_test.cc)
