# Debian packages, by CPack: libdjcache<SOVERSION>, libdjcache-dev and djcache-tools. The preset `packages` configures for them
# and `ci/run packages` makes and tries them. Not for the archive of a distribution, which has its own ways: for one's own machines.
set(CPACK_GENERATOR DEB)
set(DJCACHE_PACKAGE_MAINTAINER "the djcache authors <djcache@users.invalid>" CACHE STRING "Whom the packages name: who builds them")
set(DJCACHE_PACKAGE_DATE "Thu, 01 Jan 2026 00:00:00 +0000" CACHE STRING "The date of the packages' changelog (date -R)")

set(runtime libdjcache${djcache_VERSION_MAJOR}.${djcache_VERSION_MINOR})
set(CPACK_PACKAGE_VENDOR "the djcache authors")
set(CPACK_PACKAGE_VERSION ${djcache_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
                                                WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${DJCACHE_PACKAGE_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL djcache djcache_runtime djcache_tools harness)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA "${CMAKE_CURRENT_LIST_DIR}/triggers")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")
set(CPACK_DEBIAN_RUNTIME_DESCRIPTION "A C++ program links this library, hands it its libuv loop, and reads and
writes the entries and sessions of the Django application next to it: same
keys, versions, timeouts and values, on the same redis-server.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libdjcache-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "${runtime} (= ${djcache_VERSION}), libuv1-dev, libhiredis-dev")
set(CPACK_DEBIAN_DEV_DESCRIPTION "Headers, a CMake package, a pkg-config file, the pages and the examples of
djcache, and djcache::harness, which starts a redis-server for tests.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME djcache-tools)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "${runtime} (= ${djcache_VERSION})")
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS "redis-server | valkey-server")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${djcache_BINARY_DIR}/engine")
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "djcache-conformance replays Django's cache contract, which is data, against
djcache or a redis-server of yours. djcache-settings says what a CACHES
dictionary of Django means to djcache.")

# What every Debian package has: its licence and its changelog.
if(DJCACHE_DEBIAN_FILES)
  find_program(DJCACHE_GZIP gzip REQUIRED)
  mark_as_advanced(DJCACHE_GZIP)
  configure_file("${CMAKE_CURRENT_LIST_DIR}/changelog.in" "${djcache_BINARY_DIR}/packages/changelog" @ONLY)
  execute_process(COMMAND "${DJCACHE_GZIP}" -9nkf "${djcache_BINARY_DIR}/packages/changelog" COMMAND_ERROR_IS_FATAL ANY)
  configure_file("${CMAKE_CURRENT_LIST_DIR}/copyright.in" "${djcache_BINARY_DIR}/packages/copyright" @ONLY)
  foreach(each IN ITEMS "djcache_runtime:${runtime}" djcache:libdjcache-dev djcache_tools:djcache-tools)
    string(REPLACE ":" ";" each "${each}")
    list(GET each 0 component)
    list(GET each 1 package)
    install(
      FILES "${djcache_BINARY_DIR}/packages/copyright" "${djcache_BINARY_DIR}/packages/changelog.gz"
      DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${package}"
      COMPONENT ${component})
  endforeach()
endif()

include(CPack)
cpack_add_component_group(runtime)
cpack_add_component_group(dev)
cpack_add_component_group(tools)
cpack_add_component(djcache_runtime GROUP runtime)
cpack_add_component(djcache GROUP dev)
cpack_add_component(harness GROUP dev)
cpack_add_component(djcache_tools GROUP tools)
