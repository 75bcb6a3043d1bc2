# SPDX-License-Identifier: BSD-3-Clause
# Configures, builds and runs the project in the folder PROJECT, by default WAY, from nothing, outside xgrad's own build.
cmake_minimum_required(VERSION 3.25)
if(NOT PROJECT)
    set(PROJECT "${WAY}")
endif()
file(REMOVE_RECURSE "${SCRATCH}")
set(settings -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCOMPONENTS=${COMPONENTS}")
if(LAUNCHER)
    list(JOIN LAUNCHER "\\;" launcher)
    list(APPEND settings "-DCMAKE_CXX_COMPILER_LAUNCHER=${launcher}")
endif()

if(WAY STREQUAL "find_package")
    execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILT}" --prefix "${SCRATCH}/prefix"
                    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    list(APPEND settings "-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix")
else() # without optimisation, for all that this machine can
    list(APPEND settings "-DXGRAD=${XGRAD}" -DCMAKE_CXX_FLAGS=-march=native)
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" -G "${GENERATOR}" -S "${CMAKE_CURRENT_LIST_DIR}/${PROJECT}" -B "${SCRATCH}/build"
                        ${settings} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${SCRATCH}/build" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${SCRATCH}/build/consumer" COMMAND_ERROR_IS_FATAL ANY)
