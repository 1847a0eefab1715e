# djcache of the checkout that this port lies in, as an overlay:
#   vcpkg install djcache --overlay-ports=<checkout>/engine/cmake/packages/vcpkg
# In a registry, SOURCE_PATH is what vcpkg_from_github() or vcpkg_from_git() fetched; the rest stays as it is.
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../../../.." ABSOLUTE)

vcpkg_check_features(
  OUT_FEATURE_OPTIONS features
  FEATURES
    zlib DJCACHE_WITH_ZLIB
    zstd DJCACHE_WITH_ZSTD
    lz4 DJCACHE_WITH_LZ4
    lzma DJCACHE_WITH_LZMA
    openssl DJCACHE_WITH_OPENSSL
    tls DJCACHE_WITH_TLS
    harness DJCACHE_BUILD_HARNESS
    tools DJCACHE_BUILD_TOOLS)
vcpkg_find_acquire_program(PKGCONFIG)
vcpkg_cmake_configure(
  SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    ${features}
    "-DPKG_CONFIG_EXECUTABLE=${PKGCONFIG}"
    -DDJCACHE_BUILD_EXAMPLES=OFF
    -DDJCACHE_BUILD_TESTS=OFF
    -DDJCACHE_BUILD_CONFORMANCE=OFF
    -DDJCACHE_BUILD_BENCH=OFF
    -DDJCACHE_BUILD_FUZZ=OFF
    -DDJCACHE_BUILD_PYTHON=OFF
    -DDJCACHE_TEST_TIDY=OFF
    -DDJCACHE_TEST_PACKAGE=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/djcache)
vcpkg_fixup_pkgconfig()
if("tools" IN_LIST FEATURES)
  vcpkg_copy_tools(TOOL_NAMES djcache-settings AUTO_CLEAN)
endif()

# Packages of vcpkg have neither pages nor a second set of headers.
file(
  REMOVE_RECURSE
  "${CURRENT_PACKAGES_DIR}/debug/include"
  "${CURRENT_PACKAGES_DIR}/debug/share"
  "${CURRENT_PACKAGES_DIR}/share/doc"
  "${CURRENT_PACKAGES_DIR}/share/man")
file(INSTALL "${CURRENT_PORT_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/djcache")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
