# Which parts of djcache are built. Each choice is AUTO, ON or OFF:
#
#   AUTO  as the top project: the part is built where what it needs is there, and one line says what is left out;
#         as a sub-folder: it is left out
#   ON    it is built; what it needs and is not there ends the configuration
#   OFF   it is left out

# What a part may need -> a variable that is set where it is there, and what to call it where it is not.
set(DJCACHE_NEED_gtest "GoogleTest with GoogleMock (Debian: libgtest-dev libgmock-dev)")
set(DJCACHE_NEED_cli11 "CLI11 (Debian: libcli11-dev)")
set(DJCACHE_NEED_adapter "hiredis' libuv adapter (Debian: libhiredis-dev)")
set(DJCACHE_NEED_python "Python 3 (Debian: python3)")
set(DJCACHE_NEED_harness "the harness (DJCACHE_BUILD_HARNESS)")

# A macro, because what find_package imports is known to the folder that asks.
macro(djcache_look_for need)
  if("${need}" STREQUAL "gtest")
    # Debian's GTest package ends the configuration where only half of it is installed.
    find_path(DJCACHE_GMOCK_INCLUDE_DIR gmock/gmock.h)
    mark_as_advanced(DJCACHE_GMOCK_INCLUDE_DIR)
    if(DJCACHE_GMOCK_INCLUDE_DIR)
      find_package(GTest CONFIG QUIET)
    endif()
    set(djcache_is_there ${GTest_FOUND})
  elseif("${need}" STREQUAL "cli11")
    find_package(CLI11 CONFIG QUIET)
    set(djcache_is_there ${CLI11_FOUND})
  elseif("${need}" STREQUAL "adapter")
    find_path(DJCACHE_HIREDIS_LIBUV_ADAPTER hiredis/adapters/libuv.h)
    mark_as_advanced(DJCACHE_HIREDIS_LIBUV_ADAPTER)
    set(djcache_is_there ${DJCACHE_HIREDIS_LIBUV_ADAPTER})
  elseif("${need}" STREQUAL "python")
    find_package(Python3 QUIET COMPONENTS Interpreter)
    set(djcache_is_there ${Python3_FOUND})
  elseif("${need}" STREQUAL "harness")
    set(djcache_is_there ${DJCACHE_BUILD_HARNESS})
  else() # a library of Dependencies.cmake
    djcache_find_dependencies(djcache_absent ${need})
    set(djcache_is_there TRUE)
    if(djcache_absent)
      set(djcache_is_there FALSE)
      set(DJCACHE_NEED_${need} "${need} (Debian: ${DJCACHE_DEBIAN_${need}})")
    endif()
  endif()
endmacro()

# djcache_choice(<option> <what it brings> [<need>...]): afterwards the option is ON or OFF.
macro(djcache_choice option what)
  if(NOT DEFINED ${option})
    set(${option} AUTO CACHE STRING "${what}: AUTO, ON or OFF")
    set_property(CACHE ${option} PROPERTY STRINGS AUTO ON OFF)
  endif()
  set(djcache_said "${${option}}")
  if(djcache_said STREQUAL "AUTO" AND NOT PROJECT_IS_TOP_LEVEL)
    set(djcache_said OFF)
  endif()
  if(djcache_said)
    set(djcache_missing "")
    foreach(djcache_each IN ITEMS ${ARGN})
      djcache_look_for(${djcache_each})
      if(NOT djcache_is_there)
        list(APPEND djcache_missing "${DJCACHE_NEED_${djcache_each}}")
      endif()
    endforeach()
    list(JOIN djcache_missing ", " djcache_missing)
    if(NOT djcache_missing)
      set(djcache_said ON)
    elseif(djcache_said STREQUAL "AUTO")
      message(STATUS "djcache: left out: ${what}, for want of ${djcache_missing}")
      set(djcache_said OFF)
    else()
      message(FATAL_ERROR "${option} is ${djcache_said}, but there is no ${djcache_missing}. On Debian, ci/setup "
                          "installs everything.")
    endif()
  endif()
  set(${option} ${djcache_said})
endmacro()
