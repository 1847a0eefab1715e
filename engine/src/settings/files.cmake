djcache_room(
  settings
  ON value
  SOURCES
    backend_kind.cc
    check.cc
    check_values.cc
    closest_name.cc
    explain.cc
    json_tree.cc
    option_choices.cc
    option_table.cc
    percent.cc
    read_cache.cc
    read_options.cc
    read_value.cc
    resolve.cc
    server_url.cc
    sentinel_options.cc
    settings.cc
    store_settings.cc
    tls_options.cc
    url_query.cc
    where.cc
  ALONE # two vocabularies that use the same words
    option_table.cc
    read_options.cc
  TESTS
    check_test.cc
    check_values_test.cc
    closest_name_test.cc
    json_tree_test.cc
    option_table_test.cc
    sentinel_options_test.cc
    server_url_test.cc
    settings_fixtures_test.cc
    settings_json_test.cc
    settings_people_test.cc)

# What real Django makes of the same dictionaries is recorded anew and compared.
if(DJCACHE_TEST_ORACLE)
  find_program(DJCACHE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
  add_test(NAME oracle.settings COMMAND "${DJCACHE_PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/people.py" --check)
  set_tests_properties(oracle.settings PROPERTIES LABELS oracle SKIP_RETURN_CODE 77 TIMEOUT 60)
endif()

djcache_source_folder(DJCACHE_PAGES engine/docs "${CMAKE_CURRENT_LIST_DIR}/option_table_test.cc")
djcache_source_folder(DJCACHE_FIXTURES fixtures "${CMAKE_CURRENT_LIST_DIR}/settings_fixtures_test.cc"
                      "${CMAKE_CURRENT_LIST_DIR}/settings_people_test.cc")
