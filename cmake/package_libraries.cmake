# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# build/bin and build/lib together run on another machine: the libraries that the distribution has
# as shared ones only are copied to build/lib, where every program looks first. cuBLAS (600 MB) and
# the driver stay the other machine's, and the programs start without them; the CUDA runtime is linked
# statically. Here cuBLAS is found in the toolkit that was built with, which the loader need not know.

set(CMAKE_BUILD_RPATH "$ORIGIN/../lib" ${CUDAToolkit_LIBRARY_DIR})
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)  # also for build/cuda, so that build/ may be moved as a whole

# Copies a shared library under the name that the dynamic linker asks for.
function(roofproof_package_library file)
  get_filename_component(file ${file} REALPATH)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${file} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)
  if(headers MATCHES "SONAME +([^ \n]+)")
    set(copy ${PROJECT_BINARY_DIR}/lib/${CMAKE_MATCH_1})
    configure_file(${file} ${copy} COPYONLY)
    set_property(GLOBAL APPEND PROPERTY ROOFPROOF_PACKAGED_LIBRARIES ${copy})
  else()
    message(FATAL_ERROR "${file} is no shared library with a name (SONAME)")
  endif()
endfunction()

foreach(target benchmark::benchmark fmt::fmt hwy::hwy simdjson::simdjson)
  get_target_property(file ${target} LOCATION)
  roofproof_package_library(${file})
endforeach()
foreach(name IN LISTS OpenMP_CXX_LIB_NAMES)  # libgomp
  if(NOT name STREQUAL "pthread")
    roofproof_package_library(${OpenMP_${name}_LIBRARY})
  endif()
endforeach()
