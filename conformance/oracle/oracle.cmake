# The checks of the suite that need no C++, and the suite against other clients than djcache: real
# Django and django-redis, with the same runner and files. Included by conformance/CMakeLists.txt.
# DJCACHE_TEST_ORACLE enables the latter (ci/setup --oracle installs them).
option(DJCACHE_TEST_ORACLE "Replay the conformance cases against real Django and django-redis" OFF)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME conformance.traceability
  COMMAND Python3::Interpreter -B "${djcache_SOURCE_DIR}/conformance/check_traceability.py" "${djcache_SOURCE_DIR}")
set_tests_properties(conformance.traceability PROPERTIES LABELS tidy TIMEOUT 60)

# djcache_judge(<name> <command of the adapter> <file of its known differences> [options of the
# runner...])
function(djcache_judge name adapter differences)
  add_test(NAME oracle.${name}
    COMMAND djcache-conformance --server redis --adapter "${adapter}" --differences "${djcache_SOURCE_DIR}/conformance/adapters/${differences}"
      --junit "${djcache_BINARY_DIR}/cases/oracle.${name}.xml" ${ARGN})
  set_tests_properties(oracle.${name} PROPERTIES LABELS oracle TIMEOUT 1800 PROCESSORS 2 COST 200)
endfunction()

if(DJCACHE_TEST_ORACLE)
  # The system's Python: Django is installed as a Debian package, which another Python does not
  # find.
  find_program(DJCACHE_ORACLE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)
  set(django "'${DJCACHE_ORACLE_PYTHON}' -B '${djcache_SOURCE_DIR}/conformance/adapters/django_cache.py'")
  # Also checks that djcache and Django leave the same state on the server after each case.
  djcache_judge(django "${django}" django.differences.json --flavour callback --flavour django.sync --flavour django.async --compare-states)
  djcache_judge(django_redis "${django} --backend django_redis.cache.RedisCache --name django-redis" django_redis.differences.json
                --not-label slow)

  add_test(NAME oracle.schema
    COMMAND "${DJCACHE_ORACLE_PYTHON}" -B "${CMAKE_CURRENT_LIST_DIR}/check_schema.py" "${djcache_SOURCE_DIR}/fixtures")
  set_tests_properties(oracle.schema PROPERTIES LABELS oracle TIMEOUT 120)
endif()
