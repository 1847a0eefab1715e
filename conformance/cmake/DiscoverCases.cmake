# djcache_discover_cases(<target> <cases>): one CTest per case and configuration. As with
# gtest_discover_tests in PRE_TEST mode, the program lists them when ctest starts, so that a changed
# case file needs no build. DJCACHE_CONFORMANCE_TESTS has the program's options that select the
# configurations; empty for all of them, OFF for no such tests.
set(DJCACHE_CONFORMANCE_TESTS "--flavour callback --server redis"
    CACHE STRING "Which configurations have a CTest for each case (options of djcache-conformance)")
function(djcache_discover_cases target cases)
  if(DJCACHE_CONFORMANCE_TESTS STREQUAL "OFF")
    return()
  endif()
  separate_arguments(chosen UNIX_COMMAND "${DJCACHE_CONFORMANCE_TESTS}")
  set(script "${CMAKE_CURRENT_BINARY_DIR}/${target}_discover.cmake")
  file(
    GENERATE
    OUTPUT "${script}"
    CONTENT
      "set(program [==[$<TARGET_FILE:${target}>]==])
set(cases [==[${cases}]==])
set(list [==[${CMAKE_CURRENT_BINARY_DIR}/${target}_tests.cmake]==])
if(EXISTS \"\${program}\")
  execute_process(COMMAND \"\${program}\" --list-ctest ${chosen} \"\${cases}\" OUTPUT_FILE \"\${list}\" RESULT_VARIABLE result)
endif()
if(NOT EXISTS \"\${program}\")
  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)
elseif(NOT result EQUAL 0)
  add_test(${target}_NOT_LISTED \"\${program}\" --check \"\${cases}\")
else()
  include(\"\${list}\")
endif()
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${script}")
endfunction()
