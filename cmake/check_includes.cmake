# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# The direction of flow as a test: kernels -> bench -> results -> analysis. Run as
#   cmake -DSOURCE=<repository> -P check_includes.cmake
# Every #include "..." of a folder must begin with one of the prefixes in its row; the first row that
# matches a file counts.
set(rules
  "kernels/problem/ : kernels/problem/"
  # Models by their config.json, which is read as results are.
  "kernels/models/  : kernels/models/ kernels/problem/ results/record/"
  "kernels/         : kernels/"
  "results/         : results/record/ kernels/problem/"
  "analysis/        : analysis/ results/record/ kernels/models/ kernels/problem/"
  # The last thing bench_all does is to say what its result means.
  "bench/main.cpp   : bench/ results/record/ kernels/ analysis/summary/summary.h analysis/compare/against.h analysis/report/report.h analysis/terminal.h"
  # Two processes: the one that leads knows nothing of how a session measures, nor of CUDA.
  "bench/app.cpp    : bench/ results/record/ kernels/"
  "bench/device/    : bench/device/ results/record/ kernels/ build_info.h"
  "bench/lead/      : bench/lead/ bench/device/ bench/options.h bench/plan.h bench/protocol.h bench/suite.h bench/worker_event.h results/record/ kernels/problem/ kernels/played.h"
  "bench/session/   : bench/session/ bench/device/ bench/plan.h bench/protocol.h bench/worker_event.h results/record/ kernels/"
  "bench/cuda/      : bench/cuda/ bench/session/timer.h kernels/"
  "bench/           : bench/plan.h bench/suite.h bench/protocol.h bench/options.h bench/worker_event.h bench/lead/lead.h results/record/ kernels/models/ kernels/problem/ kernels/device.h kernels/catalogue.h")

set(checked 0)
set(wrong 0)
foreach(folder kernels results models analysis bench)
  file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/${folder}/*.h ${SOURCE}/${folder}/*.cpp
       ${SOURCE}/${folder}/*.cu ${SOURCE}/${folder}/*.cuh)
  foreach(file IN LISTS files)
    set(allowed)
    foreach(rule IN LISTS rules)
      string(REGEX MATCH "^([^ ]+) *: (.*)$" matched "${rule}")
      string(FIND ${file} ${CMAKE_MATCH_1} at)
      if(at EQUAL 0)
        string(REPLACE " " ";" allowed "${CMAKE_MATCH_2}")
        break()
      endif()
    endforeach()
    file(STRINGS ${SOURCE}/${file} includes REGEX "^ *# *include \"")
    foreach(line IN LISTS includes)
      string(REGEX REPLACE "^[^\"]*\"([^\"]*)\".*" "\\1" path "${line}")
      math(EXPR checked "${checked} + 1")
      set(fits FALSE)
      foreach(prefix IN LISTS allowed)
        string(FIND ${path} ${prefix} at)
        if(at EQUAL 0)
          set(fits TRUE)
        endif()
      endforeach()
      if(NOT fits)
        message(SEND_ERROR "${file} includes ${path}; its folder may include: ${allowed}")
        math(EXPR wrong "${wrong} + 1")
      endif()
    endforeach()
  endforeach()
endforeach()
if(checked EQUAL 0)
  message(FATAL_ERROR "no include was checked: is SOURCE the repository?")
endif()
message(STATUS "${checked} includes checked, ${wrong} against the direction of flow")
