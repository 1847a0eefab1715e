djcache_room(
  codec
  SOURCES
    codec.cc
    integer_text.cc
    msgpack_decode.cc
    msgpack_encode.cc
    msgpack_types.cc
    raw.cc
  TESTS
    codec_fixture.cc
    generator_fixture.cc
    golden_test.cc
    integer_text_test.cc
    msgpack_decode_test.cc
    msgpack_encode_test.cc
    msgpack_generated_test.cc
    raw_test.cc)
set_source_files_properties(
  "${CMAKE_CURRENT_LIST_DIR}/golden_test.cc" "${CMAKE_CURRENT_LIST_DIR}/integer_text_test.cc"
  DIRECTORY "${PROJECT_SOURCE_DIR}"
  PROPERTIES COMPILE_DEFINITIONS "DJCACHE_FIXTURES=\"${PROJECT_SOURCE_DIR}/fixtures\"")

# The golden values against the Python class printed in engine/docs/msgpack.md, where Python has msgpack.
if(DJCACHE_BUILD_TESTS)
  find_program(DJCACHE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  set(python_has_msgpack 1)
  if(DJCACHE_PYTHON)
    execute_process(COMMAND "${DJCACHE_PYTHON}" -c "import msgpack" RESULT_VARIABLE python_has_msgpack ERROR_QUIET)
  endif()
  if(python_has_msgpack EQUAL 0)
    add_test(NAME GoldenValues.AreWhatTheDocumentedPythonClassWrites
             COMMAND "${DJCACHE_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/golden_values.py" --check)
    set_tests_properties(GoldenValues.AreWhatTheDocumentedPythonClassWrites PROPERTIES TIMEOUT 60 LABELS codec)
  else()
    message(STATUS "djcache: no test of the golden values against Python (Debian: python3-msgpack)")
  endif()
endif()
