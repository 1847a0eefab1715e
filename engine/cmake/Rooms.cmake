# A room is one folder of engine/src. Its files.cmake says, once, which sources and tests it has, and
# which rooms it stands on:
#   djcache_room(text ON resp value SOURCES hints.cc TESTS hints_test.cc)
# ON is the rule of ci/tidy, too: a room includes the headers of these rooms alone. The sources are
# compiled once, as the object library djcache_room_<room>, of which the library is made. The tests
# become one GoogleTest program, djcache_<room>_test. It links the objects of its room and of the
# rooms below, so it builds without the rest of the library; HARNESS gives it the harness, which
# needs the whole library. In a unity build each room is one unit, whatever the embedder's batch
# size, so that what is built there is what was tested. ALONE names the sources that stay outside
# of the unit.

# djcache_room(<name> [HARNESS] [ON <room>...] [SOURCES <file>...] [ALONE <file>...] [TESTS <file>...])
# Paths are relative to the calling files.cmake.
function(djcache_room name)
  cmake_parse_arguments(arg "HARNESS" "" "ON;SOURCES;ALONE;TESTS" ${ARGN})
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "djcache_room(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  foreach(files IN ITEMS SOURCES ALONE TESTS)
    list(TRANSFORM arg_${files} PREPEND "${CMAKE_CURRENT_LIST_DIR}/" REGEX "^[^$]")
  endforeach()
  if(arg_ALONE)
    set_source_files_properties(${arg_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  set_property(GLOBAL PROPERTY DJCACHE_${name}_ON ${arg_ON})
  if(arg_SOURCES)
    djcache_add_objects(djcache djcache_room_${name} ${arg_SOURCES})
    if(TARGET djcache_twin)
      djcache_add_objects(djcache_twin djcache_twin_room_${name} ${arg_SOURCES})
    endif()
  endif()
  if(arg_TESTS)
    set_property(GLOBAL APPEND PROPERTY DJCACHE_ROOMS_WITH_TESTS ${name})
    set_property(GLOBAL PROPERTY DJCACHE_${name}_TESTS ${arg_TESTS})
    set_property(GLOBAL PROPERTY DJCACHE_${name}_HARNESS ${arg_HARNESS})
  endif()
endfunction()

# djcache_add_objects(<library> <target> <file>...): compiles the files as one part of the library.
function(djcache_add_objects library target)
  add_library(${target} OBJECT ${ARGN})
  djcache_library_flags(${target} ${library})
  set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
  target_sources(${library} PRIVATE $<TARGET_OBJECTS:${target}>)
endfunction()

# The objects of a room and of all rooms it stands on, as generator expressions.
function(djcache_objects_of room result)
  set(prefix djcache_room_)
  if(TARGET djcache_twin)
    set(prefix djcache_twin_room_)
  endif()
  set(rooms "")
  set(objects "")
  set(waiting ${room})
  while(waiting)
    list(POP_FRONT waiting next)
    if(NOT next IN_LIST rooms)
      list(APPEND rooms ${next})
      if(TARGET ${prefix}${next})
        list(APPEND objects $<TARGET_OBJECTS:${prefix}${next}>)
      endif()
      get_property(below GLOBAL PROPERTY DJCACHE_${next}_ON)
      list(APPEND waiting ${below})
    endif()
  endwhile()
  set(${result} ${objects} PARENT_SCOPE)
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
    target_link_libraries(djcache_test_headers PRIVATE djcache_internals GTest::gmock)
    djcache_precompile(djcache_test_headers <gmock/gmock.h> <gtest/gtest.h> <djcache/djcache.h> <functional> <random>)
  endif()
  djcache_precompile(${target} REUSE_FROM djcache_test_headers)
endfunction()

# djcache_gtest(<target> LABEL <label> SOURCES <file>... [OBJECTS <object>...]): one program, with one
# CTest per case unless DJCACHE_TEST_WHOLE. It links the objects if there are any, otherwise the
# library and the harness.
function(djcache_gtest target)
  cmake_parse_arguments(arg "" "LABEL" "SOURCES;OBJECTS" ${ARGN})
  add_executable(${target} ${arg_SOURCES} ${arg_OBJECTS})
  djcache_own_target(${target})
  target_compile_options(${target} PRIVATE ${DJCACHE_TEST_FLAGS})
  if(NOT arg_OBJECTS)
    target_link_libraries(${target} PRIVATE djcache_harness_for_tests djcache_for_tests)
  endif()
  target_link_libraries(${target} PRIVATE djcache_internals GTest::gmock_main)
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

# The test programs of all rooms. Called once, after the harness, which some of them link.
function(djcache_add_room_tests)
  get_property(rooms GLOBAL PROPERTY DJCACHE_ROOMS_WITH_TESTS)
  foreach(room IN LISTS rooms)
    get_property(tests GLOBAL PROPERTY DJCACHE_${room}_TESTS)
    get_property(harness GLOBAL PROPERTY DJCACHE_${room}_HARNESS)
    set(objects "")
    if(NOT harness)
      djcache_objects_of(${room} objects)
    endif()
    djcache_gtest(djcache_${room}_test LABEL ${room} SOURCES ${tests} OBJECTS ${objects})
  endforeach()
endfunction()
