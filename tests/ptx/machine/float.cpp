// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// Arithmetic of f32 and f64 (PTX ISA, 9.7.3).
#include "tests/ptx/machine/alu.h"
#include "tests/ptx/machine/arithmetic.h"

namespace roofproof::ptx {
namespace {

inline float sat(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }  // NaN: 0
// f32 with .ftz and .sat
template <class F>
struct Ftz {
  static float apply(float a) { return ftz(F::apply(ftz(a))); }
  static float apply(float a, float b) { return ftz(F::apply(ftz(a), ftz(b))); }
  static float apply(float a, float b, float c) { return ftz(F::apply(ftz(a), ftz(b), ftz(c))); }
};

template <class F>
struct Sat {
  template <class... A>
  static float apply(A... a) {
    return sat(F::apply(a...));
  }
};

struct NegF {
  template <class T>
  static T apply(T a) {
    return -a;
  }
};

struct AbsF {
  template <class T>
  static T apply(T a) {
    return std::fabs(a);
  }
};

struct MinNan {
  template <class T>
  static T apply(T a, T b) {
    return a != a || b != b ? static_cast<T>(NAN) : MinF::apply(a, b);
  }
};

struct MaxNan {
  template <class T>
  static T apply(T a, T b) {
    return a != a || b != b ? static_cast<T>(NAN) : MaxF::apply(a, b);
  }
};

struct Fma {
  static float apply(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static double apply(double a, double b, double c) { return __builtin_fma(a, b, c); }
};

struct DivF {
  template <class T>
  static T apply(T a, T b) {
    return a / b;
  }
};

struct Sqrt {
  template <class T>
  static T apply(T a) {
    return std::sqrt(a);
  }
};

struct Rcp {
  template <class T>
  static T apply(T a) {
    return T{1} / a;
  }
};

struct Rsqrt {
  template <class T>
  static T apply(T a) {
    return T{1} / std::sqrt(a);
  }
};

struct Lg2 {
  static float apply(float a) { return log2f(a); }
};

struct Sin {
  static float apply(float a) { return sinf(a); }
};

struct Cos {
  static float apply(float a) { return cosf(a); }
};

struct Copysign {
  template <class T>
  static T apply(T a, T b) {
    return std::copysign(b, a);
  }
};

template <class F>
Execute float_binary(const Statement& s) {
  const bool z = has(s, "ftz"), c = has(s, "sat");
  if (z && c) return binary<float, Sat<Ftz<F>>>;
  if (z) return binary<float, Ftz<F>>;
  if (c) return binary<float, Sat<F>>;
  return binary<float, F>;
}

template <class F>
Execute float_unary(const Statement& s) {
  return has(s, "ftz") ? unary<float, Ftz<F>> : unary<float, F>;
}

}  // namespace

Execute float_add(const Statement& s, Type t) {
  const bool add = s.part[0] == "add";
  if (t == Type::f32) return add ? float_binary<Add>(s) : float_binary<Sub>(s);
  if (t == Type::f64) return add ? binary<double, Add> : binary<double, Sub>;
  return nullptr;
}

Execute float_mul(const Statement& s, Type t) {
  return t == Type::f32 ? float_binary<Mul>(s) : t == Type::f64 ? binary<double, Mul> : nullptr;
}

Execute float_fma(const Statement& s, Type t) {
  if (t == Type::f64) return ternary<double, Fma>;
  if (t != Type::f32) return nullptr;
  if (has(s, "sat"))
    return has(s, "ftz") ? ternary<float, Sat<Ftz<Fma>>> : ternary<float, Sat<Fma>>;
  return has(s, "ftz") ? ternary<float, Ftz<Fma>> : ternary<float, Fma>;
}

// .approx and .full are at most less exact.
Execute float_div(const Statement& s, Type t) {
  return t == Type::f32 ? float_binary<DivF>(s) : t == Type::f64 ? binary<double, DivF> : nullptr;
}

Execute float_min(const Statement& s, Type t) {
  const bool min = s.part[0] == "min";
  if (has(s, "xorsign")) return nullptr;
  if (t == Type::f64) return min ? binary<double, MinF> : binary<double, MaxF>;
  if (t != Type::f32) return nullptr;
  if (has(s, "NaN")) return min ? float_binary<MinNan>(s) : float_binary<MaxNan>(s);
  return min ? float_binary<MinF>(s) : float_binary<MaxF>(s);
}

Execute float_neg(const Statement& s, Type t) {
  const bool neg = s.part[0] == "neg";
  if (t == Type::f32) return neg ? float_unary<NegF>(s) : float_unary<AbsF>(s);
  if (t == Type::f64) return neg ? unary<double, NegF> : unary<double, AbsF>;
  return nullptr;
}

// Approximations are computed as exactly as the host can.
Execute float_special(const Statement& s, Type t) {
  const auto& name = s.part[0];
  if (t == Type::f32)
    return name == "ex2"     ? float_unary<Ex2>(s)
           : name == "lg2"   ? float_unary<Lg2>(s)
           : name == "rcp"   ? float_unary<Rcp>(s)
           : name == "rsqrt" ? float_unary<Rsqrt>(s)
           : name == "sqrt"  ? float_unary<Sqrt>(s)
           : name == "sin"   ? float_unary<Sin>(s)
           : name == "cos"   ? float_unary<Cos>(s)
                             : float_unary<Tanh>(s);
  if (t == Type::f64)
    return name == "rcp"     ? unary<double, Rcp>
           : name == "sqrt"  ? unary<double, Sqrt>
           : name == "rsqrt" ? unary<double, Rsqrt>
                             : nullptr;
  return nullptr;
}

Execute float_copysign(const Statement&, Type t) {
  return t == Type::f32   ? binary<float, Copysign>
         : t == Type::f64 ? binary<double, Copysign>
                          : nullptr;
}

}  // namespace roofproof::ptx
