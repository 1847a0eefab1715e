# djcache_self_test(<target> <folder>): tests the runner with its own case files.
#   must_be_rejected/<name>.json  rejected (exit code 2) with the text in <name>.error
#   must_pass/<name>.json         every case passes
#   must_fail/<name>.json         every case fails, and the report contains the text in <name>.error
function(djcache_self_test target folder)
  foreach(kind must_be_rejected must_pass must_fail)
    file(GLOB files CONFIGURE_DEPENDS "${folder}/${kind}/*.json")
    foreach(file IN LISTS files)
      cmake_path(GET file STEM name)
      set(test conformance.self_test.${kind}.${name})
      add_test(
        NAME ${test}
        COMMAND
          ${CMAKE_COMMAND} "-Dprogram=$<TARGET_FILE:${target}>" "-Dkind=${kind}" "-Dfile=${file}" -P
          "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/RunSelfTest.cmake")
      set_tests_properties(${test} PROPERTIES TIMEOUT 60 LABELS "conformance;self_test")
    endforeach()
  endforeach()
endfunction()
