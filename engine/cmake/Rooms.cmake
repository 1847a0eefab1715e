# A room is one folder of engine/src. Its files.cmake says, once, which sources and tests it has:
#   djcache_room(resp SOURCES encoder.cc reader.cc TESTS encoder_test.cc reader_test.cc)
# The sources join the library; the tests become one GoogleTest program, djcache_<room>_test.
# In a unity build each room is one unit, whatever the embedder's batch size: so what is built there is what was tested.
# Sources that ALONE names, too, stay by themselves.

# djcache_room(<name> [SOURCES <file>...] [ALONE <file>...] [TESTS <file>...]); paths are relative to the calling files.cmake.
function(djcache_room name)
  cmake_parse_arguments(arg "" "" "SOURCES;ALONE;TESTS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "djcache_room(${name}): neither SOURCES, ALONE nor TESTS: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  list(TRANSFORM arg_SOURCES PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
  list(TRANSFORM arg_TESTS PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
  target_sources(djcache PRIVATE ${arg_SOURCES})
  set_source_files_properties(${arg_SOURCES} PROPERTIES UNITY_GROUP ${name})
  if(arg_ALONE)
    list(TRANSFORM arg_ALONE PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
    set_source_files_properties(${arg_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  if(TARGET djcache_twin)
    target_sources(djcache_twin PRIVATE ${arg_SOURCES})
  endif()
  if(arg_TESTS)
    set_property(GLOBAL APPEND PROPERTY DJCACHE_ROOMS_WITH_TESTS ${name})
    set_property(GLOBAL PROPERTY DJCACHE_TESTS_OF_${name} ${arg_TESTS})
  endif()
endfunction()

# Sanitizers make compilers slow on GoogleTest's macros; the code under test is what they must look at.
set(DJCACHE_TEST_FLAGS "" CACHE STRING "Further compiler flags of the test programs")

# A sanitized program takes long to start, so starting one for each case would be most of what a run takes.
option(DJCACHE_TEST_WHOLE "One CTest per test program instead of one per case" OFF)

# djcache_source_folder(<macro> <folder of the checkout> <file>...): these files alone are told where it is. A definition of the
# whole program would have every file compiled anew in each checkout, whatever a compiler cache knows.
function(djcache_source_folder macro folder)
  set_property(SOURCE ${ARGN} DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY COMPILE_DEFINITIONS
                                                                       "${macro}=\"${PROJECT_SOURCE_DIR}/${folder}\"")
endfunction()

# The headers of all test programs, compiled once for all of them: they have the same flags and definitions.
function(djcache_share_test_headers target)
  if(NOT TARGET djcache_test_headers)
    set(nothing "${djcache_BINARY_DIR}/engine/test_headers.cc")
    file(WRITE "${nothing}.new" "// Compiled for the sake of the headers beside it.\n")
    file(COPY_FILE "${nothing}.new" "${nothing}" ONLY_IF_DIFFERENT)
    add_library(djcache_test_headers OBJECT "${nothing}")
    djcache_own_target(djcache_test_headers)
    target_compile_options(djcache_test_headers PRIVATE ${DJCACHE_TEST_FLAGS})
    target_link_libraries(djcache_test_headers PRIVATE djcache_for_tests djcache_internals GTest::gmock)
    djcache_precompile(djcache_test_headers <gmock/gmock.h> <gtest/gtest.h> <djcache/djcache.h> <functional> <random>)
  endif()
  djcache_precompile(${target} REUSE_FROM djcache_test_headers)
endfunction()

# djcache_gtest(<target> LABEL <label> SOURCES <file>...): one program, one CTest per case unless DJCACHE_TEST_WHOLE.
function(djcache_gtest target)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES" ${ARGN})
  add_executable(${target} ${arg_SOURCES})
  djcache_own_target(${target})
  target_compile_options(${target} PRIVATE ${DJCACHE_TEST_FLAGS})
  target_include_directories(${target} PRIVATE "${djcache_SOURCE_DIR}/engine/src")
  target_link_libraries(${target} PRIVATE djcache_for_tests djcache_internals GTest::gmock_main)
  if(TARGET djcache_harness_for_tests)
    target_link_libraries(${target} PRIVATE djcache_harness_for_tests)
  endif()
  list(LENGTH arg_SOURCES files)
  if(files GREATER 3)
    djcache_share_test_headers(${target})
  endif()
  if(DJCACHE_TEST_WHOLE)
    # ci/count reads the report: a case is counted, not a program.
    add_test(NAME ${target} COMMAND ${target} --gtest_brief=1 "--gtest_output=xml:${djcache_BINARY_DIR}/cases/${target}.xml")
    set_tests_properties(${target} PROPERTIES TIMEOUT 600 LABELS ${arg_LABEL})
  else()
    gtest_discover_tests(
      ${target}
      DISCOVERY_MODE PRE_TEST
      PROPERTIES TIMEOUT 60 LABELS ${arg_LABEL})
  endif()
endfunction()

# The test programs of all rooms. Called once, after the harness, which they link.
function(djcache_add_room_tests)
  get_property(rooms GLOBAL PROPERTY DJCACHE_ROOMS_WITH_TESTS)
  foreach(room IN LISTS rooms)
    get_property(tests GLOBAL PROPERTY DJCACHE_TESTS_OF_${room})
    djcache_gtest(djcache_${room}_test LABEL ${room} SOURCES ${tests})
  endforeach()
endfunction()
