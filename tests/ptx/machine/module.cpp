// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

// A module of PTX text: its variables and kernels.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tests/ptx/machine/kernel_builder.h"

namespace roofproof::ptx {

std::string Code::line_text(int line) const {
  constexpr std::size_t most = 160;
  if (line < 1 || line > static_cast<int>(line_starts.size())) return "";
  const auto from = line_starts[static_cast<std::size_t>(line) - 1];
  auto to = text->find('\n', from);
  if (to == std::string::npos) to = text->size();
  auto s = text->substr(from, to - from);
  if (const auto first = s.find_first_not_of(" \t"); first != std::string::npos)
    s = s.substr(first);
  if (s.size() > most) s = s.substr(0, most) + "...";
  return s;
}

namespace {

class ParsedModule : public Module {
 public:
  explicit ParsedModule(std::string_view ptx) : text_(std::make_shared<std::string>(ptx)) {
    line_starts_.push_back(0);
    for (std::size_t k = 0; k < text_->size(); ++k)
      if ((*text_)[k] == '\n') line_starts_.push_back(k + 1);
    Scanner s(*text_);
    while (!s.end())
      if (!s.take(';')) directive(s);
  }
  ~ParsedModule() override {
    for (auto& v : variables_)
      if (v->memory) {
        unregister_memory(v->memory);
        std::free(v->memory);
      }
  }
  ParsedModule(const ParsedModule&) = delete;
  ParsedModule& operator=(const ParsedModule&) = delete;

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

 private:
  void directive(Scanner& s) {
    if (!s.take('.')) parse_error(s.line, "unexpected '" + s.text.substr(s.position, 20) + "'");
    auto name = s.name();
    bool external = false;
    while (name == "extern" || name == "visible" || name == "weak" || name == "common") {
      external |= name == "extern";
      s.expect('.');
      name = s.name();
    }
    if (name == "version" || name == "target" || name == "address_size" || name == "file" ||
        name == "loc")
      s.rest_of_line();
    else if (name == "section")
      section(s);
    else if (name == "pragma")
      s.skip_past(';');
    else if (name == "global" || name == "const" || name == "shared" || name == "local")
      variables(s, name, external);
    else if (name == "func")
      function(s);
    else if (name == "entry")
      entry(s);
    else
      parse_error(s.line, "unknown directive ." + name);
  }

  void section(Scanner& s) {
    while (!s.end() && s.peek() != '{') ++s.position;
    s.skip_braces();
  }

  // Parsed past; a call of it is an unknown instruction.
  void function(Scanner& s) {
    while (s.peek() != '{' && s.peek() != ';' && !s.end()) ++s.position;
    if (s.peek() == '{')
      s.skip_braces();
    else
      s.expect(';');
  }

  void variables(Scanner& s, const std::string& space, bool external) {
    do {
      auto v = std::make_unique<Variable>(parse_variable(s, space));
      if ((space == "global" || space == "const") && !external && v->bytes) {
        v->memory =
            std::aligned_alloc(std::max<std::size_t>(v->align, 256), (v->bytes + 511) / 256 * 256);
        std::memset(v->memory, 0, v->bytes);
        std::memcpy(v->memory, v->data.data(), std::min(v->data.size(), v->bytes));
        register_memory(v->memory, v->bytes, v->name);
      }
      variables_.push_back(std::move(v));
    } while (s.take(','));
    s.expect(';');
  }

  void entry(Scanner& s) {
    auto kernel = std::make_shared<Kernel>();
    kernel->code = std::make_shared<Code>();
    kernel->code->text = text_;
    kernel->code->line_starts = line_starts_;
    kernel->name = kernel->code->kernel_name = s.name();
    KernelBuilder builder(variables_, *kernel);
    if (s.take('('))
      while (!s.take(')')) {
        s.expect('.');
        if (s.name() != "param") parse_error(s.line, "expected .param");
        const Variable v = parse_variable(s, "param");
        auto& bytes = kernel->parameter_bytes;
        bytes = (bytes + v.align - 1) / v.align * v.align;
        kernel->parameters.push_back({bytes, v.bytes});
        builder.add_parameter(v.name, bytes);
        bytes += v.bytes;
        s.take(',');
      }
    while (s.peek() == '.') entry_directive(s, *kernel);
    if (s.take(';')) return;  // a declaration
    builder.body(s);
    kernels_.push_back(kernel);
  }

  // Performance-tuning and cluster directives (PTX ISA, 11.4 and 11.7).
  void entry_directive(Scanner& s, Kernel& kernel) {
    s.expect('.');
    const auto name = s.name();
    if (name == "pragma") {
      s.skip_past(';');
      return;
    }
    if (name == "explicitcluster" || name == "noreturn") return;
    std::vector<unsigned> n;
    do n.push_back(static_cast<unsigned>(s.integer()));
    while (s.take(','));
    n.resize(3, 1);
    if (name == "maxntid" || name == "reqntid")
      kernel.max_threads = static_cast<int>(n[0] * n[1] * n[2]);
    else if (name == "reqnctapercluster")
      kernel.cluster = Dim{n[0], n[1], n[2]};
    else if (name != "minnctapersm" && name != "maxnctapersm" && name != "maxnreg" &&
             name != "maxclusterrank")
      parse_error(s.line, "unknown directive ." + name);
  }

  std::shared_ptr<const std::string> text_;
  std::vector<std::size_t> line_starts_;
  std::vector<std::shared_ptr<Kernel>> kernels_;
  Variables variables_;
};

}  // namespace

std::shared_ptr<Module> Module::parse(std::string_view ptx) {
  return std::make_shared<ParsedModule>(ptx);
}

}  // namespace roofproof::ptx
