# What `cmake --install` puts where: the library, its headers, a CMake package and a pkg-config file.
# The harness is a component of the same package, installed from harness/CMakeLists.txt.
include(CMakePackageConfigHelpers)

set(DJCACHE_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/djcache")
set(package_files "${CMAKE_CURRENT_BINARY_DIR}/package")

# Components: djcache is what one builds with, djcache_runtime what a program needs that was built with a shared one.
install(
  TARGETS djcache
  EXPORT djcacheTargets
  LIBRARY COMPONENT djcache_runtime NAMELINK_COMPONENT djcache
  ARCHIVE COMPONENT djcache)
install(
  EXPORT djcacheTargets
  NAMESPACE djcache::
  DESTINATION "${DJCACHE_PACKAGE_DIR}"
  COMPONENT djcache)
install(
  DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/include/djcache" "${CMAKE_CURRENT_BINARY_DIR}/include/djcache"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  COMPONENT djcache
  FILES_MATCHING PATTERN "*.h")

# The licence, and the pages as they lie here, so that their links to each other are true. Debian's packages have the licence
# in a file of their own.
set(pages README.md CHANGELOG.md)
if(NOT DJCACHE_DEBIAN_FILES)
  list(PREPEND pages LICENSE)
endif()
list(TRANSFORM pages PREPEND "${djcache_SOURCE_DIR}/")
install(
  FILES ${pages}
  DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT djcache)
install(
  DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/docs" "${CMAKE_CURRENT_SOURCE_DIR}/examples"
  DESTINATION "${CMAKE_INSTALL_DOCDIR}/engine"
  COMPONENT djcache
  PATTERN "__pycache__" EXCLUDE
  PATTERN "CMakeLists.txt" EXCLUDE
  PATTERN "*.cmake" EXCLUDE
  PATTERN "*_test.*" EXCLUDE)

# djcache_install_page(<page of the manual>): Debian wants it compressed.
function(djcache_install_page page)
  get_filename_component(page "${page}" ABSOLUTE)
  if(DJCACHE_DEBIAN_FILES)
    find_program(DJCACHE_GZIP gzip REQUIRED)
    mark_as_advanced(DJCACHE_GZIP)
    get_filename_component(name "${page}" NAME)
    file(COPY "${page}" DESTINATION "${djcache_BINARY_DIR}/packages")
    execute_process(COMMAND "${DJCACHE_GZIP}" -9nf "${djcache_BINARY_DIR}/packages/${name}" COMMAND_ERROR_IS_FATAL ANY)
    set(page "${djcache_BINARY_DIR}/packages/${name}.gz")
  endif()
  install(FILES "${page}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT djcache_tools)
endfunction()

# Users of the static library link what stands below it; the shared one has it inside. libuv they always need.
get_target_property(kind djcache TYPE)
if(kind STREQUAL "STATIC_LIBRARY")
  set(DJCACHE_LINKED uv hiredis msgpack ${DJCACHE_OPTIONAL})
  set(DJCACHE_PC_CFLAGS "-DDJCACHE_STATIC")
else()
  set(DJCACHE_LINKED uv)
  set(DJCACHE_PC_CFLAGS "")
endif()
configure_package_config_file(
  cmake/djcacheConfig.cmake.in "${package_files}/djcacheConfig.cmake" INSTALL_DESTINATION "${DJCACHE_PACKAGE_DIR}")
# Before 1.0 a minor version may break what the one before promised.
write_basic_package_version_file("${package_files}/djcacheConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${package_files}/djcacheConfig.cmake" "${package_files}/djcacheConfigVersion.cmake"
        "${CMAKE_CURRENT_SOURCE_DIR}/cmake/Dependencies.cmake"
  DESTINATION "${DJCACHE_PACKAGE_DIR}"
  COMPONENT djcache)

# The pkg-config file requires libuv, whose loop the embedder has in hand. What else a static library links is named by its
# link flags alone: to require it would give everybody its include paths and definitions, too.
set(DJCACHE_PC_REQUIRES "")
set(DJCACHE_PC_LIBS "")
find_package(PkgConfig QUIET)
foreach(name IN LISTS DJCACHE_LINKED)
  if(PKG_CONFIG_FOUND)
    pkg_search_module(djcache_module_${name} QUIET ${DJCACHE_MODULES_${name}})
  endif()
  if(NOT djcache_module_${name}_FOUND)
    list(APPEND DJCACHE_PC_LIBS -l${name})
  elseif(name STREQUAL "uv")
    list(APPEND DJCACHE_PC_REQUIRES ${djcache_module_${name}_MODULE_NAME})
  else()
    list(APPEND DJCACHE_PC_LIBS ${djcache_module_${name}_LDFLAGS})
  endif()
endforeach()
list(REMOVE_DUPLICATES DJCACHE_PC_LIBS)
list(JOIN DJCACHE_PC_REQUIRES ", " DJCACHE_PC_REQUIRES)
list(JOIN DJCACHE_PC_LIBS " " DJCACHE_PC_LIBS)
file(RELATIVE_PATH DJCACHE_PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" DJCACHE_PC_UP "${DJCACHE_PC_UP}")
configure_file(cmake/djcache.pc.in "${package_files}/djcache.pc" @ONLY)
install(
  FILES "${package_files}/djcache.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
  COMPONENT djcache)
