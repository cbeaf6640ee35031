# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# Installs to a prefix, moves it, and runs both programs from there. Nothing is built: the programs
# in the build tree are the same before and after. Run as
#   cmake -DBUILD=<build tree> -DPREFIX=<folder of its own> -P check_install.cmake

function(run_program)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=LD_LIBRARY_PATH ${ARGV}
                  OUTPUT_VARIABLE out ERROR_VARIABLE out RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}: ${status}\n${out}")
  endif()
  set(out "${out}" PARENT_SCOPE)
endfunction()

set(programs roofproof bench_all)
foreach(program IN LISTS programs)
  file(TIMESTAMP ${BUILD}/bin/${program} built_${program} "%s")
endforeach()

file(REMOVE_RECURSE ${PREFIX} ${PREFIX}-moved)
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX}
                OUTPUT_QUIET ERROR_VARIABLE error RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "cmake --install: ${error}")
endif()
file(RENAME ${PREFIX} ${PREFIX}-moved)
set(prefix ${PREFIX}-moved)

foreach(program IN LISTS programs)
  file(TIMESTAMP ${BUILD}/bin/${program} now "%s")
  if(NOT now STREQUAL built_${program})
    message(FATAL_ERROR "the installation built ${program}")
  endif()
  # Every library of the project's own lib/ must come from the prefix, none from the build tree.
  run_program(ldd ${prefix}/bin/${program})
  if(out MATCHES "not found")
    message(FATAL_ERROR "${program} lacks a library:\n${out}")
  endif()
  foreach(folder lib bin)
    string(FIND "${out}" "${BUILD}/${folder}/" in_build)
    if(NOT in_build EQUAL -1)
      message(FATAL_ERROR "${program} still looks into the build tree:\n${out}")
    endif()
  endforeach()
  string(FIND "${out}" "${prefix}/bin/../lib/roofproof/" in_prefix)
  if(in_prefix EQUAL -1)
    message(FATAL_ERROR "${program} does not find the prefix's lib/roofproof/:\n${out}")
  endif()
endforeach()

run_program(${prefix}/bin/bench_all --device host --list)
if(NOT out MATCHES "gemm/fp32/")
  message(FATAL_ERROR "bench_all --list says:\n${out}")
endif()
run_program(${prefix}/bin/roofproof predict --gpu T4)
if(NOT out MATCHES "22\\.50")
  message(FATAL_ERROR "roofproof predict says:\n${out}")
endif()
file(REMOVE_RECURSE ${prefix})
