# SPDX-FileCopyrightText: 2026 The roofproof authors
# SPDX-License-Identifier: Apache-2.0

# Writes build_info.h, run at every build so that the commit it names is the one that was built:
#   cmake -DOUTPUT=... -DSOURCE=... -DVERSION=... -DCOMPILER=... -DFLAGS=... -DCUDA_COMPILER=...
#     -DCUDA_DEVICE=... -P
find_package(Git QUIET)
set(sha "")
set(dirty false)
if(GIT_FOUND AND EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE sha OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} status --porcelain --untracked-files=no
                  OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(changes)
    set(dirty true)
  endif()
endif()
set(text "// Generated at build time.
#pragma once

namespace roofproof::build_info {

inline constexpr char version[] = \"${VERSION}\";
inline constexpr char git_sha[] = \"${sha}\";
inline constexpr bool git_dirty = ${dirty};
inline constexpr char compiler[] = \"${COMPILER}\";
inline constexpr char flags[] = \"${FLAGS}\";
inline constexpr char cuda_compiler[] = \"${CUDA_COMPILER}\";
inline constexpr char cuda_device[] = \"${CUDA_DEVICE}\";  // built for this one alone

}  // namespace roofproof::build_info
")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT "${before}" STREQUAL "${text}")
  file(WRITE ${OUTPUT} "${text}")
endif()
