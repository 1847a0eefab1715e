# Each compressor is built where its library is.
set(compressor_files "")
if(DJCACHE_WITH_ZLIB)
  list(APPEND compressor_files compressor_zlib.cc)
endif()
if(DJCACHE_WITH_ZSTD)
  list(APPEND compressor_files compressor_zstd.cc)
endif()
if(DJCACHE_WITH_LZ4)
  list(APPEND compressor_files compressor_lz4.cc)
endif()
if(DJCACHE_WITH_LZMA)
  list(APPEND compressor_files compressor_lzma.cc)
endif()

# Values exchanged with the Python of this machine, where there is one.
if(DJCACHE_BUILD_TESTS)
  find_program(DJCACHE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
endif()
set(pickle_python_test "")
if(DJCACHE_PYTHON)
  set(pickle_python_test pickle_differential_test.cc pickle_python_test.cc)
elseif(DJCACHE_BUILD_TESTS)
  message(STATUS "djcache: no test of pickle against Python (Debian: python3)")
endif()

djcache_room(
  codec
  ON value
  SOURCES
    codec.cc
    compressor.cc
    embedded.cc
    integer_text.cc
    json_decode.cc
    json_encode.cc
    json_text.cc
    layered.cc
    msgpack_decode.cc
    msgpack_encode.cc
    msgpack_types.cc
    pickle_address.cc
    pickle_build.cc
    pickle_construct.cc
    pickle_containers.cc
    pickle_datetime.cc
    pickle_decode.cc
    pickle_encode.cc
    pickle_encode_objects.cc
    pickle_error.cc
    pickle_globals.cc
    pickle_graph.cc
    pickle_instruction.cc
    pickle_integer.cc
    pickle_machine.cc
    pickle_machine_data.cc
    pickle_numbers.cc
    pickle_numpy.cc
    pickle_opcodes.cc
    pickle_outline.cc
    pickle_plain.cc
    pickle_plain_containers.cc
    pickle_python_2.cc
    pickle_rewriter.cc
    pickle_text.cc
    pickle_writer.cc
    raw.cc
    signer.cc
    ${compressor_files}
  ALONE # each compressor has its own library's headers and macros, and both sides of a format name their helpers alike
    ${compressor_files}
    msgpack_decode.cc
    msgpack_encode.cc
  TESTS
    codec_fixture.cc
    codec_parts_test.cc
    compressor_test.cc
    elements_test.cc
    embedded_test.cc
    encode_limits_test.cc
    generator_fixture.cc
    golden_fixture.cc
    golden_test.cc
    integer_text_test.cc
    json_test.cc
    layered_test.cc
    memory_test.cc
    msgpack_decode_test.cc
    msgpack_encode_test.cc
    msgpack_generated_test.cc
    out_of_memory_test.cc
    pickle_calls_fixture.h
    pickle_classes_test.cc
    pickle_decode_test.cc
    pickle_foreign_test.cc
    pickle_golden_test.cc
    pickle_limits_test.cc
    pickle_number_classes_test.cc
    pickle_opaque_test.cc
    pickle_page_test.cc
    pickle_plain_test.cc
    pickle_refusals_test.cc
    ${pickle_python_test}
    pickle_whole_text_test.cc
    pickle_zones_test.cc
    raw_test.cc
    signed_test.cc
    typed_fixture.cc
    work_test.cc)
foreach(file IN ITEMS golden_fixture golden_test integer_text_test pickle_foreign_test pickle_golden_test pickle_plain_test)
  djcache_source_folder(DJCACHE_FIXTURES fixtures "${CMAKE_CURRENT_LIST_DIR}/${file}.cc")
endforeach()
djcache_source_folder(DJCACHE_PAGES engine/docs "${CMAKE_CURRENT_LIST_DIR}/pickle_page_test.cc")
djcache_source_folder(DJCACHE_CODEC_FOLDER engine/src/codec "${CMAKE_CURRENT_LIST_DIR}/compressor_test.cc")
set_source_files_properties(
  "${CMAKE_CURRENT_LIST_DIR}/pickle_python_test.cc"
  DIRECTORY "${PROJECT_SOURCE_DIR}"
  PROPERTIES COMPILE_DEFINITIONS
             "DJCACHE_PYTHON_PICKLES=\"'${DJCACHE_PYTHON}' '${CMAKE_CURRENT_LIST_DIR}/pickle_values.py'\"")
set_source_files_properties(
  "${CMAKE_CURRENT_LIST_DIR}/pickle_differential_test.cc"
  DIRECTORY "${PROJECT_SOURCE_DIR}"
  PROPERTIES COMPILE_DEFINITIONS
             "DJCACHE_PYTHON_MUTATIONS=\"'${DJCACHE_PYTHON}' -B '${CMAKE_CURRENT_LIST_DIR}/pickle_mutations.py'\"")

# More of them where there is time: ctest -L oracle.
if(DJCACHE_PYTHON AND DJCACHE_TEST_ORACLE)
  add_test(NAME oracle.pickles COMMAND djcache_codec_test "--gtest_filter=PickleDifferential.*:PicklePython.*")
  set_tests_properties(oracle.pickles PROPERTIES LABELS oracle TIMEOUT 600 ENVIRONMENT DJCACHE_PICKLE_MUTATIONS=100000)
endif()

if(DJCACHE_PYTHON)
  set_property(
    SOURCE "${CMAKE_CURRENT_LIST_DIR}/pickle_foreign_test.cc"
    DIRECTORY "${PROJECT_SOURCE_DIR}"
    APPEND
    PROPERTY COMPILE_DEFINITIONS
             "DJCACHE_PYTHON_FOREIGN=\"'${DJCACHE_PYTHON}' '${CMAKE_CURRENT_LIST_DIR}/pickle_foreign.py'\"")
  set_property(
    SOURCE "${CMAKE_CURRENT_LIST_DIR}/pickle_opaque_test.cc"
    DIRECTORY "${PROJECT_SOURCE_DIR}"
    APPEND
    PROPERTY COMPILE_DEFINITIONS
             "DJCACHE_PYTHON_OPAQUE=\"'${DJCACHE_PYTHON}' '${CMAKE_CURRENT_LIST_DIR}/pickle_opaque.py'\"")
endif()

# The golden values against the Python class printed in engine/docs/msgpack.md, where Python has msgpack.
if(DJCACHE_BUILD_TESTS)
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

  # And against the class of engine/docs/signed.md, Django's JSON encoder, and Python's compressors.
  set(python_has_django 1)
  if(python_has_msgpack EQUAL 0)
    execute_process(COMMAND "${DJCACHE_PYTHON}" -c "import django.core.cache.backends.redis, redis"
                    RESULT_VARIABLE python_has_django ERROR_QUIET OUTPUT_QUIET)
  endif()
  if(python_has_django EQUAL 0)
    add_test(NAME StoredValues.AreWhatDjangoAndTheDocumentedSignedClassWrite
             COMMAND "${DJCACHE_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/stored_values.py" --check)
    set_tests_properties(StoredValues.AreWhatDjangoAndTheDocumentedSignedClassWrite PROPERTIES TIMEOUT 60 LABELS codec)
  else()
    message(STATUS "djcache: no test of json and signed values against Django (Debian: python3-django 4.2, python3-redis)")
  endif()

  set(python_is_recorded 1)
  if(DJCACHE_PYTHON)
    execute_process(COMMAND "${DJCACHE_PYTHON}" -c "import django, sys; sys.exit(sys.version_info[:2] != (3, 11))"
                    RESULT_VARIABLE python_is_recorded ERROR_QUIET)
  endif()
  if(python_is_recorded EQUAL 0)
    add_test(NAME PickleGolden.ValuesAreWhatPythonWrites
             COMMAND "${DJCACHE_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/pickle_values.py" --check)
    add_test(NAME PickleForeign.PicklesAreWhatThePackagesOfThisPythonWrite
             COMMAND "${DJCACHE_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/pickle_foreign.py" --check)
    set_tests_properties(PickleGolden.ValuesAreWhatPythonWrites PickleForeign.PicklesAreWhatThePackagesOfThisPythonWrite
                         PROPERTIES TIMEOUT 60 LABELS codec)
  else()
    message(STATUS "djcache: no test of the recorded pickles against Python 3.11 (Debian: python3-django)")
  endif()
endif()
