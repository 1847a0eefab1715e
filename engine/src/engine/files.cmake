djcache_room(
  engine
  SOURCES engine.cc engine_core.cc poster.cc random_seed.cc
  TESTS contract_counters_test.cc
        contract_get_or_set_test.cc
    contract_layers_test.cc
        contract_many_test.cc
        contract_operations_test.cc
        contract_ttl_test.cc
        contract_values_test.cc
        contract_versions_test.cc
        engine_fixture.cc
        lifetime_destruction_test.cc
        lifetime_disconnect_test.cc
        lifetime_reentrant_test.cc
        lifetime_rules_test.cc
        memory_test.cc
        lifetime_posting_test.cc
        pool_behaviour_test.cc
        pool_replicas_test.cc
        pool_sharing_test.cc
        weather_connect_test.cc
        weather_loss_test.cc
        weather_replies_test.cc)
