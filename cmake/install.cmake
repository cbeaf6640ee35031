# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# cmake --install: a prefix that runs wherever it is put. bin/ has the programs, lib/roofproof/ the
# libraries that travel with them (package_libraries.cmake), found relative to the programs and by no
# others; share/doc/roofproof/ has the licences of all that is in them. No path of this machine is
# left: cuBLAS is looked for where it is used (kernels/cublas/loaded.cpp).

set(documents share/doc/roofproof)

foreach(program roofproof bench_all)
  set_target_properties(${program} PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/roofproof")
  install(TARGETS ${program} RUNTIME DESTINATION bin)
endforeach()
get_property(libraries GLOBAL PROPERTY ROOFPROOF_PACKAGED_LIBRARIES)
install(FILES ${libraries} DESTINATION lib/roofproof)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CHANGELOG.md
        DESTINATION ${documents})

# The notices of what is packed as a library or compiled in, as the distribution's packages carry them;
# on other systems there are none, and tests/check_package.py passes no package without.
foreach(package libbenchmark-dev libcli11-dev libfmt-dev libgomp1 libhwy-dev libjs-chart.js
        lib${openblas_variant}-dev libsimdjson-dev nlohmann-json3-dev)
  install(FILES /usr/share/doc/${package}/copyright DESTINATION ${documents}/licences
          RENAME ${package} OPTIONAL)
endforeach()
if(ROOFPROOF_HAS_CUDA)  # of the runtime: by wheels, by NVIDIA's installer or by its packages
  get_filename_component(toolkit ${CUDAToolkit_BIN_DIR} DIRECTORY)
  set(major ${CUDAToolkit_VERSION_MAJOR}-${CUDAToolkit_VERSION_MINOR})
  file(GLOB cuda_licences ${toolkit}/nvidia_cuda_runtime-*.dist-info/licenses/License.txt
       ${toolkit}/*/nvidia_cuda_runtime-*.dist-info/licenses/License.txt
       ${toolkit}/EULA.txt /usr/share/doc/cuda-cudart-dev-${major}/copyright)
  if(cuda_licences)
    list(GET cuda_licences 0 cuda_licence)
    install(FILES ${cuda_licence} DESTINATION ${documents}/licences RENAME nvidia-cuda-runtime)
  endif()
endif()
