# SPDX-License-Identifier: BSD-3-Clause
# xgrad_add_dispatched_sources(<target> <source>... [ARCHITECTURES <name>...])
#
# Compiles each source once per architecture and adds the objects to the target. Names are avx512, avx2 (with FMA), avx,
# sse4.2, sse2 and neon64; without any, avx512, avx2 and sse2 or, on ARM, neon64. The source defines what <xgrad/kernel/
# dispatch.hpp> calls: explicit specialisations for xg::this_architecture; whatever else it defines belongs in an unnamed
# namespace. The rest of the target is compiled for the weakest machine that it shall run on.
#
# What several translation units define in common, inline functions of the standard library above all, the linker takes from
# any of them: a program would die on a weak machine in a std::vector that was compiled for AVX. So every object's shared
# symbols are made its own, which takes the GNU linker and objcopy.
set(xgrad_isolate_script "${CMAKE_CURRENT_LIST_DIR}/xgrad_isolate.cmake")

function(xgrad_add_dispatched_sources target)
    set(xsimd_avx512 "xsimd::avx512bw")
    set(flags_avx512 -mavx512f -mavx512cd -mavx512dq -mavx512bw -mfma) # no more than xsimd asks the machine for
    set(xsimd_avx2 "xsimd::fma3<xsimd::avx2>")
    set(flags_avx2 -mavx2 -mfma)
    set(xsimd_avx "xsimd::avx")
    set(flags_avx -mavx)
    set(xsimd_sse4.2 "xsimd::sse4_2")
    set(flags_sse4.2 -msse4.2)
    set(xsimd_sse2 "xsimd::sse2")
    set(flags_sse2)
    set(xsimd_neon64 "xsimd::neon64")
    set(flags_neon64)
    set(order avx512 avx2 avx sse4.2 sse2 neon64) # best first, as xsimd wants it

    cmake_parse_arguments(PARSE_ARGV 1 given "" "" "ARCHITECTURES")
    if(NOT TARGET ${target} OR NOT given_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "xgrad_add_dispatched_sources(<target> <source>... [ARCHITECTURES <name>...])")
    endif()
    if(NOT CMAKE_EXECUTABLE_FORMAT STREQUAL "ELF")
        message(FATAL_ERROR "xgrad_add_dispatched_sources needs ELF objects")
    endif()
    set(arm OFF)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)")
        set(arm ON)
    endif()
    if(NOT given_ARCHITECTURES)
        set(given_ARCHITECTURES avx512 avx2 sse2)
        if(arm)
            set(given_ARCHITECTURES neon64)
        endif()
    endif()
    set(architectures "")
    foreach(name IN LISTS order)
        if(name IN_LIST given_ARCHITECTURES)
            list(APPEND architectures ${name})
            list(REMOVE_ITEM given_ARCHITECTURES ${name})
        endif()
    endforeach()
    if(given_ARCHITECTURES)
        message(FATAL_ERROR "xgrad_add_dispatched_sources: there is no architecture ${given_ARCHITECTURES}; there are ${order}")
    endif()
    get_target_property(before ${target} XGRAD_ARCHITECTURES)
    if(before AND NOT before STREQUAL architectures)
        message(FATAL_ERROR "xgrad_add_dispatched_sources: ${target} is dispatched among ${before} already")
    endif()

    foreach(tool IN ITEMS ld objcopy objdump nm)
        if(NOT XGRAD_TOOL_${tool})
            execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -print-prog-name=${tool}
                            OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE)
            if(tool STREQUAL "ld" AND EXISTS "${found}.bfd")
                string(APPEND found ".bfd")
            endif()
            set(XGRAD_TOOL_${tool} "${found}" CACHE FILEPATH "GNU ${tool}, for xgrad_add_dispatched_sources")
            mark_as_advanced(XGRAD_TOOL_${tool})
        endif()
    endforeach()

    foreach(source IN LISTS given_UNPARSED_ARGUMENTS)
        cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
        cmake_path(GET source STEM stem)
        foreach(name IN LISTS architectures)
            set(object "${target}_${stem}_${name}")
            set(architecture "${xsimd_${name}}")
            set(folder "${CMAKE_CURRENT_BINARY_DIR}/xgrad_dispatch")
            # Options of a source come after those of everything that the target links, so they win.
            file(CONFIGURE OUTPUT "${folder}/${object}.cpp" @ONLY CONTENT [=[
#include <xgrad/kernel/dispatch.hpp>
static_assert(std::is_same_v<xgrad::this_architecture, @architecture@> && std::is_same_v<xsimd::default_arch, @architecture@>,
              "xgrad: the target's options allow instructions beyond @name@");
#include "@source@"
]=])
            set(march "")
            if(NOT arm)
                set(march -march=x86-64)
            endif()
            if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
                list(APPEND march -fno-gnu-unique) # objcopy cannot make unique symbols local
            endif()
            set_source_files_properties("${folder}/${object}.cpp" PROPERTIES
                COMPILE_OPTIONS "${march};${flags_${name}};-fno-lto" OBJECT_DEPENDS "${source}" SKIP_PRECOMPILE_HEADERS ON)
            add_library(${object} OBJECT "${folder}/${object}.cpp")
            foreach(property IN ITEMS INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS COMPILE_FEATURES)
                set_property(TARGET ${object} PROPERTY ${property} "$<TARGET_PROPERTY:${target},${property}>")
            endforeach()
            set_target_properties(${object} PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD OFF
                                                       INTERPROCEDURAL_OPTIMIZATION OFF)
            add_custom_command(OUTPUT "${folder}/${object}.o"
                COMMAND "${CMAKE_COMMAND}" "-DOBJECT=$<TARGET_OBJECTS:${object}>" "-DOUTPUT=${folder}/${object}.o"
                        "-DSOURCE=${source}" "-DARCHITECTURE=${name}" "-DLD=${XGRAD_TOOL_ld}" "-DNM=${XGRAD_TOOL_nm}"
                        "-DOBJCOPY=${XGRAD_TOOL_objcopy}" "-DOBJDUMP=${XGRAD_TOOL_objdump}" -P "${xgrad_isolate_script}"
                DEPENDS $<TARGET_OBJECTS:${object}> "${xgrad_isolate_script}"
                COMMENT "Isolating ${stem} for ${name}" VERBATIM)
            set_source_files_properties("${folder}/${object}.o" PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
            target_sources(${target} PRIVATE "${folder}/${object}.o")
        endforeach()
    endforeach()
    if(NOT before)
        set_target_properties(${target} PROPERTIES XGRAD_ARCHITECTURES "${architectures}" LINKER_LANGUAGE CXX)
        set(list "")
        foreach(name IN LISTS architectures)
            list(APPEND list "${xsimd_${name}}")
        endforeach()
        list(JOIN list "," list)
        target_compile_definitions(${target} PRIVATE "XGRAD_ARCHITECTURES=${list}")
    endif()
endfunction()
