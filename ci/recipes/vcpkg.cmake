# Stand-ins for the vcpkg functions that the port calls, to run its portfile without vcpkg.
#   cmake -DPORT_DIR=... -DFEATURES="zlib;tools" -DPACKAGES=<folder> -DBUILT=<build folder>
#         -DCOMPILER=... -P vcpkg.cmake
# The sources are configured as the port says, with the libraries of this system. The results of the
# build are taken from an existing build folder, because compiling the library again would test
# nothing more.
cmake_minimum_required(VERSION 3.25)

set(PORT djcache)
set(CURRENT_PORT_DIR "${PORT_DIR}")
set(CURRENT_PACKAGES_DIR "${PACKAGES}")
set(configured "${PACKAGES}.configured")

function(vcpkg_check_features)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
  set(options "")
  while(arg_FEATURES)
    list(POP_FRONT arg_FEATURES feature option)
    if(feature IN_LIST FEATURES)
      list(APPEND options "-D${option}=ON")
    else()
      list(APPEND options "-D${option}=OFF")
    endif()
  endwhile()
  set(${arg_OUT_FEATURE_OPTIONS} "${options}" PARENT_SCOPE)
endfunction()

function(vcpkg_find_acquire_program name)
  find_program(found pkg-config REQUIRED NO_CACHE)
  set(${name} "${found}" PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${arg_SOURCE_PATH}" -B "${configured}" -G Ninja "-DCMAKE_CXX_COMPILER=${COMPILER}" ${arg_OPTIONS}
    COMMAND_ECHO STDOUT OUTPUT_VARIABLE said ERROR_VARIABLE said COMMAND_ERROR_IS_FATAL ANY)
  message("${said}")
endfunction()

function(vcpkg_cmake_install)
  foreach(file IN ITEMS engine/libdjcache.a harness/libdjcache_harness.a engine/tools/djcache-settings)
    file(CREATE_LINK "${BUILT}/${file}" "${configured}/${file}" SYMBOLIC RESULT ignored)
  endforeach()
  execute_process(COMMAND "${CMAKE_COMMAND}" --install "${configured}" --prefix "${PACKAGES}" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Moves the files to a folder that is one level less deep, and adjusts their paths.
function(vcpkg_cmake_config_fixup)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "CONFIG_PATH" "")
  file(GLOB files "${PACKAGES}/${arg_CONFIG_PATH}/*")
  if(NOT files)
    message(FATAL_ERROR "nothing was installed to ${arg_CONFIG_PATH}")
  endif()
  file(COPY ${files} DESTINATION "${PACKAGES}/share/${PORT}")
  get_filename_component(parent "${PACKAGES}/${arg_CONFIG_PATH}" DIRECTORY)
  file(REMOVE_RECURSE "${parent}")
  file(GLOB files "${PACKAGES}/share/${PORT}/*.cmake")
  set(line "get_filename_component(_IMPORT_PREFIX \"\${_IMPORT_PREFIX}\" PATH)\n")
  foreach(file IN LISTS files)
    file(READ "${file}" text)
    string(REPLACE "CMAKE_CURRENT_LIST_DIR}/../../../" "CMAKE_CURRENT_LIST_DIR}/../../" text "${text}")
    string(REPLACE "${line}${line}${line}" "${line}${line}" text "${text}")
    file(WRITE "${file}" "${text}")
  endforeach()
endfunction()

function(vcpkg_fixup_pkgconfig)
  file(GLOB found "${PACKAGES}/lib/pkgconfig/*.pc")
  if(NOT found)
    message(FATAL_ERROR "no .pc file was installed")
  endif()
endfunction()

function(vcpkg_copy_tools)
  cmake_parse_arguments(PARSE_ARGV 0 arg "AUTO_CLEAN" "" "TOOL_NAMES")
  file(MAKE_DIRECTORY "${PACKAGES}/tools/${PORT}")
  foreach(tool IN LISTS arg_TOOL_NAMES)
    file(RENAME "${PACKAGES}/bin/${tool}" "${PACKAGES}/tools/${PORT}/${tool}")
  endforeach()
  file(GLOB left "${PACKAGES}/bin/*")
  if(arg_AUTO_CLEAN AND NOT left)
    file(REMOVE_RECURSE "${PACKAGES}/bin")
  endif()
endfunction()

function(vcpkg_install_copyright)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
  file(COPY_FILE ${arg_FILE_LIST} "${PACKAGES}/share/${PORT}/copyright")
endfunction()

include("${PORT_DIR}/portfile.cmake")
