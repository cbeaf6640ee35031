# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# What every target of the project shares.

add_library(roofproof_options INTERFACE)
target_compile_features(roofproof_options INTERFACE cxx_std_20)
target_include_directories(roofproof_options INTERFACE ${PROJECT_SOURCE_DIR})
# Designated initialisers leave the rest to its default on purpose.
target_compile_options(roofproof_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wno-missing-field-initializers>"
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${ROOFPROOF_WERROR}>>:-Werror>)
# Two of GCC's warnings see what is not there: -Wrestrict in std::string's operators (its bug 105651)
# and -Wmaybe-uninitialized in std::optional (its bug 80635).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(roofproof_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-maybe-uninitialized>")
endif()
if(ROOFPROOF_SANITIZE)
  # -O1: at -O3 one file full of checks can take GCC minutes.
  target_compile_options(roofproof_options INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${ROOFPROOF_SANITIZE};-fno-omit-frame-pointer;-g;-O1>"
    $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=all>)
  target_link_options(roofproof_options INTERFACE -fsanitize=${ROOFPROOF_SANITIZE})
endif()

# roofproof_library(NAME SOURCES file... [LINK target...])
function(roofproof_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC roofproof_options ${arg_LINK})
endfunction()

# roofproof_program(NAME SOURCES file... [LINK target...]): an executable in build/bin that finds
# the libraries that travel with it in build/lib.
function(roofproof_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE roofproof_options ${arg_LINK})
endfunction()
