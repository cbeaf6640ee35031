# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# Every package that is not CUDA. cmake/setup.sh names the distribution's packages that carry them.

find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(benchmark 1.6 REQUIRED)     # benchmark::benchmark
find_package(fmt 8 REQUIRED)             # fmt::fmt
find_package(nlohmann_json 3.10 REQUIRED)  # nlohmann_json::nlohmann_json
find_package(CLI11 2.1 REQUIRED)         # CLI11::CLI11
find_package(simdjson REQUIRED)          # simdjson::simdjson, with a macro its layout depends on

# hwy::hwy. Ubuntu 22.04's package has no CMake files, so that none are used anywhere.
find_path(ROOFPROOF_HWY_INCLUDE hwy/highway.h REQUIRED)
find_library(ROOFPROOF_HWY_LIBRARY hwy REQUIRED)
add_library(hwy::hwy SHARED IMPORTED)
set_target_properties(hwy::hwy PROPERTIES
  IMPORTED_LOCATION ${ROOFPROOF_HWY_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${ROOFPROOF_HWY_INCLUDE})

# OpenBLAS::OpenBLAS, the static library: libopenblas.so.0 is whichever variant the machine's
# alternatives point to, and a figure would depend on it. The OpenMP variant shares its threads with
# our own loops; the pthread variant is taken where it is the one installed.
find_library(ROOFPROOF_OPENBLAS_LIBRARY libopenblas.a REQUIRED
             PATH_SUFFIXES openblas-openmp openblas-pthread)
get_filename_component(openblas_variant ${ROOFPROOF_OPENBLAS_LIBRARY} DIRECTORY)
get_filename_component(openblas_variant ${openblas_variant} NAME)
find_path(ROOFPROOF_OPENBLAS_INCLUDE cblas.h REQUIRED
          PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE}/${openblas_variant} ${openblas_variant})
message(STATUS "OpenBLAS: ${ROOFPROOF_OPENBLAS_LIBRARY}")
add_library(OpenBLAS::OpenBLAS STATIC IMPORTED)
set_target_properties(OpenBLAS::OpenBLAS PROPERTIES
  IMPORTED_LOCATION ${ROOFPROOF_OPENBLAS_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${ROOFPROOF_OPENBLAS_INCLUDE}
  INTERFACE_LINK_LIBRARIES "OpenMP::OpenMP_CXX;Threads::Threads")

# Chart.js draws the report's charts; without it the report has its tables alone. Ubuntu and Debian
# ship version 3; version 2 is told at run time and not used.
find_file(ROOFPROOF_CHART_JS NAMES chart.umd.js chart.min.js Chart.min.js
          PATHS /usr/share/javascript/chart.js NO_DEFAULT_PATH)
if(NOT ROOFPROOF_CHART_JS)
  message(STATUS "Chart.js: none (libjs-chart.js); reports will have tables alone")
endif()

if(ROOFPROOF_TESTS)
  find_package(GTest 1.11 REQUIRED)      # GTest::gtest_main, GTest::gmock

  # The system's python3, not one that happens to be first on PATH: the distribution's packages
  # (jsonschema, scipy) are installed for this one alone.
  find_program(ROOFPROOF_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
  find_program(ROOFPROOF_XMLLINT xmllint REQUIRED)
  find_program(ROOFPROOF_CMARK_GFM cmark-gfm REQUIRED)  # as GitHub renders Markdown
  find_program(ROOFPROOF_CLANG_FORMAT clang-format-14 REQUIRED)  # every version formats otherwise
  find_file(ROOFPROOF_COMPARE_PY compare.py PATHS /usr/share/benchmark)

  # Shows machine code; the set-up puts it here where the toolkit has none.
  find_program(ROOFPROOF_CUOBJDUMP cuobjdump HINTS ${PROJECT_BINARY_DIR}/cuda-tools ENV CUDA_HOME
               PATHS /usr/local/cuda PATH_SUFFIXES bin)
endif()
