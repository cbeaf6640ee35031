# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# libFuzzer comes with Clang alone, and watches only what Clang has compiled for it: a program of this
# kind is compiled from its sources in one go, beside the build, and only when asked for by name.

find_program(ROOFPROOF_CLANG NAMES clang++ clang++-18 clang++-16 clang++-15 clang++-14)
set(ROOFPROOF_HAS_LIBFUZZER OFF)
if(ROOFPROOF_CLANG)
  set(probe ${CMAKE_CURRENT_BINARY_DIR}/libfuzzer_probe)
  file(WRITE ${probe}.cpp "extern \"C\" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }\n")
  execute_process(COMMAND ${ROOFPROOF_CLANG} -fsanitize=fuzzer,address,undefined ${probe}.cpp -o ${probe}
                  RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(NOT failed)
    set(ROOFPROOF_HAS_LIBFUZZER ON)
  endif()
endif()

# roofproof_libfuzzer_program(NAME SOURCES file... LIBRARIES target... LINK target...): with the
# sources of the one kind of libraries, linked to the other.
function(roofproof_libfuzzer_program name)
  if(NOT ROOFPROOF_HAS_LIBFUZZER)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES;LINK")
  list(TRANSFORM arg_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  foreach(library IN LISTS arg_LIBRARIES)
    get_target_property(sources ${library} SOURCES)
    get_target_property(folder ${library} SOURCE_DIR)
    list(TRANSFORM sources PREPEND ${folder}/)
    list(APPEND arg_SOURCES ${sources})
  endforeach()
  set(linked)
  foreach(library IN LISTS arg_LINK)
    get_target_property(file ${library} LOCATION)
    get_target_property(definitions ${library} INTERFACE_COMPILE_DEFINITIONS)
    list(TRANSFORM definitions PREPEND -D)
    list(APPEND linked ${definitions} ${file})
  endforeach()
  set(program ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/${name})
  add_custom_command(OUTPUT ${program}
    COMMAND ${ROOFPROOF_CLANG} -std=c++20 -O1 -g -fno-omit-frame-pointer
            -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
            -I${PROJECT_SOURCE_DIR} ${arg_SOURCES} ${linked} -o ${program}
    DEPENDS ${arg_SOURCES}
    VERBATIM)
  add_custom_target(${name} DEPENDS ${program})
endfunction()
