# The reader of case files: a library, for the suite and for the fuzz target of case files.
if(NOT TARGET djcache_cases)
  # Its files are many and small: batches compile in a third of the time.
  option(DJCACHE_CONFORMANCE_UNITY "Compile the suite's files in a few batches" OFF)
  add_library(
    djcache_cases STATIC
    "${CMAKE_CURRENT_LIST_DIR}/check_case.cc"
    "${CMAKE_CURRENT_LIST_DIR}/load.cc"
    "${CMAKE_CURRENT_LIST_DIR}/node.cc"
    "${CMAKE_CURRENT_LIST_DIR}/parse_json.cc"
    "${CMAKE_CURRENT_LIST_DIR}/placeholder.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_call.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_call_steps.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_case.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_engine_steps.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_server_steps.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_settings.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_step.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_text_tags.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_time_tags.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_value.cc"
    "${CMAKE_CURRENT_LIST_DIR}/read_wait_steps.cc"
    "${CMAKE_CURRENT_LIST_DIR}/write_value.cc")
  djcache_own_target(djcache_cases)
  target_compile_options(djcache_cases PRIVATE ${DJCACHE_TEST_FLAGS})
  target_include_directories(djcache_cases PUBLIC "${djcache_SOURCE_DIR}/conformance")
  target_link_libraries(djcache_cases PUBLIC djcache_for_tests djcache_harness_for_tests djcache::deps::nlohmann_json)
  set_target_properties(djcache_cases PROPERTIES UNITY_BUILD ${DJCACHE_CONFORMANCE_UNITY} UNITY_BUILD_BATCH_SIZE 13)
  djcache_precompile(djcache_cases <nlohmann/json.hpp> <djcache/djcache.h> <functional> <map>)
endif()
