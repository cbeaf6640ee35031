# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# cmake --install: a prefix with bin/ and lib/ that runs wherever it is put. The libraries that
# travel with the programs (package_libraries.cmake) are found relative to them; cuBLAS, which stays
# where it is, also in the toolkit that was built with, which the loader need not know.

set(library_folders "$ORIGIN/../lib" ${CUDAToolkit_LIBRARY_DIR})
foreach(program roofproof bench_all)
  set_target_properties(${program} PROPERTIES INSTALL_RPATH "${library_folders}")
  install(TARGETS ${program} RUNTIME DESTINATION bin)
endforeach()
install(DIRECTORY ${PROJECT_BINARY_DIR}/lib/ DESTINATION lib FILES_MATCHING PATTERN "*.so*")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/roofproof)
