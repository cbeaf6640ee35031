// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// The entry points of cuBLAS and cuBLASLt that the project calls, over one GEMM of plain loops on
// the CPU: slow, correct, in the order of the stream.
//
//   GEMM                      cublasGemmEx, cublasLtMatmul
//   what describes it         cublasLtMatmulDesc*, cublasLtMatrixLayout*
//   algorithms, as played     cublasLtMatmulAlgo*, cublasLtMatmulPreference*
//   handles, versions, names  cublasCreate ..., cublasLtCreate ...
#include "tests/ptx/runtime/cublas.h"

#include <cublas_v2.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

// What the handles point at. Descriptors of cuBLASLt hold the bytes themselves.
struct cublasContext {
  cudaStream_t stream = nullptr;
};
struct cublasLtContext {};

namespace {

using roofproof::ptx::runtime::enqueue_host_work;
using roofproof::ptx::runtime::host_work_ns;
using roofproof::ptx::runtime::is_device_memory;
using roofproof::ptx::runtime::not_implemented;
using roofproof::ptx::runtime::played_cublas;

struct MatmulDesc {
  cudaDataType_t scale;
  cublasOperation_t a, b;
};
struct MatrixLayout {
  cudaDataType_t type;
  std::int64_t rows, columns, ld;
};

double from_half(std::uint16_t bits) {
  const double sign = bits >> 15 != 0 ? -1 : 1;
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 31) return fraction != 0 ? NAN : sign * INFINITY;
  return exponent == 0 ? sign * std::ldexp(fraction, -24)
                       : sign * std::ldexp(1024 + fraction, exponent - 25);
}

// Rounds to nearest even, once.
std::uint16_t to_half(double value) {
  if (std::isnan(value)) return 0x7fff;
  const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  value = std::abs(value);
  if (value == 0) return sign;
  if (value >= 65520) return sign | 0x7c00;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int last_place = std::max(exponent - 11, -24);
  const double places = std::nearbyint(std::ldexp(value, -last_place));
  // 1024 places are the smallest normal number's fraction and its hidden bit: counting on from
  // there carries into the exponent.
  const int bits = ((last_place + 24) << 10) + static_cast<int>(places);
  return sign | static_cast<std::uint16_t>(bits);
}

struct Type {
  cudaDataType_t id;
  std::int64_t bytes;
  double (*read)(const void* element);
  void (*write)(void* element, double value);  // null: no type of results
};

template <class T>
double read(const void* element) {
  return static_cast<double>(*static_cast<const T*>(element));
}

constexpr Type types[] = {
    {CUDA_R_32F, 4, read<float>,
     [](void* to, double value) { *static_cast<float*>(to) = static_cast<float>(value); }},
    {CUDA_R_16F, 2,
     [](const void* half) { return from_half(*static_cast<const std::uint16_t*>(half)); },
     [](void* to, double value) { *static_cast<std::uint16_t*>(to) = to_half(value); }},
    {CUDA_R_8I, 1, read<std::int8_t>, nullptr},
    {CUDA_R_32I, 4, read<std::int32_t>,
     [](void* to, double value) {  // wraps, as the device's sums do
       *static_cast<std::uint32_t*>(to) =
           static_cast<std::uint32_t>(static_cast<std::int64_t>(value));
     }},
};

const Type& type_of(cudaDataType_t id) {
  for (const Type& type : types) {
    if (type.id == id) return type;
  }
  not_implemented("cuBLAS with another type");
}

// Column-major, element (row, column) at row + column * ld.
struct Matrix {
  char* data;
  const Type* type;
  std::int64_t rows, columns, ld;

  void* at(std::int64_t row, std::int64_t column) const {
    return data + (row + column * ld) * type->bytes;
  }
  void require_device_memory(const char* name) const {
    const auto bytes = static_cast<std::size_t>(((columns - 1) * ld + rows) * type->bytes);
    if (!is_device_memory(data, bytes)) {
      throw std::runtime_error(std::string(name) + " is not within one allocation of the device");
    }
  }
};

Matrix make_matrix(const void* data, const MatrixLayout& layout) {
  return {static_cast<char*>(const_cast<void*>(data)), &type_of(layout.type), layout.rows,
          layout.columns, layout.ld};
}

// C [m, n] = alpha * op(A) [m, k] * op(B) [k, n] + beta * C. C is not read when beta is 0.
struct Gemm {
  Matrix a, b, c;
  bool a_transposed, b_transposed;
  double alpha, beta;
};

void run(const Gemm& g) {
  g.a.require_device_memory("A");
  g.b.require_device_memory("B");
  g.c.require_device_memory("C");
  const std::int64_t k = g.a_transposed ? g.a.rows : g.a.columns;
  // Rows of op(A) and columns of op(B), each k elements side by side.
  const auto vectors_of = [k](const Matrix& m, bool along_columns, std::int64_t count) {
    std::vector<double> vectors;
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t l = 0; l < k; ++l) {
        vectors.push_back(m.type->read(along_columns ? m.at(l, i) : m.at(i, l)));
      }
    }
    return vectors;
  };
  const std::vector<double> a = vectors_of(g.a, g.a_transposed, g.c.rows);
  const std::vector<double> b = vectors_of(g.b, !g.b_transposed, g.c.columns);
  for (std::int64_t j = 0; j < g.c.columns; ++j) {
    for (std::int64_t i = 0; i < g.c.rows; ++i) {
      double sum = 0;
      for (std::int64_t l = 0; l < k; ++l) {
        sum += a[static_cast<std::size_t>(i * k + l)] * b[static_cast<std::size_t>(j * k + l)];
      }
      void* const to = g.c.at(i, j);
      const double old = g.beta == 0 ? 0 : g.beta * g.c.type->read(to);
      g.c.type->write(to, g.alpha * sum + old);
    }
  }
}

bool valid(const MatrixLayout& m) { return m.rows > 0 && m.columns > 0 && m.ld >= m.rows; }

cublasStatus_t enqueue(const MatmulDesc& desc, const MatrixLayout& la, const void* a,
                       const MatrixLayout& lb, const void* b, const MatrixLayout& lc, void* c,
                       const void* alpha, const void* beta, cudaStream_t stream,
                       std::uint64_t time_ns) {
  const bool ta = desc.a != CUBLAS_OP_N, tb = desc.b != CUBLAS_OP_N;
  if (!valid(la) || !valid(lb) || !valid(lc) || (ta ? la.columns : la.rows) != lc.rows ||
      (tb ? lb.rows : lb.columns) != lc.columns ||
      (ta ? la.rows : la.columns) != (tb ? lb.columns : lb.rows)) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const Type& scale = type_of(desc.scale);
  const Gemm gemm = {make_matrix(a, la), make_matrix(b, lb), make_matrix(c, lc), ta, tb,
                     scale.read(alpha),  scale.read(beta)};
  if (gemm.c.type->write == nullptr) return CUBLAS_STATUS_NOT_SUPPORTED;
  return enqueue_host_work(
             stream, "cuBLAS", [gemm] { run(gemm); }, time_ns) == cudaSuccess
             ? CUBLAS_STATUS_SUCCESS
             : CUBLAS_STATUS_EXECUTION_FAILED;
}

// cuBLASLt's descriptors are bytes that only it reads.
template <class T, class Opaque>
cublasStatus_t create(Opaque** handle, const T& content) {
  static_assert(sizeof(T) <= sizeof(Opaque));
  *handle = new Opaque;
  std::memcpy(*handle, &content, sizeof content);
  return CUBLAS_STATUS_SUCCESS;
}
template <class T, class Opaque>
T content_of(const Opaque* handle) {
  T content;
  std::memcpy(&content, handle, sizeof content);
  return content;
}
template <class Opaque>
cublasStatus_t destroy(Opaque* handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

namespace roofproof::ptx::runtime {

PlayedCublas& played_cublas() {
  static PlayedCublas played;
  return played;
}

}  // namespace roofproof::ptx::runtime

extern "C" {

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) { return destroy(handle); }
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void* data, std::size_t bytes) {
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % 256 == 0;
  return aligned && is_device_memory(data, bytes) ? CUBLAS_STATUS_SUCCESS
                                                  : CUBLAS_STATUS_INVALID_VALUE;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  constexpr struct {
    cublasStatus_t status;
    const char* name;
  } names[] = {{CUBLAS_STATUS_SUCCESS, "CUBLAS_STATUS_SUCCESS"},
               {CUBLAS_STATUS_INVALID_VALUE, "CUBLAS_STATUS_INVALID_VALUE"},
               {CUBLAS_STATUS_NOT_SUPPORTED, "CUBLAS_STATUS_NOT_SUPPORTED"},
               {CUBLAS_STATUS_EXECUTION_FAILED, "CUBLAS_STATUS_EXECUTION_FAILED"}};
  for (const auto& known : names) {
    if (known.status == status) return known.name;
  }
  return "unknown";
}
const char* cublasGetStatusString(cublasStatus_t status) { return cublasGetStatusName(status); }

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa,
                            cublasOperation_t transb, int m, int n, int k, const void* alpha,
                            const void* a, cudaDataType a_type, int lda, const void* b,
                            cudaDataType b_type, int ldb, const void* beta, void* c,
                            cudaDataType c_type, int ldc, cublasComputeType_t compute,
                            cublasGemmAlgo_t) {
  if (played_cublas().declines_gemm) return CUBLAS_STATUS_NOT_SUPPORTED;
  const auto layout = [](cudaDataType type, bool transposed, int rows, int columns, int ld) {
    return transposed ? MatrixLayout{type, columns, rows, ld}
                      : MatrixLayout{type, rows, columns, ld};
  };
  const cudaDataType scale = compute == CUBLAS_COMPUTE_32I ? CUDA_R_32I : CUDA_R_32F;
  return enqueue({scale, transa, transb}, layout(a_type, transa != CUBLAS_OP_N, m, k, lda), a,
                 layout(b_type, transb != CUBLAS_OP_N, k, n, ldb), b,
                 layout(c_type, false, m, n, ldc), c, alpha, beta, handle->stream, host_work_ns);
}

std::size_t cublasLtGetVersion() { return played_cublas().version; }
cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = new cublasLtContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) { return destroy(handle); }

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* desc, cublasComputeType_t,
                                        cudaDataType_t scale) {
  return create(desc, MatmulDesc{scale, CUBLAS_OP_N, CUBLAS_OP_N});
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t desc) { return destroy(desc); }
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t desc,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t size) {
  auto content = content_of<MatmulDesc>(desc);
  if (size != sizeof content.a) return CUBLAS_STATUS_INVALID_VALUE;
  if (attribute != CUBLASLT_MATMUL_DESC_TRANSA) not_implemented("another attribute of a matmul");
  std::memcpy(&content.a, value, size);
  std::memcpy(desc, &content, sizeof content);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t ld) {
  return create(layout, MatrixLayout{type, static_cast<std::int64_t>(rows),
                                     static_cast<std::int64_t>(columns), ld});
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  return destroy(layout);
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  return create(preference, 0);
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  return destroy(preference);
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
  if (most < 1) return CUBLAS_STATUS_INVALID_VALUE;
  *found = std::min(most, static_cast<int>(played_cublas().algorithms_ns.size()));
  for (int i = 0; i < *found; ++i) {
    results[i] = {};
    results[i].algo.data[0] = static_cast<std::uint64_t>(i);
  }
  return *found > 0 ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}
cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t*,
                                                    cublasLtMatmulAlgoConfigAttributes_t attribute,
                                                    void* value, std::size_t size,
                                                    std::size_t* written) {
  if (attribute == played_cublas().declined_attribute) return CUBLAS_STATUS_NOT_SUPPORTED;
  std::memset(value, 0, size);
  *written = size;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t a_layout, const void* b,
                              cublasLtMatrixLayout_t b_layout, const void* beta, const void* c,
                              cublasLtMatrixLayout_t, void* d, cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void*, std::size_t,
                              cudaStream_t stream) {
  const std::uint64_t chosen = algorithm->data[0];
  if (played_cublas().declined.count(chosen) != 0) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (c != d) not_implemented("cublasLtMatmul with C apart from D");
  return enqueue(content_of<MatmulDesc>(desc), content_of<MatrixLayout>(a_layout), a,
                 content_of<MatrixLayout>(b_layout), b, content_of<MatrixLayout>(d_layout), d,
                 alpha, beta, stream, played_cublas().algorithms_ns.at(chosen));
}

}  // extern "C"
