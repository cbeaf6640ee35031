// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// PTX text to decoded code.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "tests/ptx/machine/internal.h"

namespace roofproof::ptx {

Type type_of(std::string_view s) {
  static const std::unordered_map<std::string_view, Type> types = {
      {"pred", Type::pred}, {"b8", Type::b8},         {"b16", Type::b16},   {"b32", Type::b32},
      {"b64", Type::b64},   {"b128", Type::b128},     {"u8", Type::u8_},    {"u16", Type::u16_},
      {"u32", Type::u32_},  {"u64", Type::u64_},      {"s8", Type::s8_},    {"s16", Type::s16_},
      {"s32", Type::s32_},  {"s64", Type::s64_},      {"f16", Type::f16},   {"f16x2", Type::f16x2},
      {"bf16", Type::bf16}, {"bf16x2", Type::bf16x2}, {"tf32", Type::tf32}, {"f32", Type::f32},
      {"f64", Type::f64}};
  const auto it = types.find(s);
  return it == types.end() ? Type::none : it->second;
}

int size_of(Type t) {
  switch (t) {
    case Type::b8:
    case Type::u8_:
    case Type::s8_:
      return 1;
    case Type::b16:
    case Type::u16_:
    case Type::s16_:
    case Type::f16:
    case Type::bf16:
      return 2;
    case Type::b64:
    case Type::u64_:
    case Type::s64_:
    case Type::f64:
      return 8;
    case Type::b128:
      return 16;
    default:
      return 4;
  }
}
bool is_float(Type t) { return t >= Type::f16; }
bool is_signed(Type t) { return t >= Type::s8_ && t <= Type::s64_; }

std::string Code::line_text(int line) const {
  if (line < 1 || line > static_cast<int>(line_starts.size())) return "";
  const auto a = line_starts[line - 1];
  auto e = text->find('\n', a);
  if (e == std::string::npos) e = text->size();
  auto s = text->substr(a, e - a);
  const auto b = s.find_first_not_of(" \t");
  if (b != std::string::npos) s = s.substr(b);
  if (s.size() > 160) s = s.substr(0, 160) + "...";
  return s;
}

namespace {

struct Variable {
  std::string name, space;
  std::size_t bytes = 0, align = 1;
  bool dynamic = false;
  std::vector<u8> data;
  void* memory = nullptr;
};

[[noreturn]] void bad(int line, const std::string& what) {
  throw Fault("PTX line " + std::to_string(line) + ": " + what);
}

bool word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%';
}

struct Scanner {
  const std::string& t;
  std::size_t p = 0;
  int line = 1;
  explicit Scanner(const std::string& text) : t(text) {}
  void skip() {
    while (p < t.size()) {
      if (t[p] == '\n') {
        ++line;
        ++p;
      } else if (std::isspace(static_cast<unsigned char>(t[p])))
        ++p;
      else if (t.compare(p, 2, "//") == 0) {
        while (p < t.size() && t[p] != '\n') ++p;
      } else if (t.compare(p, 2, "/*") == 0) {
        p += 2;
        while (p < t.size() && t.compare(p, 2, "*/") != 0) {
          if (t[p] == '\n') ++line;
          ++p;
        }
        p += 2;
      } else
        break;
    }
  }
  bool end() {
    skip();
    return p >= t.size();
  }
  char peek() {
    skip();
    return p < t.size() ? t[p] : '\0';
  }
  bool take(char c) {
    if (peek() == c) {
      ++p;
      return true;
    }
    return false;
  }
  void expect(char c) {
    if (!take(c)) bad(line, std::string("expected '") + c + "' before '" + t.substr(p, 20) + "'");
  }
  std::string name() {
    skip();
    const auto a = p;
    while (p < t.size() && word(t[p])) ++p;
    if (a == p) bad(line, "expected a name before '" + t.substr(p, 20) + "'");
    return t.substr(a, p - a);
  }
  std::string opcode() {  // words, dots and ::
    skip();
    const auto a = p;
    while (p < t.size() &&
           (word(t[p]) || t[p] == '.' || (t[p] == ':' && p + 2 < t.size() && t[p + 1] == ':') ||
            (t[p] == ':' && p > a && t[p - 1] == ':')))
      ++p;
    return t.substr(a, p - a);
  }
  void rest_of_line() {
    while (p < t.size() && t[p] != '\n') ++p;
  }
  s64 integer() {
    skip();
    bool minus = false;
    if (p < t.size() && t[p] == '-') {
      minus = true;
      ++p;
    }
    char* e;
    const u64 v = std::strtoull(t.c_str() + p, &e, 0);
    if (e == t.c_str() + p) bad(line, "expected a number before '" + t.substr(p, 20) + "'");
    p = static_cast<std::size_t>(e - t.c_str());
    if (p < t.size() && t[p] == 'U') ++p;
    return static_cast<s64>(minus ? 0 - v : v);
  }
};

struct Scope {
  std::unordered_map<std::string, std::pair<Type, std::string>>
      registers;  // name -> type, unique name
  std::unordered_map<std::string, std::pair<Type, std::string>> ranges;  // prefix
  std::unordered_map<std::string, std::string> labels;                   // name -> unique name
};

const std::unordered_map<std::string, int>& special_names() {
  static const std::unordered_map<std::string, int> names = {
      {"%tid.x", tid_x},
      {"%tid.y", tid_y},
      {"%tid.z", tid_z},
      {"%ntid.x", ntid_x},
      {"%ntid.y", ntid_y},
      {"%ntid.z", ntid_z},
      {"%ctaid.x", ctaid_x},
      {"%ctaid.y", ctaid_y},
      {"%ctaid.z", ctaid_z},
      {"%nctaid.x", nctaid_x},
      {"%nctaid.y", nctaid_y},
      {"%nctaid.z", nctaid_z},
      {"%laneid", laneid},
      {"%warpid", warpid},
      {"%nwarpid", nwarpid},
      {"%smid", smid},
      {"%nsmid", nsmid},
      {"%gridid", gridid},
      {"%lanemask_eq", lanemask_eq},
      {"%lanemask_lt", lanemask_lt},
      {"%lanemask_le", lanemask_le},
      {"%lanemask_gt", lanemask_gt},
      {"%lanemask_ge", lanemask_ge},
      {"%clusterid.x", clusterid_x},
      {"%clusterid.y", clusterid_y},
      {"%clusterid.z", clusterid_z},
      {"%nclusterid.x", nclusterid_x},
      {"%nclusterid.y", nclusterid_y},
      {"%nclusterid.z", nclusterid_z},
      {"%cluster_ctaid.x", cluster_ctaid_x},
      {"%cluster_ctaid.y", cluster_ctaid_y},
      {"%cluster_ctaid.z", cluster_ctaid_z},
      {"%cluster_nctaid.x", cluster_nctaid_x},
      {"%cluster_nctaid.y", cluster_nctaid_y},
      {"%cluster_nctaid.z", cluster_nctaid_z},
      {"%cluster_ctarank", cluster_ctarank},
      {"%cluster_nctarank", cluster_nctarank},
      {"%is_explicit_cluster", is_explicit_cluster},
      {"%dynamic_smem_size", dynamic_smem_size},
      {"%total_smem_size", total_smem_size},
      {"%clock", clock_lo},
      {"%clock_hi", clock_hi},
      {"%clock64", clock_64},
      {"%globaltimer", globaltimer},
      {"%globaltimer_lo", globaltimer_lo},
      {"%globaltimer_hi", globaltimer_hi}};
  return names;
}

int special_bytes(int what) {
  return what == clock_64 || what == globaltimer || what == gridid ? 8
         : what == is_explicit_cluster                             ? 1
                                                                   : 4;
}

class ModuleText;

class KernelBuilder : public Decoder {
 public:
  KernelBuilder(ModuleText& m, Kernel& k) : module_(m), kernel_(k), code_(*k.code) {
    code_.register_names.push_back("(constant)");
    // The sink: 256 bytes nobody reads.
    sink_off_ = allocate(256);
    sink_wr_ = code_.registers++;
    code_.register_names.push_back("_");
  }
  void body(Scanner& s);

  Code& code() override { return code_; }
  Src sink(int bytes) override {
    Src r;
    r.off = sink_off_;
    r.wr = sink_wr_;
    r.bytes = static_cast<u8>(bytes);
    return r;
  }
  Src constant(u64 bits, int bytes) override {
    const int size = bytes < 2 ? 2 : bytes;
    const auto key = std::make_pair(bits, size);
    auto it = constants_.find(key);
    if (it == constants_.end()) {
      u32 off = static_cast<u32>((code_.pool.size() + 63) / 64 * 64);
      code_.pool.resize(off + 32 * size);
      for (int i = 0; i < 32; ++i) std::memcpy(&code_.pool[off + i * size], &bits, size);
      it = constants_.emplace(key, off).first;
    }
    Src r;
    r.off = it->second;
    r.wr = 0;
    r.konst = 1;
    r.bytes = static_cast<u8>(size);
    return r;
  }
  bool is_register(const Operand& o) override { return o.what == Operand::reg; }
  bool special(const Operand& o, int& what) override {
    if (o.what != Operand::reg) return false;
    const auto it = special_names().find(o.name);
    if (it == special_names().end()) return false;
    what = it->second;
    return true;
  }
  Src reg(const Operand& o, Ins&) override {
    if (o.what == Operand::sink) return sink(8);
    if (o.what != Operand::reg) bad(line_, "expected a register");
    return find(o.name);
  }
  Src value(const Operand& o, Type t) override;
  Src predicate(const Operand& o) override {
    Src r;
    if (o.what == Operand::imm)
      r = constant(o.value ? ~0u : 0u, 4), r.bytes = 1;
    else
      r = find(o.name);
    if (r.bytes != 1) bad(line_, "expected a predicate, not " + o.name);
    r.neg = o.negate;
    return r;
  }
  u32 target(const Operand& o) override {
    fix_.push_back({static_cast<u32>(code_.ins.size()), o.name, line_});
    return 0;
  }
  void address(const Operand& o, Ins& i, Src& base) override;
  u32 list(const std::vector<Src>& v) override {
    const auto first = static_cast<u32>(code_.lists.size());
    code_.lists.insert(code_.lists.end(), v.begin(), v.end());
    return first;
  }
  std::vector<Src> vector(const Operand& o, Type t, bool destination) override {
    std::vector<Src> r;
    Ins dummy;
    if (o.what != Operand::vector) {
      r.push_back(destination ? reg(o, dummy) : value(o, t));
      return r;
    }
    for (auto& e : o.list) r.push_back(destination ? reg(e, dummy) : value(e, t));
    return r;
  }
  u64 symbol(const std::string& name, int line, std::string* space = nullptr);

 private:
  u32 allocate(u32 bytes) {
    const u32 off = (code_.register_bytes + 63) / 64 * 64;
    code_.register_bytes = off + bytes;
    return off;
  }
  Src find(const std::string& name);
  Src make(Type t, const std::string& unique, const std::string& name);
  Operand operand(Scanner& s);
  void statement(Scanner& s);
  void variable(Scanner& s, const std::string& space);
  void registers(Scanner& s);
  std::string unique(const std::string& name) { return name + "#" + std::to_string(++counter_); }

  ModuleText& module_;
  Kernel& kernel_;
  Code& code_;
  u32 sink_off_, sink_wr_;
  int counter_ = 0, line_ = 0;
  std::vector<Scope> scopes_;
  std::unordered_map<std::string, Src> allocated_;
  std::map<std::pair<u64, int>, u32> constants_;
  std::unordered_map<std::string, u32> label_at_;
  std::set<std::string> call_parameters_;
  struct Fix {
    u32 ins;
    std::string name;
    int line;
  };
  std::vector<Fix> fix_;
  std::unordered_map<std::string, u64> statics_;
  std::unordered_map<std::string, u64> locals_;
  bool dynamic_used_ = false;
  std::vector<std::pair<u32, std::string>> dynamic_;
};

class ModuleText : public Module {
 public:
  explicit ModuleText(std::string_view ptx) : text_(std::make_shared<std::string>(ptx)) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text_->size(); ++i)
      if ((*text_)[i] == '\n') starts_.push_back(i + 1);
    parse_all();
  }
  ~ModuleText() override {
    for (auto& v : variables_)
      if (v->memory) {
        unregister_memory(v->memory);
        std::free(v->memory);
      }
  }
  const Kernel* find(std::string_view name) const override {
    for (auto& k : kernels_)
      if (k->name == name) return k.get();
    return nullptr;
  }
  std::vector<const Kernel*> kernels() const override {
    std::vector<const Kernel*> r;
    for (auto& k : kernels_) r.push_back(k.get());
    return r;
  }
  void* variable(std::string_view name, std::size_t* bytes) override {
    for (auto& v : variables_)
      if (v->name == name && v->memory) {
        if (bytes) *bytes = v->bytes;
        return v->memory;
      }
    return nullptr;
  }
  Variable* find_variable(const std::string& name) {
    for (auto& v : variables_)
      if (v->name == name) return v.get();
    return nullptr;
  }
  std::shared_ptr<Variable> declare(Scanner& s, const std::string& space);
  int version = 0;

 private:
  void parse_all();
  void skip_braces(Scanner& s) {
    s.expect('{');
    int depth = 1;
    while (depth && s.p < s.t.size()) {
      s.skip();
      if (s.p >= s.t.size()) break;
      const char c = s.t[s.p++];
      if (c == '"') {
        while (s.p < s.t.size() && s.t[s.p] != '"') ++s.p;
        ++s.p;
      }
      if (c == '{') ++depth;
      if (c == '}') --depth;
    }
  }
  std::shared_ptr<std::string> text_;
  std::vector<std::size_t> starts_;
  std::vector<std::shared_ptr<Kernel>> kernels_;
  std::vector<std::shared_ptr<Variable>> variables_;
};

// After ".global", ".shared", ".const", ".local", ".param": [.align n] .type name[dims] [= init]
std::shared_ptr<Variable> ModuleText::declare(Scanner& s, const std::string& space) {
  auto v = std::make_shared<Variable>();
  v->space = space;
  Type type = Type::none;
  int vec = 1;
  while (s.peek() == '.') {
    ++s.p;
    const auto d = s.name();
    if (d == "align")
      v->align = static_cast<std::size_t>(s.integer());
    else if (d == "v2")
      vec = 2;
    else if (d == "v4")
      vec = 4;
    else if (d == "attribute") {
      s.expect('(');
      while (!s.take(')')) ++s.p;
    } else if (d == "ptr" || d == "global" || d == "shared" || d == "const") {
    }  // of a pointer parameter
    else if (type_of(d) != Type::none)
      type = type_of(d);
    else
      bad(s.line, "unknown declaration ." + d);
  }
  v->name = s.name();
  std::size_t count = 1;
  bool array = false;
  while (s.take('[')) {
    array = true;
    if (s.take(']')) {
      v->dynamic = true;
      count = 0;
      continue;
    }
    count *= static_cast<std::size_t>(s.integer());
    s.expect(']');
  }
  const std::size_t element = static_cast<std::size_t>(size_of(type)) * vec;
  v->align = std::max(v->align, element);
  if (!array) count = 1;
  v->bytes = element * count;
  if (s.take('=')) {
    v->data.clear();
    const auto one = [&] {
      s.skip();
      u64 bits = 0;
      if (s.t.compare(s.p, 2, "0f") == 0 || s.t.compare(s.p, 2, "0F") == 0) {
        bits = std::strtoull(s.t.substr(s.p + 2, 8).c_str(), nullptr, 16);
        s.p += 10;
      } else if (s.t.compare(s.p, 2, "0d") == 0 || s.t.compare(s.p, 2, "0D") == 0) {
        bits = std::strtoull(s.t.substr(s.p + 2, 16).c_str(), nullptr, 16);
        s.p += 18;
      } else if (std::isdigit(static_cast<unsigned char>(s.t[s.p])) || s.t[s.p] == '-')
        bits = static_cast<u64>(s.integer());
      else
        bad(s.line, "an initialiser that is no number is not modelled");
      for (int b = 0; b < size_of(type); ++b) v->data.push_back(static_cast<u8>(bits >> (8 * b)));
    };
    if (s.peek() == '{') {
      int depth = 0;
      do {
        if (s.take('{'))
          ++depth;
        else if (s.take('}'))
          --depth;
        else if (s.take(',')) {
        } else
          one();
      } while (depth);
    } else
      one();
    if (v->dynamic) {
      v->bytes = v->data.size();
      v->dynamic = false;
    }
  }
  return v;
}

void ModuleText::parse_all() {
  Scanner s(*text_);
  while (!s.end()) {
    if (s.take(';')) continue;
    if (s.peek() != '.') bad(s.line, "unexpected '" + s.t.substr(s.p, 20) + "'");
    ++s.p;
    auto d = s.name();
    if (d == "version" || d == "target" || d == "address_size" || d == "file" || d == "loc") {
      s.rest_of_line();
      continue;
    }
    if (d == "section") {
      while (s.p < s.t.size() && s.t[s.p] != '{') {
        if (s.t[s.p] == '\n') ++s.line;
        ++s.p;
      }
      skip_braces(s);
      continue;
    }
    if (d == "pragma") {
      while (!s.take(';')) ++s.p;
      continue;
    }
    bool external = false;
    while (d == "extern" || d == "visible" || d == "weak" || d == "common") {
      external |= d == "extern";
      s.expect('.');
      d = s.name();
    }
    if (d == "global" || d == "const" || d == "shared" || d == "local") {
      do {
        auto v = declare(s, d);
        if ((d == "global" || d == "const") && !external && v->bytes) {
          v->memory = std::aligned_alloc(std::max<std::size_t>(v->align, 256),
                                         (v->bytes + 511) / 256 * 256);
          std::memset(v->memory, 0, v->bytes);
          std::memcpy(v->memory, v->data.data(), std::min(v->data.size(), v->bytes));
          register_memory(v->memory, v->bytes, v->name);
        }
        variables_.push_back(v);
      } while (s.take(','));
      s.expect(';');
      continue;
    }
    if (d == "func") {  // parsed past; a call of it is an unknown instruction
      while (s.peek() != '{' && s.peek() != ';' && s.p < s.t.size()) ++s.p;
      if (s.peek() == '{')
        skip_braces(s);
      else
        s.expect(';');
      continue;
    }
    if (d != "entry") bad(s.line, "unknown directive ." + d);
    auto k = std::make_shared<Kernel>();
    k->code = std::make_shared<Code>();
    k->code->text = text_;
    k->code->line_starts = starts_;
    k->name = s.name();
    k->code->kernel_name = k->name;
    KernelBuilder builder(*this, *k);
    std::vector<std::string> names;
    if (s.take('(')) {
      while (!s.take(')')) {
        s.expect('.');
        if (s.name() != "param") bad(s.line, "expected .param");
        auto v = declare(s, "param");
        k->parameter_bytes = (k->parameter_bytes + v->align - 1) / v->align * v->align;
        k->parameters.push_back({k->parameter_bytes, v->bytes});
        v->data.resize(8);
        const u64 at = param_window + k->parameter_bytes;
        std::memcpy(v->data.data(), &at, 8);
        v->name = k->name + "\n" + v->name;
        variables_.push_back(v);
        k->parameter_bytes += v->bytes;
        s.take(',');
      }
    }
    while (s.peek() == '.') {
      ++s.p;
      const auto a = s.name();
      std::vector<unsigned> n;
      if (a != "explicitcluster" && a != "noreturn" && a != "pragma" && a != "blocksareclusters") do
          n.push_back(static_cast<unsigned>(s.integer()));
        while (s.take(','));
      n.resize(3, 1);
      if (a == "maxntid" || a == "reqntid")
        k->max_threads = static_cast<int>(n[0] * n[1] * n[2]);
      else if (a == "reqnctapercluster")
        k->cluster = Dim{n[0], n[1], n[2]};
      else if (a == "pragma") {
        while (!s.take(';')) ++s.p;
      } else if (a == "minnctapersm" || a == "maxnreg" || a == "maxclusterrank" ||
                 a == "explicitcluster" || a == "maxnctapersm" || a == "noreturn") {
      } else
        bad(s.line, "unknown directive ." + a);
    }
    if (s.take(';')) continue;  // a declaration
    builder.body(s);
    kernels_.push_back(k);
  }
}

u64 KernelBuilder::symbol(const std::string& name, int line, std::string* space) {
  if (const auto it = statics_.find(name); it != statics_.end()) {
    if (space) *space = "shared";
    return it->second;
  }
  if (const auto it = locals_.find(name); it != locals_.end()) {
    if (space) *space = "local";
    return it->second;
  }
  if (auto* v = module_.find_variable(kernel_.name + "\n" + name)) {
    if (space) *space = "param";
    u64 at;
    std::memcpy(&at, v->data.data(), 8);
    return at;
  }
  auto* v = module_.find_variable(name);
  if (!v) bad(line, "unknown name " + name);
  if (space) *space = v->space;
  if (v->space == "shared") {
    if (v->dynamic) {
      // Behind every static variable; those that come later would move it, so it is set at the end
      // (fixed in body()).
      for (auto& d : dynamic_)
        if (d.second == name) return d.first;
      // Static variables of the module are few and known: place those that are used before. Two
      // passes make this exact.
      code_.static_shared =
          static_cast<u32>((code_.static_shared + v->align - 1) / v->align * v->align);
      dynamic_.push_back({shared_start + code_.static_shared, name});
      dynamic_used_ = true;
      return shared_start + code_.static_shared;
    }
    if (dynamic_used_)
      bad(line, "static shared variable " + name +
                    " first named after dynamic shared memory: not modelled");
    code_.static_shared =
        static_cast<u32>((code_.static_shared + v->align - 1) / v->align * v->align);
    const u64 at = shared_start + code_.static_shared;
    code_.static_shared += static_cast<u32>(v->bytes);
    statics_[name] = at;
    return at;
  }
  if (!v->memory) bad(line, "variable " + name + " has no memory");
  return reinterpret_cast<u64>(v->memory);
}

Src KernelBuilder::make(Type t, const std::string& unique_name, const std::string& name) {
  Src r;
  if (t == Type::pred) {
    r.off = allocate(4);
    r.bytes = 1;
  } else {
    int b = size_of(t);
    if (b < 2) b = 2;
    if (b > 8) bad(line_, "128-bit registers are not modelled");
    r.bytes = static_cast<u8>(b);
    r.off = allocate(32u * b);
  }
  r.wr = code_.registers++;
  code_.register_names.push_back(name);
  allocated_[unique_name] = r;
  return r;
}

Src KernelBuilder::find(const std::string& name) {
  if (const auto sp = special_names().find(name); sp != special_names().end()) {
    const auto key = name + "#s";
    if (const auto it = allocated_.find(key); it != allocated_.end()) return it->second;
    const int b = special_bytes(sp->second);
    Src r = make(b == 8 ? Type::b64 : b == 1 ? Type::pred : Type::b32, key, name);
    code_.specials.push_back({r, sp->second});
    return r;
  }
  for (std::size_t i = scopes_.size(); i-- > 0;) {
    auto& s = scopes_[i];
    if (const auto it = s.registers.find(name); it != s.registers.end()) {
      if (const auto a = allocated_.find(it->second.second); a != allocated_.end())
        return a->second;
      return make(it->second.first, it->second.second, name);
    }
    std::size_t e = name.size();
    while (e && std::isdigit(static_cast<unsigned char>(name[e - 1]))) --e;
    if (e < name.size()) {
      if (const auto it = s.ranges.find(name.substr(0, e)); it != s.ranges.end()) {
        const auto key = it->second.second + name.substr(e);
        if (const auto a = allocated_.find(key); a != allocated_.end()) return a->second;
        return make(it->second.first, key, name);
      }
    }
  }
  bad(line_, "unknown register " + name);
}

Src KernelBuilder::value(const Operand& o, Type t) {
  const int bytes = size_of(t);
  switch (o.what) {
    case Operand::reg: {
      Src r = find(o.name);
      if (o.negate && r.bytes != 1) bad(line_, "! on a register that is no predicate");
      r.neg = o.negate;
      return r;
    }
    case Operand::imm: {
      if (t == Type::f32) {
        const float f = static_cast<float>(o.value);
        u32 b;
        std::memcpy(&b, &f, 4);
        return constant(b, 4);
      }
      if (t == Type::f64) {
        const double f = static_cast<double>(o.value);
        u64 b;
        std::memcpy(&b, &f, 8);
        return constant(b, 8);
      }
      if (t == Type::pred) {
        Src r = constant(o.value ? ~0u : 0u, 4);
        r.bytes = 1;
        return r;
      }
      return constant(static_cast<u64>(o.value), bytes);
    }
    case Operand::fimm:
      if (t == Type::f64) {
        float f;
        const u32 b = static_cast<u32>(o.value);
        std::memcpy(&f, &b, 4);
        const double d = f;
        u64 e;
        std::memcpy(&e, &d, 8);
        return constant(e, 8);
      }
      return constant(static_cast<u64>(o.value), 4);
    case Operand::dimm:
      if (t == Type::f32) {
        double d;
        std::memcpy(&d, &o.value, 8);
        const float f = static_cast<float>(d);
        u32 b;
        std::memcpy(&b, &f, 4);
        return constant(b, 4);
      }
      return constant(static_cast<u64>(o.value), 8);
    case Operand::symbol:
      return constant(symbol(o.name, line_) + static_cast<u64>(o.value), bytes);
    default:
      bad(line_, "an operand of another kind was expected");
  }
}

void KernelBuilder::address(const Operand& o, Ins& i, Src& base) {
  if (o.what != Operand::address) bad(line_, "expected an address in brackets");
  i.imm = o.value;
  const auto& b = o.list.at(0);
  if (b.what == Operand::reg)
    base = find(b.name);
  else if (b.what == Operand::symbol) {
    base = constant(symbol(b.name, line_), 8);
  } else {
    base = constant(0, 8);
    i.imm += b.value;
  }
}

Operand KernelBuilder::operand(Scanner& s) {
  Operand o;
  const char c = s.peek();
  if (c == '{') {
    ++s.p;
    o.what = Operand::vector;
    while (!s.take('}')) {
      o.list.push_back(operand(s));
      s.take(',');
    }
    return o;
  }
  if (c == '[') {
    ++s.p;
    o.what = Operand::address;
    Operand base = operand(s);
    o.value = base.what == Operand::imm ? 0 : base.value;
    if (base.what == Operand::symbol || base.what == Operand::reg) base.value = 0;
    o.list.push_back(base);
    if (s.take(',')) o.list.push_back(operand(s));
    s.expect(']');
    return o;
  }
  if (c == '!') {
    ++s.p;
    o = operand(s);
    o.negate = true;
    return o;
  }
  if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) {
    if (s.t.compare(s.p, 2, "0f") == 0 || s.t.compare(s.p, 2, "0F") == 0) {
      o.what = Operand::fimm;
      o.value = static_cast<s64>(std::strtoull(s.t.substr(s.p + 2, 8).c_str(), nullptr, 16));
      s.p += 10;
      return o;
    }
    if (s.t.compare(s.p, 2, "0d") == 0 || s.t.compare(s.p, 2, "0D") == 0) {
      o.what = Operand::dimm;
      o.value = static_cast<s64>(std::strtoull(s.t.substr(s.p + 2, 16).c_str(), nullptr, 16));
      s.p += 18;
      return o;
    }
    std::size_t e = s.p + 1;
    while (e < s.t.size() && (std::isalnum(static_cast<unsigned char>(s.t[e])))) ++e;
    if (e < s.t.size() && s.t[e] == '.') {  // 1.0
      char* end;
      const double d = std::strtod(s.t.c_str() + s.p, &end);
      s.p = static_cast<std::size_t>(end - s.t.c_str());
      o.what = Operand::dimm;
      std::memcpy(&o.value, &d, 8);
      return o;
    }
    o.what = Operand::imm;
    o.value = s.integer();
    return o;
  }
  std::string n = s.name();
  if (n == "_")
    o.what = Operand::sink;
  else if (n == "WARP_SZ") {
    o.what = Operand::imm;
    o.value = 32;
  } else {
    o.name = n;
    if (n[0] == '%' && s.p < s.t.size() && s.t[s.p] == '.') {  // %tid.x
      ++s.p;
      o.name += "." + s.name();
    }
    bool local = false;
    for (auto& sc : scopes_)
      if (sc.registers.count(o.name)) local = true;
    if (!local) {
      std::size_t e = o.name.size();
      while (e && std::isdigit(static_cast<unsigned char>(o.name[e - 1]))) --e;
      if (e < o.name.size())
        for (auto& sc : scopes_)
          if (sc.ranges.count(o.name.substr(0, e))) local = true;
    }
    o.what =
        local || special_names().count(o.name) || o.name[0] == '%' ? Operand::reg : Operand::symbol;
  }
  s.skip();
  if (s.p < s.t.size() && s.t[s.p] == '|') {
    ++s.p;
    Operand pair;
    pair.what = Operand::pair;
    pair.list.push_back(o);
    pair.list.push_back(operand(s));
    return pair;
  }
  if (s.p < s.t.size() && (s.t[s.p] == '+' || s.t[s.p] == '-') && o.what != Operand::sink) {
    const bool minus = s.t[s.p] == '-';
    ++s.p;
    const s64 v = s.integer();
    o.value = minus ? -v : v;
  }
  return o;
}

void KernelBuilder::registers(Scanner& s) {
  s.expect('.');
  auto t = s.name();
  if (t == "v2" || t == "v4") bad(s.line, "vector registers are not modelled");
  const Type type = type_of(t);
  if (type == Type::none) bad(s.line, "unknown type ." + t);
  do {
    auto n = s.name();
    if (s.take('<')) {
      s.integer();
      s.expect('>');
      scopes_.back().ranges[n] = {type, unique(n)};
    } else {
      scopes_.back().registers[n] = {type, unique(n)};
    }
  } while (s.take(','));
  s.expect(';');
}

void KernelBuilder::variable(Scanner& s, const std::string& space) {
  do {
    auto v = module_.declare(s, space);
    if (space == "shared") {
      code_.static_shared =
          static_cast<u32>((code_.static_shared + v->align - 1) / v->align * v->align);
      statics_[v->name] = shared_start + code_.static_shared;
      code_.static_shared += static_cast<u32>(v->bytes);
    } else if (space == "local") {
      code_.local_bytes =
          static_cast<u32>((code_.local_bytes + v->align - 1) / v->align * v->align);
      locals_[v->name] = local_window + code_.local_bytes;
      code_.local_bytes += static_cast<u32>(v->bytes);
    } else
      bad(s.line, "a ." + space + " variable here is not modelled");
  } while (s.take(','));
  s.expect(';');
}

const std::unordered_map<std::string, Decode>& decoders() {
  static const auto table = [] {
    std::unordered_map<std::string, Decode> t;
    add_alu(t);
    add_memory(t);
    add_sync(t);
    add_tensor(t);
    add_async(t);
    return t;
  }();
  return table;
}

void KernelBuilder::statement(Scanner& s) {
  Statement st;
  if (s.take('@')) {
    st.guard_negated = s.take('!');
    st.guard = s.name();
  }
  s.skip();
  st.line = line_ = s.line;
  st.op = s.opcode();
  if (st.op.empty()) bad(s.line, "expected an instruction before '" + s.t.substr(s.p, 20) + "'");
  std::size_t a = 0;
  while (a <= st.op.size()) {
    const auto e = std::min(st.op.find('.', a), st.op.size());
    st.part.push_back(st.op.substr(a, e - a));
    a = e + 1;
  }
  const bool call = st.part[0] == "call";
  if (call)
    while (!s.take(';')) {
      if (s.t[s.p] == '\n') ++s.line;
      ++s.p;
    }
  else if (!s.take(';')) {
    do st.arg.push_back(operand(s));
    while (s.take(','));
    s.expect(';');
  }
  bool of_call = call;
  if (st.part.size() > 1 && st.part[1] == "param")
    for (auto& o : st.arg) {
      of_call |= call_parameters_.count(o.name) != 0;
      for (auto& x : o.list) of_call |= call_parameters_.count(x.name) != 0;
    }
  Ins i;
  i.line = st.line;
  if (!st.guard.empty()) {
    Operand g;
    g.what = Operand::reg;
    g.name = st.guard;
    g.negate = st.guard_negated;
    i.guard = predicate(g);
    i.guarded = true;
  }
  if (st.part[0] == "bra") {
    i.kind = Kind::branch;
    // labels of inner scopes
    std::string name = st.arg.at(0).name;
    for (std::size_t k = scopes_.size(); k-- > 0;)
      if (const auto it = scopes_[k].labels.find(name); it != scopes_[k].labels.end()) {
        name = it->second;
        break;
      }
    fix_.push_back({static_cast<u32>(code_.ins.size()), name, st.line});
  } else if (st.part[0] == "ret" || st.part[0] == "exit") {
    i.kind = Kind::exit;
  } else {
    const auto it = decoders().find(st.part[0]);
    bool known = false;
    if (it != decoders().end() && !of_call) {
      try {
        known = it->second(*this, st, i);
      } catch (const std::out_of_range&) {
        bad(st.line, "too few operands: " + st.op);
      }
    }
    if (!known) {
      i.fn = unknown_instruction;
      i.kind = Kind::plain;
    }
  }
  code_.ins.push_back(i);
}

void KernelBuilder::body(Scanner& s) {
  s.expect('{');
  scopes_.emplace_back();
  // Labels of a scope are known throughout it: look ahead when a scope opens.
  const auto find_labels = [&](std::size_t from) {
    int depth = 0;
    bool start = true;
    for (std::size_t p = from; p < s.t.size();) {
      const char c = s.t[p];
      if (s.t.compare(p, 2, "//") == 0) {
        while (p < s.t.size() && s.t[p] != '\n') ++p;
        continue;
      }
      if (c == '"') {
        ++p;
        while (p < s.t.size() && s.t[p] != '"') ++p;
        ++p;
        continue;
      }
      if (c == '{') {
        ++depth;
        ++p;
        start = true;
        continue;
      }
      if (c == '}') {
        if (depth-- == 0) return;
        ++p;
        start = true;
        continue;
      }
      if (c == ';') {
        start = true;
        ++p;
        continue;
      }
      if (c == '\n' || std::isspace(static_cast<unsigned char>(c))) {
        ++p;
        continue;
      }
      if (c == '.' && start) {  // .loc ends with its line
        if (s.t.compare(p, 4, ".loc") == 0) {
          while (p < s.t.size() && s.t[p] != '\n') ++p;
          continue;
        }
        start = false;
        ++p;
        continue;
      }
      if (word(c) && start) {
        const auto a = p;
        while (p < s.t.size() && word(s.t[p])) ++p;
        auto q = p;
        while (q < s.t.size() && (s.t[q] == ' ' || s.t[q] == '\t')) ++q;
        if (q < s.t.size() && s.t[q] == ':' && s.t[q + 1] != ':') {
          if (depth == 0) {
            const auto n = s.t.substr(a, p - a);
            scopes_.back().labels[n] = unique(n);
          }
          p = q + 1;
          continue;
        }
        start = false;
        continue;
      }
      start = false;
      ++p;
    }
  };
  find_labels(s.p);
  while (true) {
    const char c = s.peek();
    if (c == '\0') bad(s.line, "the kernel does not end");
    if (c == '{') {
      ++s.p;
      scopes_.emplace_back();
      find_labels(s.p);
      continue;
    }
    if (c == '}') {
      ++s.p;
      scopes_.pop_back();
      if (scopes_.empty()) break;
      continue;
    }
    if (c == ';') {
      ++s.p;
      continue;
    }
    if (c == '.') {
      line_ = s.line;
      ++s.p;
      const auto d = s.name();
      if (d == "loc" || d == "file")
        s.rest_of_line();
      else if (d == "pragma") {
        while (!s.take(';')) ++s.p;
      } else if (d == "reg")
        registers(s);
      else if (d == "shared" || d == "local")
        variable(s, d);
      else if (d == "param") {  // of a call, which is a fault when it is executed
        const auto from = s.p;
        while (!s.take(';')) ++s.p;
        auto to = s.p - 1, e = to;
        while (e > from && (word(s.t[e - 1]) || s.t[e - 1] == '[' || s.t[e - 1] == ']')) --e;
        call_parameters_.insert(s.t.substr(e, std::min(s.t.find('[', e), to) - e));
      } else
        bad(s.line, "unknown directive ." + d);
      continue;
    }
    // A label?
    if (c != '@') {
      auto q = s.p;
      while (q < s.t.size() && word(s.t[q])) ++q;
      const auto e = q;
      while (q < s.t.size() && (s.t[q] == ' ' || s.t[q] == '\t')) ++q;
      if (q < s.t.size() && s.t[q] == ':' && s.t[q + 1] != ':' && e > s.p) {
        const auto n = s.t.substr(s.p, e - s.p);
        label_at_[scopes_.back().labels.at(n)] = static_cast<u32>(code_.ins.size());
        s.p = q + 1;
        continue;
      }
    }
    statement(s);
  }
  Ins end;
  end.kind = Kind::exit;
  end.line = s.line;
  code_.ins.push_back(end);
  for (auto& f : fix_) {
    const auto it = label_at_.find(f.name);
    if (it == label_at_.end()) bad(f.line, "unknown label " + f.name.substr(0, f.name.find('#')));
    code_.ins[f.ins].imm = it->second;
  }
  kernel_.static_shared = code_.static_shared;
  code_.register_bytes = (code_.register_bytes + 63) / 64 * 64;
}

}  // namespace

std::shared_ptr<Module> Module::parse(std::string_view ptx) {
  return std::make_shared<ModuleText>(ptx);
}

}  // namespace roofproof::ptx
