# One self-test: runs `program` on `file` and compares the result with what its `kind` requires. See
# SelfTest.cmake.
execute_process(
  COMMAND "${program}" --server redis --backend redis --flavour callback --serializer msgpack --in-process "${file}"
  OUTPUT_VARIABLE output
  ERROR_VARIABLE output
  RESULT_VARIABLE result)

function(expect_exit code)
  if(NOT result EQUAL ${code})
    message(FATAL_ERROR "exit code ${result}, expected ${code}:\n${output}")
  endif()
endfunction()

function(expect_text)
  string(REGEX REPLACE "\\.json$" ".error" error_file "${file}")
  file(READ "${error_file}" expected)
  string(STRIP "${expected}" expected)
  string(FIND "${output}" "${expected}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "the output lacks:\n${expected}\nit is:\n${output}")
  endif()
endfunction()

if(kind STREQUAL "must_be_rejected")
  expect_exit(2)
  expect_text()
elseif(kind STREQUAL "must_pass")
  expect_exit(0)
  if(NOT output MATCHES "[1-9][0-9]* passed, 0 failed, 0 skipped")
    message(FATAL_ERROR "not every case passed:\n${output}")
  endif()
else()
  expect_exit(1)
  expect_text()
  if(NOT output MATCHES "\n0 passed, [1-9][0-9]* failed, 0 skipped")
    message(FATAL_ERROR "not every case failed:\n${output}")
  endif()
endif()
