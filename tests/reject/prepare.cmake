# cmake -DCXX=<compiler> "-DFLAGS=<flag>;..." -DOUT=<folder> -P prepare.cmake
# Precompiles what the reject files share, for `-include <folder>/common.hpp`: most of each one's time is that.
cmake_minimum_required(VERSION 3.25)
file(WRITE ${OUT}/common.hpp "#include \"${CMAKE_CURRENT_LIST_DIR}/../archetypes/use.hpp\"\n")
execute_process(COMMAND ${CXX} --version OUTPUT_VARIABLE banner)
set(ending gch)
if(banner MATCHES "clang")
  set(ending pch)
endif()
execute_process(COMMAND ${CXX} ${FLAGS} -x c++-header ${OUT}/common.hpp -o ${OUT}/common.hpp.${ending}
  COMMAND_ERROR_IS_FATAL ANY)
