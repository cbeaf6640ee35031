// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// cuBLAS and cuBLASLt are opened at their first call, not when the program starts: they are 600 MB,
// which do not travel with the programs, and a run of the CPU or of the hand-written kernels needs
// neither. Here are, by the libraries' own names, the functions that kernels/cublas calls; each
// hands its arguments on. Without the libraries cublasLtGetVersion() is 0, and no other is called.

#include <cublasLt.h>
#include <cublas_v2.h>
#include <dlfcn.h>

#include <cstddef>
#include <cstdint>

#define ROOFPROOF_TEXT_OF(number) #number
#define ROOFPROOF_TEXT(macro) ROOFPROOF_TEXT_OF(macro)
// Of the headers' major version, within which the libraries keep their interface. tests/gpu_check
// reads the name in the program.
#define ROOFPROOF_MAJOR ROOFPROOF_TEXT(CUBLAS_VER_MAJOR)

namespace {

// Where a library may be: by the loader's rules (LD_LIBRARY_PATH, the program's RUNPATH, ldconfig),
// then where NVIDIA's installers put a toolkit, of which the loader may not know.
#define ROOFPROOF_PLACES(file) \
  { file, "/usr/local/cuda/lib64/" file, "/usr/local/cuda-" ROOFPROOF_MAJOR "/lib64/" file }
constexpr const char* cublaslt_places[] = ROOFPROOF_PLACES("libcublasLt.so." ROOFPROOF_MAJOR);
constexpr const char* cublas_places[] = ROOFPROOF_PLACES("libcublas.so." ROOFPROOF_MAJOR);

template <std::size_t count>
void* open_first(const char* const (&places)[count]) {
  for (const char* place : places) {
    if (void* library = dlopen(place, RTLD_LAZY)) return library;
  }
  return nullptr;
}

// cuBLAS needs cuBLASLt, which is therefore open before it.
void* cublaslt() {
  static void* const library = open_first(cublaslt_places);
  return library;
}
void* cublas() {
  static void* const library = cublaslt() == nullptr ? nullptr : open_first(cublas_places);
  return library;
}

// `name` is that of the function that asks.
void* find(void* library, const char* name) {
  return library == nullptr ? nullptr : dlsym(library, name);
}

template <class Result, class... Arguments>
Result call(void* function, Result without, Arguments... arguments) {
  if (function == nullptr) return without;
  return reinterpret_cast<Result (*)(Arguments...)>(function)(arguments...);
}

template <class... Arguments>
cublasStatus_t hand_on(void* function, Arguments... arguments) {
  return call(function, CUBLAS_STATUS_NOT_INITIALIZED, arguments...);
}

}  // namespace

std::size_t cublasLtGetVersion() {
  static void* const found = cublas() == nullptr ? nullptr : find(cublaslt(), __func__);
  return call(found, std::size_t{0});
}

// --- cuBLAS --------------------------------------------------------------------------------------

const char* cublasGetStatusName(cublasStatus_t status) {
  static void* const found = find(cublas(), __func__);
  return call(found, "cuBLAS is not loaded", status);
}
const char* cublasGetStatusString(cublasStatus_t status) {
  static void* const found = find(cublas(), __func__);
  return call(found, "cuBLAS is not loaded", status);
}
cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  static void* const found = find(cublas(), __func__);
  return hand_on(found, handle);
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  static void* const found = find(cublas(), __func__);
  return hand_on(found, handle);
}
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  static void* const found = find(cublas(), __func__);
  return hand_on(found, handle, mode);
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  static void* const found = find(cublas(), __func__);
  return hand_on(found, handle, stream);
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, std::size_t bytes) {
  static void* const found = find(cublas(), __func__);
  return hand_on(found, handle, workspace, bytes);
}
cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b,
                            int m, int n, int k, const void* alpha, const void* a,
                            cudaDataType a_type, int lda, const void* b, cudaDataType b_type,
                            int ldb, const void* beta, void* c, cudaDataType c_type, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t algorithm) {
  static void* const found = find(cublas(), __func__);
  return hand_on(found, handle, op_a, op_b, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c,
                 c_type, ldc, compute, algorithm);
}

// --- cuBLASLt ------------------------------------------------------------------------------------

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, handle);
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, handle);
}
cublasStatus_t cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t matmul,
                              const void* alpha, const void* a, cublasLtMatrixLayout_t a_layout,
                              const void* b, cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm, void* workspace,
                              std::size_t workspace_bytes, cudaStream_t stream) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, handle, matmul, alpha, a, a_layout, b, b_layout, beta, c, c_layout, d,
                 d_layout, algorithm, workspace, workspace_bytes, stream);
}
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t handle, cublasLtMatmulDesc_t matmul,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int asked,
                                              cublasLtMatmulHeuristicResult_t results[],
                                              int* given) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, handle, matmul, a, b, c, d, preference, asked, results, given);
}
cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t* algorithm,
                                                    cublasLtMatmulAlgoConfigAttributes_t attribute,
                                                    void* value, std::size_t bytes,
                                                    std::size_t* written) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, algorithm, attribute, value, bytes, written);
}
cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* matmul, cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, matmul, compute, scale);
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t matmul) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, matmul);
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t matmul,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t bytes) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, matmul, attribute, value, bytes);
}
cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t leading_dimension) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, layout, type, rows, columns, leading_dimension);
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, layout);
}
cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, preference);
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, preference);
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, std::size_t bytes) {
  static void* const found = find(cublaslt(), __func__);
  return hand_on(found, preference, attribute, value, bytes);
}
