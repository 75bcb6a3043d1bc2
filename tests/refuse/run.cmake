# SPDX-License-Identifier: BSD-3-Clause
# cmake -DPROGRAM=g++ -DCOMPILER=gcc -DOPTIONS=@file [-DUSE=..] -DSOURCE=mistake.cpp -P run.cmake
#
# The source says what the compiler's output must contain, near its top, as CMake regular expressions, one a line:
#     // expect: both compilers must say this
#     // expect-gcc: only GCC must    // expect-clang: only Clang must (on lines of their own)
# A mistake is one error, unless the source has a line `// more errors follow`.
# Compiled as it is, the source must fail with these words; compiled with -DXGRAD_TWIN it must succeed.
cmake_minimum_required(VERSION 3.25)
set(top 40)
set(ENV{LC_ALL} C)
file(READ "${SOURCE}" text)

function(compile status output)
    execute_process(
        COMMAND "${PROGRAM}" ${OPTIONS} ${USE} ${ARGN} -fsyntax-only -fdiagnostics-color=never "${SOURCE}"
        RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
    set(${status} "${result}" PARENT_SCOPE)
    set(${output} "${said}" PARENT_SCOPE)
endfunction()

set(failures 0)
macro(fail sentence)
    message(NOTICE "${SOURCE}: ${sentence}")
    math(EXPR failures "${failures} + 1")
endmacro()

compile(status output)
compile(twin_status twin_output -DXGRAD_TWIN)

if(status STREQUAL "0")
    fail("the mistake compiles")
elseif(NOT status STREQUAL "1")
    fail("${PROGRAM} ended with ${status}")
endif()

# The first lines of the output, without CMake lists: brackets and semicolons in it mean nothing.
set(head "")
set(rest "${output}")
foreach(line RANGE 1 ${top})
    string(FIND "${rest}" "\n" end)
    if(end EQUAL -1)
        string(APPEND head "${rest}")
        break()
    endif()
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" 0 ${end} one)
    string(SUBSTRING "${rest}" ${end} -1 rest)
    string(APPEND head "${one}")
endforeach()

set(expectations 0)
set(rest "\n${text}")
while(rest MATCHES "\n// expect(-gcc|-clang)?: *([^\n]+)")
    set(whose "${CMAKE_MATCH_1}")
    set(expected "${CMAKE_MATCH_2}")
    string(FIND "${rest}" "${CMAKE_MATCH_0}" start)
    string(LENGTH "${CMAKE_MATCH_0}" length)
    math(EXPR start "${start} + ${length}")
    string(SUBSTRING "${rest}" ${start} -1 rest)
    if(whose STREQUAL "" OR whose STREQUAL "-${COMPILER}")
        math(EXPR expectations "${expectations} + 1")
        if(head MATCHES "${expected}")
        elseif(output MATCHES "${expected}")
            fail("found only below line ${top} of what ${COMPILER} says: ${expected}")
        else()
            fail("the compiler says nothing that matches: ${expected}")
        endif()
    endif()
endwhile()
if(expectations EQUAL 0)
    fail("no line starts with // expect:")
endif()

string(REGEX MATCHALL "[:0-9] error: " errors "${output}")
list(LENGTH errors errors)
if(errors GREATER 1 AND NOT text MATCHES "\n// more errors follow")
    fail("${COMPILER} gives ${errors} errors for one mistake")
endif()

if(NOT twin_status STREQUAL "0")
    fail("the twin does not compile:\n${twin_output}")
endif()

if(failures)
    message(NOTICE "What ${COMPILER} says of the mistake:\n${output}")
    message(FATAL_ERROR "not refused as expected")
endif()
message(STATUS "refused as expected:\n${head}")
