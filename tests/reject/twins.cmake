# cmake -DCXX=<compiler> "-DFLAGS=<flag>;..." "-DSOURCES=<file>;..." -DOUT=<folder> -P twins.cmake
# The accepted twins of the reject files, TESSERA_REJECT=0, must compile, so that what check.cmake sees is due to the
# offense alone.  They are one file of the compiler.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/../together.cmake)
together(${OUT}/twins.cpp ${SOURCES})
execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${CXX} ${FLAGS} -fsyntax-only -include ${OUT}/common.hpp -DTESSERA_REJECT=0 ${OUT}/twins.cpp
  RESULT_VARIABLE rc)
if(NOT rc EQUAL 0)
  message(FATAL_ERROR "an accepted twin (TESSERA_REJECT=0) does not compile: see above which")
endif()
