# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# Which machine code and PTX the CUDA sources are compiled to. Also included by scripts (cmake -P):
# tests/check_toolkits.py makes the table of docs/toolkits.md with it.
#
# PTX runs on a GPU that is newer, but only where the driver is not older than the toolkit that wrote
# it; machine code runs on any driver of the toolkit's major version. So every GPU that nvcc can name
# gets machine code.

# The GPUs on a chip with their processor, which run machine code made for them alone ("Binary
# compatibility is supported only for the desktop", CUDA C++ Programming Guide 3.1.2).
set(ROOFPROOF_SYSTEMS_ON_CHIP 72 87 88 101 110)

# Memory-bound kernels and the like: machine code for each generation; newer ones run its PTX.
set(ROOFPROOF_EVERY_GPU 75:sm_75 80:sm_80 86:sm_86 89:sm_89 90:sm_90)

# A build for all GPUs without tests has machine code for these too, where nvcc can name them. With
# tests it has their PTX alone: what those read of each kernel's code is known up to sm_90.
set(ROOFPROOF_NEWER_GPUS 100 120)

# Asks nvcc what it can name, once, for roofproof_gencode; in as well are ROOFPROOF_CUDA_DEVICE,
# ROOFPROOF_CUDA_PTX_ONLY and ROOFPROOF_TESTS, as in CMakeLists.txt.
function(roofproof_choose_cuda_code nvcc)
  if(ROOFPROOF_CUDA_DEVICE AND ROOFPROOF_CUDA_DEVICE LESS 75)
    message(FATAL_ERROR "ROOFPROOF_CUDA_DEVICE=${ROOFPROOF_CUDA_DEVICE}: the kernels need 75 or more")
  endif()
  execute_process(COMMAND ${nvcc} --list-gpu-code OUTPUT_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "sm_[0-9]+" nameable "${listed}")
  list(SORT nameable COMPARE NATURAL)
  set(own)
  set(newer)
  if(ROOFPROOF_CUDA_DEVICE AND NOT ROOFPROOF_CUDA_PTX_ONLY)
    roofproof_code_for_device("${nameable}" runs)
    if(runs)
      list(GET runs -1 own)
    endif()
  elseif(NOT ROOFPROOF_TESTS AND NOT ROOFPROOF_CUDA_PTX_ONLY)
    foreach(gpu IN LISTS ROOFPROOF_NEWER_GPUS)
      if(sm_${gpu} IN_LIST nameable)
        list(APPEND newer sm_${gpu})
      endif()
    endforeach()
  endif()
  set(roofproof_own_code "${own}" PARENT_SCOPE)      # the newest that the one GPU runs
  set(roofproof_newer_code "${newer}" PARENT_SCOPE)  # of ROOFPROOF_NEWER_GPUS
endfunction()

# roofproof_gencode(RESULT virtual:real[,real...]...): nvcc's options. "75:sm_75,sm_90" is compute_75
# PTX assembled for sm_75 and for sm_90. The PTX is kept too, compressed to 7 % of the machine code:
# newer GPUs and the PTX machine of the tests run it. With ROOFPROOF_CUDA_DEVICE only the machine code
# that this one GPU could run is compiled; where there is none in the list, its newest PTX that could
# is assembled for this GPU, or kept as it is where nvcc cannot name it. With ROOFPROOF_CUDA_PTX_ONLY
# there is no machine code, and ptxas, the slow half of nvcc, never runs.
function(roofproof_gencode result)
  set(gencode)
  set(newest)  # PTX that the one GPU could run
  list(GET ARGN -1 last)
  foreach(entry IN LISTS ARGN)
    string(REGEX MATCH "^([0-9]+a?):(.+)$" matched ${entry})
    if(NOT matched)
      message(FATAL_ERROR "CODE '${entry}' is not virtual:real[,real...]")
    endif()
    set(virtual ${CMAKE_MATCH_1})
    set(reals)
    if(NOT ROOFPROOF_CUDA_PTX_ONLY)
      string(REPLACE "," ";" reals ${CMAKE_MATCH_2})
    endif()
    if(ROOFPROOF_CUDA_DEVICE)
      roofproof_code_for_device("${reals}" reals)
      if(NOT newest OR NOT virtual GREATER ROOFPROOF_CUDA_DEVICE)
        set(newest ${virtual})
      endif()
    else()
      if(entry STREQUAL last AND NOT virtual MATCHES a)
        list(APPEND reals ${roofproof_newer_code})
      endif()
      list(APPEND reals compute_${virtual})
    endif()
    if(reals)
      string(REPLACE ";" "," reals "${reals}")
      list(APPEND gencode "-gencode=arch=compute_${virtual},code=[${reals}]")
    endif()
  endforeach()
  if(NOT gencode)
    set(code compute_${newest})
    if(roofproof_own_code AND NOT newest MATCHES a AND NOT newest GREATER ROOFPROOF_CUDA_DEVICE)
      set(code ${roofproof_own_code})
    endif()
    set(gencode "-gencode=arch=compute_${newest},code=[${code}]")
  endif()
  set(${result} "${gencode}" PARENT_SCOPE)
endfunction()

# Keeps of "sm_75;sm_90" what the GPU of ROOFPROOF_CUDA_DEVICE runs: machine code of its own, and of the
# same generation that is older.
function(roofproof_code_for_device reals result)
  math(EXPR generation "${ROOFPROOF_CUDA_DEVICE} / 10")
  set(kept)
  foreach(real IN LISTS reals)
    string(REGEX MATCH "^sm_([0-9]+)" matched ${real})
    set(version ${CMAKE_MATCH_1})
    math(EXPR real_generation "${version} / 10")
    if(version EQUAL ROOFPROOF_CUDA_DEVICE OR
       (real_generation EQUAL generation AND version LESS ROOFPROOF_CUDA_DEVICE AND
        NOT version IN_LIST ROOFPROOF_SYSTEMS_ON_CHIP AND
        NOT ROOFPROOF_CUDA_DEVICE IN_LIST ROOFPROOF_SYSTEMS_ON_CHIP))
      list(APPEND kept ${real})
    endif()
  endforeach()
  set(${result} "${kept}" PARENT_SCOPE)
endfunction()
