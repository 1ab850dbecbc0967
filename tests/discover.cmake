# cmake -DPROGRAM=<Catch2 program> -DLABEL=<label> -DOUT=<file> -DLIST=<list option>;... -P discover.cmake
# Writes one CTest test per TEST_CASE.  (Catch2's own script for this loses tests after a name with a lone bracket.)
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${PROGRAM} ${LIST} OUTPUT_VARIABLE names ERROR_VARIABLE log RESULT_VARIABLE rc)
if(NOT rc MATCHES "^[0-9]+$" OR names STREQUAL "")  # version 2 returns the number of tests
  message(FATAL_ERROR "${PROGRAM} does not list its tests (${rc}):\n${names}${log}")
endif()
# Lines as a list, the characters that mean something in one out of the way.
string(ASCII 1 open)
string(ASCII 2 close)
string(ASCII 3 semicolon)
string(REPLACE "[" "${open}" names "${names}")
string(REPLACE "]" "${close}" names "${names}")
string(REPLACE ";" "${semicolon}" names "${names}")
string(REPLACE "\n" ";" names "${names}")
set(tests)
foreach(name IN LISTS names)
  string(REGEX REPLACE "^ +| +$" "" name "${name}")
  if(NOT name STREQUAL "")
    string(REPLACE "${open}" "[" name "${name}")
    string(REPLACE "${close}" "]" name "${name}")
    string(REPLACE "${semicolon}" ";" name "${name}")
    string(REGEX REPLACE "([][\\,\"])" "\\\\\\1" filter "${name}")
    string(APPEND tests "add_test([==[${LABEL}: ${name}]==] [==[${PROGRAM}]==] [==[${filter}]==])\n"
      "set_tests_properties([==[${LABEL}: ${name}]==] PROPERTIES LABELS ${LABEL}\n"
      "  FAIL_REGULAR_EXPRESSION \"No test(s ran| cases matched)\")\n")
  endif()
endforeach()
file(WRITE ${OUT} "${tests}")
