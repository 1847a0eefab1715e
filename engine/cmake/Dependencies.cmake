# The libraries djcache stands on, looked up in this one place: the build includes this file, and so does the
# installed package. Each look-up tries the library's own CMake package first and pkg-config second, because
# Debian 12's libuv ships only a .pc file and its hiredis a CMake package without a target.
#
#   djcache_find_dependencies(<missing> uv hiredis ...)
# makes djcache::deps::<name> for each name and sets <missing> to a sentence that says what to install, or to "".

set(DJCACHE_PACKAGES_uv libuv)
set(DJCACHE_TARGETS_uv libuv::uv libuv::uv_a uv uv_a) # the last two: Conan
set(DJCACHE_MODULES_uv "libuv>=1.44")
set(DJCACHE_DEBIAN_uv libuv1-dev)

set(DJCACHE_PACKAGES_hiredis hiredis)
set(DJCACHE_TARGETS_hiredis hiredis::hiredis hiredis::hiredis_static)
set(DJCACHE_MODULES_hiredis "hiredis>=0.14")
set(DJCACHE_DEBIAN_hiredis libhiredis-dev)

# The C library. Its CMake package and target have changed their names with every major version.
set(DJCACHE_PACKAGES_msgpack msgpack-c msgpack)
set(DJCACHE_TARGETS_msgpack msgpack-c msgpackc msgpack-c-static msgpackc-static)
set(DJCACHE_MODULES_msgpack msgpack-c msgpack)
set(DJCACHE_DEBIAN_msgpack libmsgpack-dev)

# Headers only, seen by one source file: needed to build djcache, never to use it.
set(DJCACHE_PACKAGES_nlohmann_json nlohmann_json)
set(DJCACHE_TARGETS_nlohmann_json nlohmann_json::nlohmann_json)
set(DJCACHE_MODULES_nlohmann_json nlohmann_json)
set(DJCACHE_DEBIAN_nlohmann_json nlohmann-json3-dev)

# Optional libraries: each is looked for where its option DJCACHE_WITH_<NAME> is on.
set(DJCACHE_PACKAGES_zlib ZLIB)
set(DJCACHE_TARGETS_zlib ZLIB::ZLIB)
set(DJCACHE_MODULES_zlib zlib)
set(DJCACHE_DEBIAN_zlib zlib1g-dev)

set(DJCACHE_PACKAGES_zstd zstd)
set(DJCACHE_TARGETS_zstd zstd::libzstd zstd::libzstd_shared zstd::libzstd_static)
set(DJCACHE_MODULES_zstd "libzstd>=1.4")
set(DJCACHE_DEBIAN_zstd libzstd-dev)

set(DJCACHE_PACKAGES_lz4 lz4)
set(DJCACHE_TARGETS_lz4 LZ4::lz4 LZ4::lz4_shared LZ4::lz4_static)
set(DJCACHE_MODULES_lz4 "liblz4>=1.8")
set(DJCACHE_DEBIAN_lz4 liblz4-dev)

set(DJCACHE_PACKAGES_lzma liblzma)
set(DJCACHE_TARGETS_lzma liblzma::liblzma)
set(DJCACHE_MODULES_lzma "liblzma>=5.2")
set(DJCACHE_DEBIAN_lzma liblzma-dev)

# Its libcrypto. EVP_MAC came with 3.0.
set(DJCACHE_PACKAGES_openssl OpenSSL)
set(DJCACHE_TARGETS_openssl OpenSSL::Crypto)
set(DJCACHE_MODULES_openssl "libcrypto>=3.0")
set(DJCACHE_DEBIAN_openssl libssl-dev)

# Its libssl.
set(DJCACHE_PACKAGES_tls OpenSSL)
set(DJCACHE_TARGETS_tls OpenSSL::SSL)
set(DJCACHE_MODULES_tls "openssl>=3.0")
set(DJCACHE_DEBIAN_tls libssl-dev)

# The first of the library's own CMake targets that exists; "" when there is none.
function(djcache_find_by_package name result)
  set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)
  set(${result} "" PARENT_SCOPE)
  foreach(package IN LISTS DJCACHE_PACKAGES_${name})
    find_package(${package} CONFIG QUIET)
    foreach(target IN LISTS DJCACHE_TARGETS_${name})
      if(TARGET ${target})
        set(${result} ${target} PARENT_SCOPE)
        return()
      endif()
    endforeach()
  endforeach()
endfunction()

function(djcache_find_by_pkg_config name result)
  set(${result} "" PARENT_SCOPE)
  find_package(PkgConfig QUIET)
  if(NOT PKG_CONFIG_FOUND)
    return()
  endif()
  pkg_search_module(djcache_pc_${name} QUIET IMPORTED_TARGET GLOBAL ${DJCACHE_MODULES_${name}})
  if(djcache_pc_${name}_FOUND)
    set(${result} PkgConfig::djcache_pc_${name} PARENT_SCOPE)
  endif()
endfunction()

# hiredis' .pc files up to 1.0 name only .../include/hiredis, while everybody includes <hiredis/hiredis.h>.
function(djcache_add_hiredis_parent_directory)
  find_path(DJCACHE_HIREDIS_INCLUDE_DIR hiredis/hiredis.h HINTS ${djcache_pc_hiredis_INCLUDE_DIRS}
            PATH_SUFFIXES ..)
  mark_as_advanced(DJCACHE_HIREDIS_INCLUDE_DIR)
  if(DJCACHE_HIREDIS_INCLUDE_DIR)
    target_include_directories(djcache::deps::hiredis INTERFACE "${DJCACHE_HIREDIS_INCLUDE_DIR}")
  endif()
endfunction()

function(djcache_find_dependencies missing)
  set(absent "")
  foreach(name IN LISTS ARGN)
    if(TARGET djcache::deps::${name})
      continue()
    endif()
    djcache_find_by_package(${name} found)
    if(NOT found)
      djcache_find_by_pkg_config(${name} found)
    endif()
    if(NOT found)
      list(APPEND absent "${name} (Debian: ${DJCACHE_DEBIAN_${name}})")
      continue()
    endif()
    # Global, because an embedder's folder beside or above ours links the library, and with it these.
    add_library(djcache::deps::${name} INTERFACE IMPORTED GLOBAL)
    target_link_libraries(djcache::deps::${name} INTERFACE ${found})
    if(found STREQUAL "PkgConfig::djcache_pc_hiredis")
      djcache_add_hiredis_parent_directory()
    endif()
  endforeach()
  list(JOIN absent ", " absent)
  if(absent)
    set(absent "djcache needs ${absent}; pkg-config helps to find them")
  endif()
  set(${missing} "${absent}" PARENT_SCOPE)
endfunction()
