// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/record.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "kernels/problem/name_table.h"
#include "kernels/problem/step.h"
#include "results/record/atomic_file.h"
#include "results/record/foreign_file.h"
#include "results/record/journal.h"
#include "results/record/json_text.h"
#include "results/record/printable.h"
#include "results/record/record_json.h"

namespace roofproof {
namespace {

constexpr NameTable<Validity, 4> validity_names = {{Validity::ok, "ok"},
                                                   {Validity::annotated, "annotated"},
                                                   {Validity::disturbed, "disturbed"},
                                                   {Validity::suspect, "suspect"}};

using Status = NotMeasured::Status;
constexpr NameTable<Status, 8> status_names = {
    {Status::unsupported, "unsupported"}, {Status::wrong_result, "wrong result"},
    {Status::failed, "failed"},           {Status::out_of_memory, "out of memory"},
    {Status::crashed, "crashed"},         {Status::timeout, "timeout"},
    {Status::invalid, "invalid"},         {Status::interrupted, "interrupted"}};

constexpr double ns_per_s = 1e9;
constexpr std::int64_t most_launches = 1'000'000'000'000;
constexpr const char* no_amount = "must not be negative, nor so large that its rate is not finite";

void read_google_fields(const Place& place, Row& row) {
  std::string text;
  place.at("name").get(row.name);
  place.at("run_type").get(text);
  if (text != "iteration") place.at("run_type").fail("must be 'iteration'");
  place.at("time_unit").get(text);
  if (text != "ns") place.at("time_unit").fail("must be 'ns'");
  place.at("repetitions").get(row.sessions);
  place.at("label").get(row.label);
  double time_ns = 0;
  place.at("real_time").get(time_ns);
  row.time_s = time_ns / ns_per_s;
  if (!(row.time_s > 0)) place.at("real_time").fail("must be greater than 0");
  place.visit_member("cpu_time", [&](const Place& cpu_time) {
    double cpu_time_ns = 0;
    cpu_time.get(cpu_time_ns);
    if (!(cpu_time_ns > 0)) cpu_time.fail("must be greater than 0");
    // Files of before have a copy of real_time, which nobody measured.
    if (cpu_time_ns != time_ns) row.cpu_time_s = cpu_time_ns / ns_per_s;
  });
}

void write_problem(Json& json, const Row& row) {
  json["op"] = name(row.problem.op);
  json["precision"] = name(row.problem.precision);
  json["implementation"] = name(row.implementation);
  Json& shape = json["shape"] = Json::object();
  if (!row.problem.shape.model.empty()) shape["model"] = row.problem.shape.model;
  for (const Dimension& dimension : dimensions(row.problem.op)) {
    shape[dimension.name] = row.problem.shape.*dimension.value;
  }
}

void read_problem(const Place& place, Row& row) {
  place.at("op").get(row.problem.op);
  place.at("precision").get(row.problem.precision);
  place.at("implementation").get(row.implementation);
  const Place shape = place.at("shape");
  if (shape.has("model")) shape.at("model").get(row.problem.shape.model);
  for (const Dimension& dimension : dimensions(row.problem.op)) {
    shape.at(dimension.name).get(row.problem.shape.*dimension.value);
  }
}

// Figures are counts: they differ by the rounding of sums at most.
bool is_count(double recorded, double counted) {
  return std::abs(recorded - counted) <= 1e-12 * counted;
}

void hold_to(const Place& recorded_at, double recorded, double counted) {
  if (is_count(recorded, counted)) return;
  recorded_at.fail("is " + Json(recorded).dump() + ", but its problem has " + Json(counted).dump());
}

// Of a rung: only a part of its problem. Of a peak loop: how much it computes is its own choice.
void check_work(const Place& place, const Row& row) {
  constexpr std::string_view forced = "kernel:";
  const Problem& problem = row.problem;
  std::optional<Rung> rung;
  if (problem.op == Op::decode && row.condition && row.condition->starts_with(forced)) {
    rung = parse_name<Rung>(row.condition->substr(forced.size()));
  }
  // In results of November 2026 a CPU's stream_only reads the norms and the row scales of INT8 too.
  if (rung == Rung::stream_only && is_count(row.bytes, step_work(problem).fixed_bytes)) {
    return hold_to(place.at("flop"), row.flop, 0);
  }
  if (problem.op != Op::peak) {
    hold_to(place.at("flop"), row.flop, rung ? rung_flop(*rung, problem) : flop(problem));
  }
  hold_to(place.at("bytes"), row.bytes,
          rung ? rung_bytes(*rung, problem) : compulsory_bytes(problem));
}

void check_row(const Place& place, const Row& row) {
  for (std::size_t i = 0; i < row.samples_s.size(); ++i) {
    if (row.samples_s[i] > 0) continue;
    const Place samples_s = place.at("samples_s");
    samples_s.at(i).fail("must be greater than 0");
  }
  if (row.session < 0) place.at("session").fail("must not be negative");
  if (row.launches_per_sample < 1 || row.launches_per_sample > most_launches) {
    place.at("launches_per_batch").fail("must be between 1 and 1e12");
  }
  if (!(row.flop >= 0 && std::isfinite(row.flop_per_s()))) place.at("flop").fail(no_amount);
  if (!(row.bytes >= 0 && std::isfinite(row.bytes_per_s()))) place.at("bytes").fail(no_amount);
  std::string expected = benchmark_name(row.problem, row.implementation);
  if (row.condition) expected += "/" + *row.condition;
  if (row.name != expected) place.at("name").fail("does not match its problem, '" + expected + "'");
  try {
    check_work(place, row);
  } catch (const std::invalid_argument& error) {  // a model that nobody knows
    place.at("shape").fail(error.what());
  }
}

// "2026-11-22T19:04:00Z": texts of this one form stand in the order of time.
bool is_utc(std::string_view date) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  const auto fits = [](char c, char of_form) {
    return of_form == '0' ? c >= '0' && c <= '9' : c == of_form;
  };
  return std::equal(date.begin(), date.end(), form.begin(), form.end(), fits);
}

void refuse_duplicates(const Place& rows, const std::vector<Row>& parsed) {
  std::set<std::pair<std::string, int>> seen;
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    if (!seen.emplace(parsed[i].name, parsed[i].session).second) {
      rows.at(i).fail(stands_twice(parsed[i]));
    }
  }
}

Record parse_result(std::string_view text, const std::string& file) {
  const JsonDocument document(text, file);
  const Place root(document);
  Record record = header_from_json(root.at("context"));
  const Place rows = root.at("benchmarks");
  record.rows.reserve(rows.size());
  rows.visit_items([&](const Place& row) { record.rows.push_back(row_from_json(row)); });
  refuse_duplicates(rows, record.rows);
  root.at("not_measured").visit_items([&](const Place& entry) {
    record.not_measured.push_back(not_measured_from_json(entry));
  });
  return record;
}

}  // namespace

std::string_view name(Validity validity) { return find_name(validity_names, validity); }
template <>
std::optional<Validity> parse_name(std::string_view text) {
  return find_value(validity_names, text);
}

std::string_view name(NotMeasured::Status status) { return find_name(status_names, status); }
template <>
std::optional<NotMeasured::Status> parse_name(std::string_view text) {
  return find_value(status_names, text);
}

RecordError::RecordError(const std::string& file, const std::string& place, const std::string& what)
    : std::runtime_error(printable(file + ": " + (place.empty() ? "" : place + ": ") + what)) {}

// `caches` is required by some of its readers.
void write_google_context(Json& context, const Record& record) {
  context["date"] = record.date;
  context["host_name"] = record.host_name;
  context["executable"] = record.executable;
  context["num_cpus"] = record.num_cpus;
  if (record.mhz_per_cpu) context["mhz_per_cpu"] = *record.mhz_per_cpu;
  if (record.cpu_scaling_enabled) context["cpu_scaling_enabled"] = *record.cpu_scaling_enabled;
  context["caches"] = Json::array();
  if (!record.load_avg.empty()) context["load_avg"] = record.load_avg;
  context["library_build_type"] = "release";
}

void write_google_row(Json& json, const Row& row, std::int64_t iterations) {
  json["name"] = row.name;
  json["run_name"] = row.name;
  json["run_type"] = "iteration";
  json["repetitions"] = row.sessions;
  json["repetition_index"] = row.session;
  json["threads"] = 1;
  json["iterations"] = iterations;
  json["real_time"] = row.time_s * ns_per_s;
  if (row.cpu_time_s) json["cpu_time"] = *row.cpu_time_s * ns_per_s;
  json["time_unit"] = "ns";
  json["label"] = row.label;
}

std::int64_t total_launches(const Row& row) {
  return row.launches_per_sample * static_cast<std::int64_t>(row.samples_s.size());
}

Json row_to_json(const Row& row) {
  Json json;
  write_google_row(json, row, total_launches(row));
  write_problem(json, row);
  write_fields(json, row);
  if (row.flop > 0) json["flop_per_s"] = row.flop_per_s();
  if (row.bytes > 0) json["bytes_per_s"] = row.bytes_per_s();
  return json;
}

Row row_from_json(const Place& place) {
  Row row;
  read_google_fields(place, row);
  read_problem(place, row);
  read_fields(place, row);
  check_row(place, row);
  return row;
}

std::string stands_twice(const Row& row) {
  return "'" + row.name + "' appears twice for session " + std::to_string(row.session);
}

Json not_measured_to_json(const NotMeasured& entry) {
  Json json;
  write_fields(json, entry);
  return json;
}

NotMeasured not_measured_from_json(const Place& place) {
  NotMeasured entry;
  read_fields(place, entry);
  return entry;
}

Json header_to_json(const Record& record) {
  Json context;
  write_google_context(context, record);
  Json& ours = context["roofproof"];
  ours["schema_version"] = schema_version;
  write_fields(ours, record);
  write_fields(ours["device"], record.device);
  write_fields(ours["software"], record.software);
  write_fields(ours["protocol"], record.protocol);
  return context;
}

Record header_from_json(const Place& context) {
  Record record;
  const Place ours = context.at("roofproof");
  int version = 0;
  ours.at("schema_version").get(version);
  if (version != schema_version) {
    ours.at("schema_version")
        .fail("version " + std::to_string(version) +
              " is not supported by this program, which reads " + std::to_string(schema_version));
  }
  context.at("date").get(record.date);
  if (!is_utc(record.date)) context.at("date").fail("must be in UTC, as 2026-11-22T19:04:00Z is");
  context.at("host_name").get(record.host_name);
  context.at("executable").get(record.executable);
  context.at("num_cpus").get(record.num_cpus);
  context.visit_member("mhz_per_cpu",
                       [&](const Place& mhz) { mhz.get(record.mhz_per_cpu.emplace()); });
  context.visit_member("cpu_scaling_enabled", [&](const Place& enabled) {
    enabled.get(record.cpu_scaling_enabled.emplace());
  });
  context.visit_member("load_avg", [&](const Place& load) { load.get(record.load_avg); });
  read_fields(ours, record);
  read_fields(ours.at("device"), record.device);
  read_fields(ours.at("software"), record.software);
  read_fields(ours.at("protocol"), record.protocol);
  return record;
}

std::string to_json_text(const Record& record) {
  Json json;
  json["context"] = header_to_json(record);
  Json& rows = json["benchmarks"] = Json::array();
  for (const Row& row : record.rows) rows.push_back(row_to_json(row));
  Json& missing = json["not_measured"] = Json::array();
  for (const NotMeasured& entry : record.not_measured) {
    missing.push_back(not_measured_to_json(entry));
  }
  return print_json(json, 1) + "\n";
}

Record parse_record(std::string_view text, const std::string& file) {
  try {
    return is_journal(text) ? replay_journal(text, file) : parse_result(text, file);
  } catch (const RecordError&) {
    if (const auto look = look_of(text)) throw RecordError(file, "", *look);
    throw;
  }
}

Record read_record(const std::filesystem::path& path) {
  return parse_record(read_text_file(path), path.string());
}

void write_record(const Record& record, const std::filesystem::path& path) {
  write_file_atomically(path, to_json_text(record));
}

}  // namespace roofproof
