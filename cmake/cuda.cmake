# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# The CUDA backend: whether it is built, and for which GPUs.

set(ROOFPROOF_HAS_CUDA OFF)
if(NOT ROOFPROOF_CUDA STREQUAL "OFF")
  include(CheckLanguage)
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    find_program(ROOFPROOF_NVCC nvcc HINTS ENV CUDA_HOME PATHS /usr/local/cuda PATH_SUFFIXES bin)
    if(ROOFPROOF_NVCC)
      set(CMAKE_CUDA_COMPILER ${ROOFPROOF_NVCC})
    endif()
  endif()
  # Each target names its own code with -gencode, see roofproof_cuda_library().
  set(CMAKE_CUDA_ARCHITECTURES OFF)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    enable_language(CUDA)
    # CUDA::cudart_static is linked by name: the -L that CMake adds breaks in a path with spaces.
    set(CMAKE_CUDA_RUNTIME_LIBRARY None)
    find_package(CUDAToolkit 12.4)
    if(CUDAToolkit_FOUND)
      set(ROOFPROOF_HAS_CUDA ON)
    endif()
  endif()
endif()
if(ROOFPROOF_CUDA STREQUAL "ON" AND NOT ROOFPROOF_HAS_CUDA)
  message(FATAL_ERROR "ROOFPROOF_CUDA=ON, but there is no CUDA toolkit >= 12.4 with nvcc; "
                      "put nvcc on PATH or set CUDACXX")
endif()
if(ROOFPROOF_HAS_CUDA)
  message(STATUS "CUDA backend: built with nvcc ${CMAKE_CUDA_COMPILER_VERSION}")
else()
  message(STATUS "CUDA backend: left out (no nvcc >= 12.4); host backend and analysis are complete")
endif()

# NVIDIA's libraries, as the program at the end of the chain wants them: a program with the property
# ROOFPROOF_PTX_MACHINE gets the same objects over the PTX machine of tests/ptx.
if(ROOFPROOF_HAS_CUDA)
  set(on_ptx_machine "$<BOOL:$<TARGET_PROPERTY:ROOFPROOF_PTX_MACHINE>>")
  add_library(roofproof_cudart INTERFACE)
  target_link_libraries(roofproof_cudart
    INTERFACE $<IF:${on_ptx_machine},ptx_cudart,CUDA::cudart_static>)
  add_library(roofproof_cublas_libraries INTERFACE)
  target_link_libraries(roofproof_cublas_libraries
    INTERFACE $<IF:${on_ptx_machine},ptx_cudart,roofproof_cublas_loaded>)
endif()

if(ROOFPROOF_HAS_CUDA)
  include(cuda_code)
  roofproof_choose_cuda_code("${CMAKE_CUDA_COMPILER}")
endif()

# roofproof_cuda_library(NAME CODE virtual:real[,real...]... SOURCES file... [LINK target...]): CODE as
# roofproof_gencode takes it.
function(roofproof_cuda_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "CODE;SOURCES;LINK")
  roofproof_gencode(gencode ${arg_CODE})
  add_library(${name} STATIC ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES CUDA_ARCHITECTURES OFF CUDA_STANDARD 17
                        CUDA_STANDARD_REQUIRED ON POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${name} PUBLIC roofproof_options roofproof_cudart ${arg_LINK})
  target_compile_options(${name} PRIVATE
    "$<$<COMPILE_LANGUAGE:CUDA>:${gencode};-Xcompiler=-Wall;-lineinfo>"
    "$<$<AND:$<COMPILE_LANGUAGE:CUDA>,$<BOOL:${ROOFPROOF_WERROR}>>:-Werror=all-warnings>")
  roofproof_watch_ptxas(${name})
  set_property(GLOBAL APPEND PROPERTY ROOFPROOF_CUDA_LIBRARIES ${name})
endfunction()

# Has ptxas warn of registers that do not suffice and of arrays that end up in local memory, and keeps
# what the compiler prints for each object of the target beside it, in OBJECT.log, for a test to read:
# that wgmma has been serialised it tells as information only. CMake puts the rule's launcher before
# CMAKE_CUDA_COMPILER_LAUNCHER, so that one stays the user's. Generators but Ninja and Makefiles have
# no such rules. Kernels are tuned to keep to their registers up to sm_90; what they do on newer ones is
# in kernels/NOTES.md, and no warning.
function(roofproof_watch_ptxas target)
  get_target_property(options ${target} COMPILE_OPTIONS)
  if(NOT options MATCHES "sm_1[0-9][0-9]")
    target_compile_options(${target} PRIVATE
      "$<$<COMPILE_LANGUAGE:CUDA>:-Xptxas=-warn-spills;-Xptxas=-warn-lmem-usage>")
  endif()
  set_property(TARGET ${target} PROPERTY RULE_LAUNCH_COMPILE
               "sh \"${PROJECT_SOURCE_DIR}/cmake/keep_compiler_log.sh\" <OBJECT>")
endfunction()
