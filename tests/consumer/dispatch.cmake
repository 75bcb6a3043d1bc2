# SPDX-License-Identifier: BSD-3-Clause
# Builds the project dispatch/ outside of xgrad's build, runs it here and on emulated machines without AVX-512, AVX and
# SSE4.2, and has a bad one refused.
cmake_minimum_required(VERSION 3.25)
set(WAY find_package)
set(PROJECT dispatch)
include("${CMAKE_CURRENT_LIST_DIR}/run.cmake")

if(EMULATOR)
    foreach(machine IN ITEMS core2duo,sse2 Nehalem,sse4.2 Haswell,avx2)
        string(REGEX MATCH "(.*),(.*)" ignored "${machine}")
        execute_process(COMMAND "${EMULATOR}" -cpu ${CMAKE_MATCH_1} "${SCRATCH}/build/consumer" ${CMAKE_MATCH_2}
                        COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endif()

execute_process(COMMAND "${CMAKE_COMMAND}" -DBAD=ON "${SCRATCH}/build" OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${SCRATCH}/build" --target bad
                OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE failed)
string(REGEX REPLACE "[ \n]+" " " sentence "${output}") # CMake breaks lines where paths end
if(NOT failed OR NOT sentence MATCHES "initialises a static variable when the program starts")
    message(FATAL_ERROR "a static variable that is initialised with AVX2's instructions was not refused:\n${output}")
endif()
