set(tls_test "")
if(DJCACHE_WITH_TLS)
  set(tls_test tls_test.cc)
endif()
djcache_room(
  engine
  SOURCES engine.cc engine_core.cc poster.cc random_seed.cc
  TESTS additions_test.cc
        burst_test.cc
        contract_counters_test.cc
        contract_get_or_set_test.cc
        contract_layers_test.cc
        contract_many_test.cc
        contract_operations_test.cc
        contract_ttl_test.cc
        contract_values_test.cc
        contract_versions_test.cc
        credentials_test.cc
        engine_fixture.cc
        fallback_test.cc
        fork_test.cc
        lifetime_destruction_test.cc
        lifetime_disconnect_test.cc
        lifetime_misuse_test.cc
        lifetime_posting_test.cc
        lifetime_reentrant_test.cc
        lifetime_rules_test.cc
        key_order_test.cc
        large_transactions_test.cc
        least_privileges_test.cc
        lock_test.cc
        many_connections_test.cc
        memory_test.cc
        no_signal_test.cc
        other_loop_test.cc
        out_of_memory_test.cc
        pool_behaviour_test.cc
        pool_replicas_test.cc
        pool_sharing_test.cc
        raw_auth_test.cc
        raw_client_test.cc
        raw_lease_test.cc
        raw_subscriber_test.cc
        sentinel_test.cc
        ${tls_test}
        unavailable_test.cc
        weather_connect_test.cc
        weather_held_loop_test.cc
        weather_idle_test.cc
        weather_loss_test.cc
        weather_replies_test.cc)
djcache_source_folder(DJCACHE_PAGES engine/docs "${CMAKE_CURRENT_LIST_DIR}/least_privileges_test.cc")
