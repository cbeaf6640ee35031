// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Hand-written PTX on the PTX machine (machine/machine.h), for the machine's own tests.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "tests/ptx/machine/machine.h"

namespace roofproof::ptx {

// Registered memory of exactly `count` elements of zeros; its start is aligned to 1024 bytes.
template <class T>
class Buffer {
 public:
  using value_type = T;  // what matchers of containers ask for
  using iterator = T*;
  using const_iterator = const T*;

  explicit Buffer(std::size_t count, const std::string& name = "buffer") : count_(count) {
    const std::size_t bytes = (count * sizeof(T) + 2047) / 1024 * 1024;
    data_ = static_cast<T*>(std::aligned_alloc(1024, bytes));
    std::memset(static_cast<void*>(data_), 0, bytes);
    register_memory(data_, count * sizeof(T), name);
  }
  ~Buffer() {
    unregister_memory(data_);
    std::free(data_);
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  T* data() { return data_; }
  T& operator[](std::size_t at) { return data_[at]; }
  std::size_t size() const { return count_; }
  T* begin() { return data_; }
  T* end() { return data_ + count_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + count_; }

 private:
  T* data_;
  std::size_t count_;
};

// What a kernel here takes: numbers and addresses, all of 64 bits.
struct Argument {
  std::uint64_t value;
  template <class T>
  Argument(T* pointer) : value(reinterpret_cast<std::uint64_t>(pointer)) {}
  template <class T>
  Argument(Buffer<T>& buffer) : Argument(buffer.data()) {}
  Argument(std::uint64_t number) : value(number) {}
  Argument(int number) : value(static_cast<std::uint64_t>(number)) {}
};

struct Shape {
  Dim grid{}, block{32}, cluster{};
  std::size_t dynamic_shared = 0;
  bool dependent = false;
  int registers = 0;  // of a thread; 0: the machine is not told
};

// One kernel around a body. Its four parameters p0 ... p3, of 64 bits, are in %a0 ... %a3, %tid.x
// is in %t. Registers: %p0 ... predicates, %h0 ... of 16 bits, %r0 ... of 32, %d0 ... of 64, %f0
// ... f32, %g0 ... f64. `outside` stands before the kernel, `directives` between its parameters and
// its body.
class Program {
 public:
  explicit Program(const std::string& body, const std::string& outside = "",
                   const std::string& directives = "")
      : module_(Module::parse(
            ".version 8.3\n.target sm_90a\n.address_size 64\n" + outside +
            "\n.visible .entry k(.param .u64 p0, .param .u64 p1, .param .u64 p2, .param .u64 "
            "p3)\n" +
            directives +
            "\n{\n.reg .pred %p<32>; .reg .b16 %h<32>; .reg .b32 %r<128>; .reg .b64 %d<64>;\n"
            ".reg .f32 %f<256>; .reg .f64 %g<16>; .reg .b64 %a<4>; .reg .b32 %t;\n"
            "ld.param.u64 %a0, [p0]; ld.param.u64 %a1, [p1];\n"
            "ld.param.u64 %a2, [p2]; ld.param.u64 %a3, [p3]; mov.u32 %t, %tid.x;\n" +
            body + "\nret;\n}\n")) {}

  Statistics run(std::initializer_list<Argument> arguments, const Shape& shape = {}) const {
    std::uint64_t parameters[4] = {};
    std::size_t at = 0;
    for (const Argument& argument : arguments) parameters[at++] = argument.value;
    Kernel kernel = *module_->find("k");
    kernel.registers = shape.registers;
    Launch launch;
    launch.grid = shape.grid;
    launch.block = shape.block;
    launch.cluster = shape.cluster;
    launch.dynamic_shared = shape.dynamic_shared;
    launch.parameters = parameters;
    launch.dependent = shape.dependent;
    return ptx::launch(kernel, launch);
  }
  // What the machine says of it; empty: nothing.
  std::string fault(std::initializer_list<Argument> arguments, const Shape& shape = {}) const {
    try {
      run(arguments, shape);
    } catch (const Fault& fault) {
      return fault.what();
    }
    return "";
  }
  Module& module() const { return *module_; }

 private:
  std::shared_ptr<Module> module_;
};

// Names a test after its parameter as it is printed: letters, digits, and _ for all between.
inline constexpr auto printed_name = [](const auto& row) {
  std::string name;
  for (const char c : ::testing::PrintToString(row.param)) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += c;
    } else if (c == '-' || c == '!') {
      name += c == '-' ? "minus" : "not";
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  name.erase(name.find_last_not_of('_') + 1);
  return name;
};

// A test of the machine: every one starts with the machine as it is by default.
class PtxMachine : public ::testing::Test {
 protected:
  void SetUp() override { machine() = Machine{}; }
  void TearDown() override { machine() = Machine{}; }
};

// Runs `check` in all timings of asynchronous work, some seeds of each, without and with the search
// for races.
template <class Check>
void in_every_mode(Check check) {
  using Async = Machine::Async;
  for (const auto& [async, name, seeds] :
       {std::tuple{Async::early, "early", 1u}, std::tuple{Async::late, "late", 2u},
        std::tuple{Async::random, "random", 4u}}) {
    for (unsigned seed = 1; seed <= seeds; ++seed) {
      for (const bool races : {false, true}) {
        SCOPED_TRACE(std::string(name) + ", seed " + std::to_string(seed) +
                     (races ? ", races" : ""));
        machine() = Machine{};
        machine().async = async;
        machine().seed = seed;
        machine().races = races;
        check();
      }
    }
  }
  machine() = Machine{};
}

inline std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }
inline std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

// ---- one instruction, lane by lane

// Its operands and what it answers, as bits.
struct Row {
  std::uint64_t a, b, c, d;
};
struct Operation {
  std::string text;       // reads %X0, %X1, %X2 and writes %X9, X by the type as in Program
  std::vector<Row> rows;  // operands in order, the answer last: {a, answer}, {a, b, answer}, ...
};
inline void PrintTo(const Operation& operation, std::ostream* out) { *out << operation.text; }
// As an answer: any NaN of the format.
constexpr std::uint64_t any_nan = 0x4e614e4e614e4e61;

// The rows of an operation with `operands` operands are spread over the 32 lanes. It runs in all of
// them, and then in the odd ones alone: the others have to keep what was in %X9 before.
inline void expect_rows(const Operation& operation, int operands) {
  SCOPED_TRACE(operation.text);
  const std::string& text = operation.text;
  static const struct {
    const char *name, *store;
    std::uint64_t mask, exponent;
  } results[] = {{"%h9", "st.global.b16 [%d30], %h9;", 0xffff, 0x7c00},
                 {"%r9", "st.global.b32 [%d30], %r9;", 0xffffffff, 0},
                 {"%f9", "st.global.f32 [%d30], %f9;", 0xffffffff, 0x7f800000},
                 {"%d9", "st.global.b64 [%d30], %d9;", ~std::uint64_t{0}, 0},
                 {"%g9", "st.global.f64 [%d30], %g9;", ~std::uint64_t{0}, 0x7ff0000000000000},
                 {"%p9", "selp.b32 %r20, 1, 0, %p9; st.global.b32 [%d30], %r20;", 1, 0}};
  const auto* result = results;
  while (text.find(result->name) == std::string::npos) ++result;
  constexpr std::uint64_t before = 0xa5a5a5a5a5a5a5a4;
  const std::string load = R"(
    mul.wide.u32 %d20, %t, 32;
    add.u64 %d21, %a0, %d20;
    ld.global.b64 %d0, [%d21]; ld.global.b64 %d1, [%d21+8]; ld.global.b64 %d2, [%d21+16];
    cvt.u32.u64 %r0, %d0; cvt.u32.u64 %r1, %d1; cvt.u32.u64 %r2, %d2;
    cvt.u16.u64 %h0, %d0; cvt.u16.u64 %h1, %d1; cvt.u16.u64 %h2, %d2;
    mov.b32 %f0, %r0; mov.b32 %f1, %r1; mov.b32 %f2, %r2;
    mov.b64 %g0, %d0; mov.b64 %g1, %d1; mov.b64 %g2, %d2;
    setp.ne.b32 %p0, %r0, 0; setp.ne.b32 %p1, %r1, 0; setp.ne.b32 %p2, %r2, 0;
    mov.b64 %d9, 0xa5a5a5a5a5a5a5a4; cvt.u32.u64 %r9, %d9; cvt.u16.u64 %h9, %d9;
    mov.b32 %f9, %r9; mov.b64 %g9, %d9; setp.ne.b32 %p9, %r9, %r9;
    mul.wide.u32 %d22, %t, 8; add.u64 %d30, %a1, %d22;
    and.b32 %r21, %t, 1; setp.ne.b32 %p20, %r21, 0;
)";
  Buffer<Row> in(32, "operands");
  Buffer<std::uint64_t> out(32, "answers");
  for (std::size_t lane = 0; lane < 32; ++lane)
    in[lane] = operation.rows[lane % operation.rows.size()];
  for (const bool odd_lanes : {false, true}) {
    std::fill(out.begin(), out.end(), 0);
    const std::string body = load + (odd_lanes ? "@%p20 " : "") + text + "\n" + result->store;
    const std::string fault = Program(body).fault({in, out});
    ASSERT_EQ(fault, "");
    for (std::size_t lane = 0; lane < 32; ++lane) {
      const Row& row = operation.rows[lane % operation.rows.size()];
      const std::uint64_t answer = operands == 1 ? row.b : operands == 2 ? row.c : row.d;
      const bool runs = !odd_lanes || lane % 2;
      if (runs && answer == any_nan) {
        EXPECT_GT(out[lane] & result->mask >> 1, result->exponent) << "no NaN: " << out[lane];
        continue;
      }
      EXPECT_EQ(out[lane], (runs ? answer : before) & result->mask)
          << std::hex << "of " << row.a << ", " << row.b << ", " << row.c << std::dec << " in lane "
          << lane << (odd_lanes ? " with a guard" : "");
    }
  }
}

}  // namespace roofproof::ptx
