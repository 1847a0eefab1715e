# Nothing of the library: a real Django process and djcache take turns on one redis-server. Where this machine's Python
# has Django (ci/setup --oracle).
if(DJCACHE_BUILD_TESTS)
  find_program(DJCACHE_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  set(python_takes_turns 1)
  if(DJCACHE_PYTHON)
    execute_process(COMMAND "${DJCACHE_PYTHON}" -c "import django.core.cache.backends.redis, django_redis, msgpack, redis"
                    RESULT_VARIABLE python_takes_turns ERROR_QUIET OUTPUT_QUIET)
  endif()
  if(python_takes_turns EQUAL 0)
    djcache_room(interop HARNESS ON codec engine TESTS ../codec/generator_fixture.cc ../engine/engine_fixture.cc django_fixture.cc django_sessions_test.cc
                 django_values_test.cc)
    set_source_files_properties(
      "${CMAKE_CURRENT_LIST_DIR}/django_fixture.cc"
      DIRECTORY "${PROJECT_SOURCE_DIR}"
      PROPERTIES COMPILE_DEFINITIONS
                 "DJCACHE_DJANGO_TURN=\"'${DJCACHE_PYTHON}' -B '${CMAKE_CURRENT_LIST_DIR}/django_turn.py'\"")
  else()
    message(STATUS "djcache: no test in which Django takes turns with it (Debian: python3-django 4.2, python3-django-redis, "
                   "python3-redis, python3-msgpack)")
  endif()
endif()
