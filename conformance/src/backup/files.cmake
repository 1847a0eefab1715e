# Saves and restores the keys of a user's database around a run: a library, for the suite and for
# its test.
add_library(
  djcache_backup STATIC
  "${CMAKE_CURRENT_LIST_DIR}/database.cc"
  "${CMAKE_CURRENT_LIST_DIR}/dump_reader.cc"
  "${CMAKE_CURRENT_LIST_DIR}/dump_stream.cc"
  "${CMAKE_CURRENT_LIST_DIR}/dump_writer.cc"
  "${CMAKE_CURRENT_LIST_DIR}/guard.cc"
  "${CMAKE_CURRENT_LIST_DIR}/interrupts.cc")
djcache_own_target(djcache_backup)
target_compile_options(djcache_backup PRIVATE ${DJCACHE_TEST_FLAGS})
target_include_directories(djcache_backup PUBLIC "${djcache_SOURCE_DIR}/conformance")
target_link_libraries(djcache_backup PUBLIC djcache_harness_for_tests)
set_target_properties(djcache_backup PROPERTIES UNITY_BUILD ${DJCACHE_CONFORMANCE_UNITY} UNITY_BUILD_BATCH_SIZE 13)
