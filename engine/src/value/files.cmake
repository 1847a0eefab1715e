djcache_room(
  value
  SOURCES
    calendar.cc
    distinct.cc
    equal.cc
    error.cc
    hash.cc
    number_text.cc
    print.cc
    print_text.cc
    tree.cc
    utf8.cc
    value.cc
  TESTS
    deep_test.cc
    equal_test.cc
    pieces_test.cc
    print_test.cc
    value_as_test.cc
    value_test.cc)
set_source_files_properties(
  "${CMAKE_CURRENT_LIST_DIR}/print_test.cc" DIRECTORY "${PROJECT_SOURCE_DIR}"
  PROPERTIES COMPILE_DEFINITIONS "DJCACHE_FIXTURES=\"${PROJECT_SOURCE_DIR}/fixtures\"")
