// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Machine instructions, one function each and nothing else, under the names of the PTX ISA, which
// has their definitions: dots are underscores, types are left out where the operands tell them.
// What a machine lacks is nothing there, or said. Shared memory is addressed by pointers or, as the
// machine does, by 32-bit numbers.
//
// Here are those of kernels that run on many machines; cluster.cuh, tensor_copy.cuh and wgmma.cuh
// have those of sm_90 alone. Tests run kernels on the CPU: ROOFPROOF_SIMT_EMULATION then names a
// header that defines the same functions, and whatever of CUDA C++ the kernels use, in plain C++.
#pragma once

#ifdef ROOFPROOF_SIMT_EMULATION
#include ROOFPROOF_SIMT_EMULATION
#else
#include "kernels/cuda/ptx/arithmetic.cuh"
#include "kernels/cuda/ptx/bulk_copy.cuh"
#include "kernels/cuda/ptx/cp_async.cuh"
#include "kernels/cuda/ptx/griddepcontrol.cuh"
#include "kernels/cuda/ptx/mbarrier.cuh"
#include "kernels/cuda/ptx/memory.cuh"
#include "kernels/cuda/ptx/mma.cuh"
#include "kernels/cuda/ptx/registers.cuh"
#endif
