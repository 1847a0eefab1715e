# The simulator: the whole engine, linked against a libuv of this room, which lives in virtual time.
if(DJCACHE_BUILD_TESTS)
  add_library(
    djcache_simulation OBJECT
    "${CMAKE_CURRENT_LIST_DIR}/fleet.cc"
    "${CMAKE_CURRENT_LIST_DIR}/judge.cc"
    "${CMAKE_CURRENT_LIST_DIR}/judge_errors.cc"
    "${CMAKE_CURRENT_LIST_DIR}/loop.cc"
    "${CMAKE_CURRENT_LIST_DIR}/memory.cc"
    "${CMAKE_CURRENT_LIST_DIR}/network.cc"
    "${CMAKE_CURRENT_LIST_DIR}/network_faults.cc"
    "${CMAKE_CURRENT_LIST_DIR}/plan.cc"
    "${CMAKE_CURRENT_LIST_DIR}/program.cc"
    "${CMAKE_CURRENT_LIST_DIR}/program_ends.cc"
    "${CMAKE_CURRENT_LIST_DIR}/program_issue.cc"
    "${CMAKE_CURRENT_LIST_DIR}/program_lease.cc"
    "${CMAKE_CURRENT_LIST_DIR}/server.cc"
    "${CMAKE_CURRENT_LIST_DIR}/server_commands.cc"
    "${CMAKE_CURRENT_LIST_DIR}/simulation.cc"
    "${CMAKE_CURRENT_LIST_DIR}/system_calls.cc"
    "${CMAKE_CURRENT_LIST_DIR}/tls.cc"
    "${CMAKE_CURRENT_LIST_DIR}/truth.cc"
    "${CMAKE_CURRENT_LIST_DIR}/uv_loop.cc"
    "${CMAKE_CURRENT_LIST_DIR}/uv_poll.cc"
    "${CMAKE_CURRENT_LIST_DIR}/world.cc")
  djcache_own_target(djcache_simulation)
  target_include_directories(djcache_simulation PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
  target_link_libraries(djcache_simulation PRIVATE djcache_for_tests djcache_internals)

  djcache_room(
    simulation HARNESS
    ON codec engine link net redis reliability tls
    TESTS exhaustive_test.cc simulation_test.cc $<TARGET_OBJECTS:djcache_simulation>)

  add_executable(djcache_simulate "${CMAKE_CURRENT_LIST_DIR}/simulate.cc" $<TARGET_OBJECTS:djcache_simulation>)
  djcache_own_target(djcache_simulate)
  target_include_directories(djcache_simulate PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
  target_link_libraries(djcache_simulate PRIVATE djcache_for_tests djcache_internals)

  # The bugs of planted.h. A test each, which succeeds when the simulator finds it.
  add_executable(
    djcache_planted
    "${CMAKE_CURRENT_LIST_DIR}/planted.cc" "${CMAKE_CURRENT_LIST_DIR}/planted_bugs.cc"
    "${CMAKE_CURRENT_LIST_DIR}/../calls.cc" "${CMAKE_CURRENT_LIST_DIR}/../link/connection.cc"
    "${CMAKE_CURRENT_LIST_DIR}/../link/connection_end.cc"
    "${CMAKE_CURRENT_LIST_DIR}/../link/connection_handshake.cc"
    "${CMAKE_CURRENT_LIST_DIR}/../net/tls_transport.cc" "${CMAKE_CURRENT_LIST_DIR}/../sentinel/service.cc"
    $<TARGET_OBJECTS:djcache_simulation>)
  djcache_own_target(djcache_planted)
  target_compile_definitions(djcache_planted PRIVATE DJCACHE_PLANTS)
  target_include_directories(djcache_planted PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
  target_link_libraries(djcache_planted PRIVATE djcache_for_tests djcache_internals)
  foreach(bug IN ITEMS slot_removed_on_cancel callback_before_poison no_tombstone_on_timeout reply_after_reconnect
                       double_completion_on_abort part_is_unsolicited order_lost_over_restart barrier_lets_one_through
                       no_name_check_for_addresses plaintext_kept_over_reconnect role_not_asked
                       push_trusted_without_asking)
    add_test(NAME simulation.finds_${bug} COMMAND djcache_planted ${bug})
    set_tests_properties(simulation.finds_${bug} PROPERTIES LABELS simulation TIMEOUT 120 PASS_REGULAR_EXPRESSION
                                                                                          "found by seed [0-9]+")
  endforeach()
endif()
