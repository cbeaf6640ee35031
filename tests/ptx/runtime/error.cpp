// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Errors: what CUDA remembers, what the runtime says of them.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/ptx/runtime/errors.h"
#include "tests/ptx/runtime/runtime.h"
#include "tests/ptx/runtime/settings.h"

namespace roofproof::ptx::runtime {
namespace {

thread_local cudaError_t last_error = cudaSuccess;

void print_line(const char* prefix, const char* format, std::va_list arguments) {
  char text[1024];
  std::vsnprintf(text, sizeof text, format, arguments);
  std::fprintf(stderr, "%s%s\n", prefix, text);
}

const ErrorText* text_of(cudaError_t code) {
  for (const ErrorText& error : error_texts) {
    if (error.code == static_cast<int>(code)) return &error;
  }
  return nullptr;
}

constexpr const char* unknown_error = "unrecognized error code";  // CUDA's own words

}  // namespace

Context& context() {
  static Context* const it = new Context;  // outlives the program's static objects
  return *it;
}

void not_implemented(const char* what) {
  std::fprintf(stderr, "PTX NOT IMPLEMENTED: %s\n", what);
  std::fflush(nullptr);
  std::abort();
}

cudaError_t refuse(cudaError_t code, const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  print_line("PTX REFUSED: ", format, arguments);
  va_end(arguments);
  return code;
}

cudaError_t remember(cudaError_t code) {
  // Not an error: the host asked too early.
  if (code != cudaSuccess && code != cudaErrorNotReady) last_error = code;
  return code;
}

void trace(const char* format, ...) {
  if (!settings().trace) return;
  std::va_list arguments;
  va_start(arguments, format);
  print_line("PTX TRACE: ", format, arguments);
  va_end(arguments);
}

}  // namespace roofproof::ptx::runtime

using namespace roofproof::ptx::runtime;

extern "C" {

cudaError_t cudaGetLastError() {
  Lock lock(context().mutex);
  if (context().sticky != cudaSuccess) return context().sticky;
  return std::exchange(last_error, cudaSuccess);
}

cudaError_t cudaPeekAtLastError() {
  Lock lock(context().mutex);
  return context().sticky != cudaSuccess ? context().sticky : last_error;
}

const char* cudaGetErrorName(cudaError_t code) {
  const ErrorText* const text = text_of(code);
  return text != nullptr ? text->name : unknown_error;
}

const char* cudaGetErrorString(cudaError_t code) {
  const ErrorText* const text = text_of(code);
  return text != nullptr ? text->text : unknown_error;
}

}  // extern "C"
