# Checks the output of a run: one line per reason for skips; names and the state of servers only
# when requested.
set(run "${program}" --backend memory --backend dummy --flavour callback --group basic --json "${folder}/reports_test.json")

function(expect condition what)
  cmake_language(EVAL CODE "if(NOT (${condition}))\n  message(FATAL_ERROR \"\${what}:\\n\${output}\")\nendif()")
endfunction()

execute_process(COMMAND ${run} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
file(READ "${folder}/reports_test.json" json)
expect([[output MATCHES "[0-9]+ runs not applicable \\(-v: why\\)\n" AND NOT output MATCHES "stores nothing"]] "what does not apply is more than a number")
expect([[output MATCHES "djcache callback passes 100% of the contract"]] "no line to quote")
expect([[NOT output MATCHES "basic\\."]] "a case is named")
expect([[json MATCHES "\"status\"" AND NOT json MATCHES "\"state\""]] "the file has the state of servers")

execute_process(COMMAND ${run} -v --state OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
file(READ "${folder}/reports_test.json" json)
expect([[output MATCHES "stores nothing\n          basic\\.[a-z_]+ \\[dummy"]] "the skipped cases are not named")
expect([[json MATCHES "\"state\""]] "the file lacks the state of servers")
