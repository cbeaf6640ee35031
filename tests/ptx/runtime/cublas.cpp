// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The entry points of cuBLAS and cuBLASLt that the project calls, as plain loops on the CPU: slow,
// correct, in the order of the stream.
#include <cublasLt.h>
#include <cublas_v2.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "tests/ptx/runtime/runtime.h"

namespace {

using roofproof::ptx::runtime::enqueue_host_work;
using roofproof::ptx::runtime::not_implemented;

struct Handle {
  cudaStream_t stream = nullptr;
};
struct Matmul {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  cublasOperation_t a = CUBLAS_OP_N, b = CUBLAS_OP_N;
};
struct Layout {
  cudaDataType_t type;
  std::uint64_t rows, columns;
  std::int64_t ld;
};
struct Preference {
  std::size_t workspace = 0;
};

double of_half(std::uint16_t bits) {
  const double sign = bits >> 15 != 0 ? -1 : 1;
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
  return exponent == 0 ? sign * std::ldexp(fraction, -24)
                       : sign * std::ldexp(1024 + fraction, exponent - 25);
}

std::uint16_t to_half(double value) {
  if (std::isnan(value)) return 0x7fff;
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  value = std::abs(value);
  if (value >= 65520) return sign | 0x7c00;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int lowest = std::max(exponent - 11, -24);  // of the last place
  const double places = std::nearbyint(std::ldexp(value, -lowest));
  const double rounded = std::ldexp(places, lowest);
  if (rounded == 0) return sign;
  std::frexp(rounded, &exponent);
  if (exponent < -13) return sign | static_cast<std::uint16_t>(std::ldexp(rounded, 24));
  return sign |
         static_cast<std::uint16_t>(((exponent + 14) << 10) +
                                    (static_cast<int>(std::ldexp(rounded, 11 - exponent)) - 1024));
}

double element(const void* data, cudaDataType_t type, std::int64_t at) {
  switch (type) {
    case CUDA_R_32F:
      return static_cast<const float*>(data)[at];
    case CUDA_R_16F:
      return of_half(static_cast<const std::uint16_t*>(data)[at]);
    case CUDA_R_8I:
      return static_cast<const std::int8_t*>(data)[at];
    case CUDA_R_32I:
      return static_cast<const std::int32_t*>(data)[at];
    default:
      not_implemented("cuBLAS with this type");
  }
}

void set_element(void* data, cudaDataType_t type, std::int64_t at, double value) {
  switch (type) {
    case CUDA_R_32F:
      static_cast<float*>(data)[at] = static_cast<float>(value);
      return;
    case CUDA_R_16F:
      static_cast<std::uint16_t*>(data)[at] = to_half(value);
      return;
    case CUDA_R_32I:
      static_cast<std::int32_t*>(data)[at] =
          static_cast<std::int32_t>(static_cast<std::uint32_t>(static_cast<std::int64_t>(value)));
      return;
    default:
      not_implemented("cuBLAS with this type of result");
  }
}

struct Gemm {
  bool a_transposed, b_transposed;
  std::int64_t m, n, k;
  double alpha, beta;
  const void *a, *b;
  cudaDataType_t a_type, b_type, c_type;
  std::int64_t lda, ldb, ldc;
  void* c;
};

void run(const Gemm& g) {
  const auto rows_of = [&](const void* data, cudaDataType_t type, bool along, std::int64_t ld,
                           std::int64_t count) {
    std::vector<double> rows(static_cast<std::size_t>(count * g.k));
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t l = 0; l < g.k; ++l)
        rows[static_cast<std::size_t>(i * g.k + l)] =
            element(data, type, along ? l + i * ld : i + l * ld);
    }
    return rows;
  };
  const std::vector<double> a = rows_of(g.a, g.a_type, g.a_transposed, g.lda, g.m);
  const std::vector<double> b = rows_of(g.b, g.b_type, !g.b_transposed, g.ldb, g.n);
  for (std::int64_t j = 0; j < g.n; ++j) {
    for (std::int64_t i = 0; i < g.m; ++i) {
      double sum = 0;
      for (std::int64_t l = 0; l < g.k; ++l)
        sum += a[static_cast<std::size_t>(i * g.k + l)] * b[static_cast<std::size_t>(j * g.k + l)];
      const std::int64_t at = i + j * g.ldc;
      set_element(g.c, g.c_type, at,
                  g.alpha * sum + (g.beta == 0 ? 0 : g.beta * element(g.c, g.c_type, at)));
    }
  }
}

double scalar(const void* value, bool integer) {
  return integer ? *static_cast<const int*>(value) : *static_cast<const float*>(value);
}

cublasStatus_t enqueue(const Gemm& gemm, cudaStream_t stream) {
  return enqueue_host_work(stream, "cublas gemm", [gemm] { run(gemm); }) == cudaSuccess
             ? CUBLAS_STATUS_SUCCESS
             : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // namespace

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  *handle = reinterpret_cast<cublasHandle_t>(new Handle);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  delete reinterpret_cast<Handle*>(handle);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  reinterpret_cast<Handle*>(handle)->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void* data, std::size_t bytes) {
  if (reinterpret_cast<std::uintptr_t>(data) % 256 != 0 ||
      !roofproof::ptx::runtime::is_device_memory(data, bytes))
    return CUBLAS_STATUS_INVALID_VALUE;
  return CUBLAS_STATUS_SUCCESS;
}
const char* cublasGetStatusName(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS           ? "CUBLAS_STATUS_SUCCESS"
         : status == CUBLAS_STATUS_NOT_INITIALIZED ? "CUBLAS_STATUS_NOT_INITIALIZED"
                                                   : "CUBLAS_STATUS of the emulated cuBLAS";
}
const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa,
                            cublasOperation_t transb, int m, int n, int k, const void* alpha,
                            const void* a, cudaDataType a_type, int lda, const void* b,
                            cudaDataType b_type, int ldb, const void* beta, void* c,
                            cudaDataType c_type, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t) {
  const bool integer = compute == CUBLAS_COMPUTE_32I;
  const Gemm gemm = {transa != CUBLAS_OP_N,
                     transb != CUBLAS_OP_N,
                     m,
                     n,
                     k,
                     scalar(alpha, integer),
                     scalar(beta, integer),
                     a,
                     b,
                     a_type,
                     b_type,
                     c_type,
                     lda,
                     ldb,
                     ldc,
                     c};
  return enqueue(gemm, reinterpret_cast<Handle*>(handle)->stream);
}

std::size_t cublasLtGetVersion() { return CUBLAS_VERSION; }
cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = reinterpret_cast<cublasLtHandle_t>(new Handle);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete reinterpret_cast<Handle*>(handle);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  *desc = reinterpret_cast<cublasLtMatmulDesc_t>(new Matmul{compute, scale});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) {
  delete reinterpret_cast<Matmul*>(desc);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t size) {
  if (size != sizeof(cublasOperation_t)) return CUBLAS_STATUS_INVALID_VALUE;
  cublasOperation_t operation;
  std::memcpy(&operation, value, size);
  if (attribute == CUBLASLT_MATMUL_DESC_TRANSA) {
    reinterpret_cast<Matmul*>(desc)->a = operation;
  } else if (attribute == CUBLASLT_MATMUL_DESC_TRANSB) {
    reinterpret_cast<Matmul*>(desc)->b = operation;
  } else {
    not_implemented("an attribute of cublasLtMatmulDescSetAttribute");
  }
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t ld) {
  *layout = reinterpret_cast<cublasLtMatrixLayout_t>(new Layout{type, rows, columns, ld});
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete reinterpret_cast<Layout*>(layout);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = reinterpret_cast<cublasLtMatmulPreference_t>(new Preference);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete reinterpret_cast<Preference*>(preference);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t,
                                                    cublasLtMatmulPreferenceAttributes_t,
                                                    const void*, std::size_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t, int most,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* found) {
  *found = std::min(most, 1);
  std::memset(results, 0, sizeof results[0] * static_cast<std::size_t>(*found));
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t*,
                                                    cublasLtMatmulAlgoConfigAttributes_t,
                                                    void* value, std::size_t size,
                                                    std::size_t* written) {
  std::memset(value, 0, size);
  *written = size;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t*, void*, std::size_t,
                              cudaStream_t stream) {
  if (c != d) not_implemented("cublasLtMatmul with C apart from D");
  const auto& matmul = *reinterpret_cast<const Matmul*>(desc);
  const auto& la = *reinterpret_cast<const Layout*>(a_layout);
  const auto& lb = *reinterpret_cast<const Layout*>(b_layout);
  const auto& ld = *reinterpret_cast<const Layout*>(d_layout);
  const bool integer = matmul.scale == CUDA_R_32I;
  const bool ta = matmul.a != CUBLAS_OP_N, tb = matmul.b != CUBLAS_OP_N;
  const auto k = static_cast<std::int64_t>(ta ? la.rows : la.columns);
  if (static_cast<std::int64_t>(tb ? lb.columns : lb.rows) != k) return CUBLAS_STATUS_INVALID_VALUE;
  const Gemm gemm = {ta,
                     tb,
                     static_cast<std::int64_t>(ld.rows),
                     static_cast<std::int64_t>(ld.columns),
                     k,
                     scalar(alpha, integer),
                     scalar(beta, integer),
                     a,
                     b,
                     la.type,
                     lb.type,
                     ld.type,
                     la.ld,
                     lb.ld,
                     ld.ld,
                     d};
  return enqueue(gemm, stream);
}

}  // extern "C"
