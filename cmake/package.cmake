# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# cpack -G TXZ and cpack -G DEB: what is installed, as an archive that runs wherever it is unpacked, and
# as a package for Debian and Ubuntu. .ci/release makes both. Each has its CUDA's major version in its
# name, since that decides which drivers run it (docs/toolkits.md).

if(ROOFPROOF_HAS_CUDA)
  set(variant cuda${CUDAToolkit_VERSION_MAJOR})
  # NVIDIA's own package; without it the rows of cuBLAS are unsupported.
  set(CPACK_DEBIAN_PACKAGE_SUGGESTS
      libcublas-${CUDAToolkit_VERSION_MAJOR}-${CUDAToolkit_VERSION_MINOR})
else()
  set(variant cpu)
endif()

set(CPACK_GENERATOR TXZ DEB)
set(CPACK_PACKAGE_FILE_NAME
    ${PROJECT_NAME}-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}-${variant})
set(CPACK_PACKAGE_VENDOR "The roofproof authors")
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${variant})
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "The roofproof authors <roofproof@localhost>")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "measures how close a GPU comes to its roofline")
set(CPACK_PACKAGE_DESCRIPTION
"Memory bandwidth, matrix products and the tokens/s of a whole decode, by
hand-written CUDA kernels beside cuBLAS, held against datasheet and device;
and whether an article's claims about them are true. Measures the CPU where
there is no GPU, and predicts without measuring.")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package_debian.cmake)
include(CPack)
