# The checks of the suite that need no C++. conformance/CMakeLists.txt includes this file.
# DJCACHE_TEST_ORACLE asks for the oracle: real Django replays every case (ci/setup --oracle installs it).
option(DJCACHE_TEST_ORACLE "Replay the conformance cases against real Django" OFF)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME conformance.traceability
  COMMAND Python3::Interpreter -B "${djcache_SOURCE_DIR}/conformance/check_traceability.py" "${djcache_SOURCE_DIR}")
set_tests_properties(conformance.traceability PROPERTIES LABELS tidy TIMEOUT 60)

if(DJCACHE_TEST_ORACLE)
  # Debian's own interpreter: its Django is a Debian package, which another Python does not see.
  find_program(DJCACHE_ORACLE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
  add_test(NAME oracle.cases
    COMMAND "${DJCACHE_ORACLE_PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}"
      --json "${djcache_BINARY_DIR}/django.json" --junit "${djcache_BINARY_DIR}/django.xml")
  # What djcache and what Django leave on the server after each case is the same.
  add_test(NAME oracle.djcache_states
    COMMAND djcache-conformance --backend redis --flavour callback --server redis --state --json "${djcache_BINARY_DIR}/djcache.json"
      --junit "${djcache_BINARY_DIR}/cases/oracle.djcache_states.xml")
  add_test(NAME oracle.same_states
    COMMAND "${DJCACHE_ORACLE_PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/compare.py"
      "${djcache_BINARY_DIR}/djcache.json" "${djcache_BINARY_DIR}/django.json")
  set_tests_properties(oracle.cases oracle.djcache_states PROPERTIES FIXTURES_SETUP djcache_states PROCESSORS 2 COST 150)
  set_tests_properties(oracle.same_states PROPERTIES FIXTURES_REQUIRED djcache_states)

  add_test(NAME oracle.rejects_passes_and_fails COMMAND "${DJCACHE_ORACLE_PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/oracle_test.py")
  # The same Django by its adapter, judged by the runner.
  add_test(NAME oracle.adapter
    COMMAND djcache-conformance --group basic --group incr --group get_or_set --group aliases --server redis --serializer pickle
      --serializer own --adapter "${DJCACHE_ORACLE_PYTHON} -B ${djcache_SOURCE_DIR}/conformance/adapters/django_cache.py"
      --flavour callback --flavour django.sync --compare-states)
  set_tests_properties(oracle.cases oracle.djcache_states oracle.same_states oracle.adapter oracle.rejects_passes_and_fails
                       PROPERTIES LABELS oracle TIMEOUT 600)
endif()
