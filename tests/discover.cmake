# cmake -DPROGRAM=<Catch2 program> -DLABEL=<label> -DFILES=<folder/file.test.cpp>;... -DOUT=<file> -P discover.cmake
# Writes one CTest test per file of tests: to load libtorch takes longer than most cases.  A case's file is its tag [#file.test],
# which has no folder in it, so files of equal names are one test, under both names.  Hidden cases are not run.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${PROGRAM} --filenames-as-tags --list-tags OUTPUT_VARIABLE tags ERROR_VARIABLE log RESULT_VARIABLE rc)
if(NOT rc MATCHES "^[0-9]+$")  # version 2 returns the number of tags
  message(FATAL_ERROR "${PROGRAM} does not list its tags (${rc}):\n${tags}${log}")
endif()
set(stems)
foreach(file IN LISTS FILES)
  cmake_path(GET file STEM LAST_ONLY stem)  # <name>.test
  string(FIND "${tags}" "[#${stem}]" at)
  if(at LESS 0)
    message(FATAL_ERROR "${PROGRAM} has no TEST_CASE of ${file}\n${log}")
  endif()
  string(REGEX REPLACE "\\.test\\.cpp$" "" name "${file}")
  list(APPEND stems ${stem})
  list(APPEND "names of ${stem}" ${name})
endforeach()
list(REMOVE_DUPLICATES stems)
set(tests)
foreach(stem IN LISTS stems)
  list(JOIN "names of ${stem}" " and " name)
  string(APPEND tests "add_test([==[${LABEL}: ${name}]==] [==[${PROGRAM}]==] --filenames-as-tags [==[[#${stem}]~[.]]==])\n"
    "set_tests_properties([==[${LABEL}: ${name}]==] PROPERTIES LABELS ${LABEL}\n"
    "  FAIL_REGULAR_EXPRESSION \"No test(s ran| cases matched)\")\n")
endforeach()
file(WRITE ${OUT} "${tests}")
