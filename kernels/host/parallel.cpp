// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "kernels/host/parallel.h"

#include <omp.h>

namespace roofproof::host {

int granted_threads(int most) {
  // OMP_DYNAMIC would give each region another number, by what the machine does at that moment.
  omp_set_dynamic(0);
  int granted = 1;
  // OMP_THREAD_LIMIT shows in a region alone.
#pragma omp parallel num_threads(std::min(most, omp_get_max_threads()))
#pragma omp master
  granted = omp_get_num_threads();
  return granted;
}

}  // namespace roofproof::host
