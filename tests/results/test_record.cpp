// SPDX-FileCopyrightText: 2026 The roofproof authors
// SPDX-License-Identifier: Apache-2.0

#include "results/record/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <ctime>
#include <fstream>
#include <locale>

#include "results/record/atomic_file.h"
#include "results/record/journal.h"
#include "results/record/json_text.h"

namespace roofproof {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Row sample_row(int session) {
  Row row;
  row.problem = {Op::gemv, Precision::int8, {.n = 14336, .k = 4096, .batch = 1}};
  row.implementation = Implementation::hand;
  row.name = benchmark_name(row.problem, row.implementation);
  row.session = session;
  row.sessions = 3;
  row.kernel = "highway";
  row.label = "highway AVX3";
  row.time_s = 1.25e-3;
  row.launches_per_sample = 8;
  row.samples_s = {1.24e-3, 1.25e-3, 1.27e-3};
  row.flop = 117440512;
  row.bytes = 58814464;
  row.copies = 4;
  row.sm_clock_hz = 1.98e9;
  row.throttle_reasons = 0x4;
  row.validity = Validity::annotated;
  row.reasons = {"power cap"};
  row.extra = {{"launch_floor_s", 2e-6}};
  return row;
}

Record sample_record() {
  Record record;
  record.run_id = "3f2a";
  record.date = "2026-11-22T19:04:00Z";
  record.host_name = "a1b2";
  record.executable = "bench_all";
  record.complete = true;
  record.num_cpus = 2;
  record.mhz_per_cpu = 2596;
  record.device = {.backend = Backend::cuda,
                   .name = "Tesla T4",
                   .pci_device_id = "1EB8",
                   .compute_capability = "7.5",
                   .processors = 40,
                   .sm_clock_max_hz = 1.59e9,
                   .ecc = true};
  record.software = {.roofproof = "0.1.0", .compiler = "GCC 12.2.0", .flags = "-O3"};
  record.protocol = {.profile = "standard",
                     .sessions = 3,
                     .samples = 5,
                     .sample_time_s = 0.01,
                     .warmup_s = 1,
                     .fill = "uniform"};
  record.rows = {sample_row(0), sample_row(1)};
  record.not_measured = {
      {"gemm/fp16/hand/m:1/n:1/k:1", 0, NotMeasured::Status::unsupported, "no native type", {}}};
  return record;
}

Record changed(const std::string& from, const std::string& to) {
  std::string text = to_json_text(sample_record());
  const std::size_t at = text.find(from);
  if (at == std::string::npos) throw std::logic_error("'" + from + "' is not in the record");
  text.replace(at, from.size(), to);
  return parse_record(text, "r.json");
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "roofproof-XXXXXX";
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

TEST(Record, RoundTripKeepsEveryField) {
  const std::string text = to_json_text(sample_record());
  EXPECT_EQ(to_json_text(parse_record(text, "r.json")), text);
  const Record read = parse_record(text, "r.json");
  EXPECT_DOUBLE_EQ(read.rows[1].time_s, 1.25e-3);
  EXPECT_EQ(read.rows[1].problem, sample_row(1).problem);
  EXPECT_EQ(read.rows[1].samples_s, sample_row(1).samples_s);
  EXPECT_EQ(read.rows[1].extra.at("launch_floor_s"), 2e-6);
  EXPECT_EQ(read.device.ecc, true);
  EXPECT_EQ(read.device.power_limit_w, std::nullopt);
  EXPECT_EQ(read.not_measured[0].reason, "no native type");
}

TEST(Record, ArraySizeAndBytesMovedAreTwoThings) {
  Record record = sample_record();
  Row& row = record.rows[0];
  row.problem = {Op::copy, Precision::fp32, {.bytes = 1 << 20}};
  row.name = benchmark_name(row.problem, row.implementation);
  row.flop = 0;
  row.bytes = 2 << 20;
  const Record read = parse_record(to_json_text(record), "r.json");
  EXPECT_EQ(read.rows[0].problem.shape.bytes, 1 << 20);
  EXPECT_EQ(read.rows[0].bytes, 2 << 20);
}

// By a CPU, of the model "tiny": 6410240 weights in 10728 rows, 5 norms of 512 elements in FP16.
Record with_rung(const std::string& rung, double flop, double bytes) {
  Record record = sample_record();
  for (Row& row : record.rows) {
    row.problem = {Op::decode, Precision::int8, {.batch = 1, .model = "tiny"}};
    row.condition = "kernel:" + rung;
    row.name = benchmark_name(row.problem, row.implementation) + "/kernel:" + rung;
    row.flop = flop;
    row.bytes = bytes;
  }
  return parse_record(to_json_text(record), "r.json");
}

TEST(Record, ARungCountsItsPartOfTheStep) {
  constexpr double weights = 6410240;
  constexpr double scales = 4 * 10728;
  constexpr double norms = 2 * 5 * 512;
  EXPECT_EQ(with_rung("stream_only", 0, weights).rows[0].bytes, weights);
  EXPECT_EQ(with_rung("gemv_only", 2 * weights, weights + scales).rows[0].flop, 2 * weights);
  EXPECT_EQ(with_rung("launches_only", 0, 0).rows[0].bytes, 0);
  // As a CPU streamed, and counted, in November 2026.
  EXPECT_EQ(with_rung("stream_only", 0, weights + scales + norms).rows[0].bytes,
            weights + scales + norms);
  EXPECT_THROW(with_rung("stream_only", 0, weights + scales), RecordError);
  EXPECT_THROW(with_rung("stream_only", 1, weights + scales + norms), RecordError);
  EXPECT_THROW(with_rung("gemv_only", 0, weights + scales), RecordError);
  EXPECT_THROW(with_rung("gemv_only", 2 * weights, weights + scales + norms), RecordError);
  EXPECT_THROW(with_rung("mma_sm80", 2 * weights, weights + scales), RecordError);
}

TEST(Record, AModelThatNobodyKnowsIsRefusedAtItsPlace) {
  Record record = sample_record();
  for (Row& row : record.rows) {
    row.problem = {Op::decode, Precision::int8, {.batch = 1, .model = "gpt-9"}};
    row.name = benchmark_name(row.problem, row.implementation);
  }
  EXPECT_THAT(
      [&] { parse_record(to_json_text(record), "r.json"); },
      ThrowsMessage<RecordError>(HasSubstr("r.json: benchmarks[0].shape: unknown model 'gpt-9'")));
}

TEST(Record, HoldsWhatGoogleBenchmarkReadersNeed) {
  const Json json = parse_json(to_json_text(sample_record()), "r.json");
  EXPECT_TRUE(json["context"]["caches"].is_array());
  const Json& row = json["benchmarks"][0];
  EXPECT_EQ(row["run_type"], "iteration");
  EXPECT_EQ(row["time_unit"], "ns");
  EXPECT_DOUBLE_EQ(row["real_time"], 1.25e6);
  EXPECT_EQ(row["repetitions"], 3);
  EXPECT_EQ(row["iterations"], 24);
}

TEST(Record, CpuTimeIsWhatWasMeasuredOrAbsent) {
  Record record = sample_record();
  EXPECT_FALSE(parse_json(to_json_text(record), "r.json")["benchmarks"][0].contains("cpu_time"));
  EXPECT_EQ(parse_record(to_json_text(record), "r.json").rows[0].cpu_time_s, std::nullopt);
  record.rows[0].cpu_time_s = 0.5e-3;
  EXPECT_DOUBLE_EQ(parse_json(to_json_text(record), "r.json")["benchmarks"][0]["cpu_time"], 0.5e6);
  EXPECT_DOUBLE_EQ(*parse_record(to_json_text(record), "r.json").rows[0].cpu_time_s, 0.5e-3);
  // A file of before: a copy of real_time.
  record.rows[0].cpu_time_s = record.rows[0].time_s;
  EXPECT_EQ(parse_record(to_json_text(record), "r.json").rows[0].cpu_time_s, std::nullopt);
}

TEST(Record, WhatTheHostDoesNotTellIsAbsent) {
  Record record = sample_record();
  record.cpu_scaling_enabled = true;
  record.load_avg = {0.5, 1.25};
  Json context = parse_json(to_json_text(record), "r.json")["context"];
  EXPECT_EQ(context["mhz_per_cpu"], 2596);
  EXPECT_EQ(context["cpu_scaling_enabled"], true);
  EXPECT_EQ(context["load_avg"], Json({0.5, 1.25}));
  EXPECT_EQ(parse_record(to_json_text(record), "r.json").load_avg, record.load_avg);
  record.mhz_per_cpu.reset();
  record.cpu_scaling_enabled.reset();
  record.load_avg.clear();
  context = parse_json(to_json_text(record), "r.json")["context"];
  for (const char* field : {"mhz_per_cpu", "cpu_scaling_enabled", "load_avg"}) {
    EXPECT_FALSE(context.contains(field)) << field;
  }
  const Record read = parse_record(to_json_text(record), "r.json");
  EXPECT_EQ(read.mhz_per_cpu, std::nullopt);
  EXPECT_EQ(read.cpu_scaling_enabled, std::nullopt);
}

template <class Enum>
std::vector<std::string> words_read_again(const std::vector<Enum>& values) {
  std::vector<std::string> words;
  for (const Enum value : values) {
    words.emplace_back(name(value));
    EXPECT_EQ(parse_name<Enum>(words.back()), value);
  }
  return words;
}

TEST(Record, TheWordsOfItsEnumerationsAreThoseOfTheSchema) {
  using Status = NotMeasured::Status;
  const Json schema = parse_json(read_text_file(RESULT_SCHEMA), RESULT_SCHEMA);
  const auto words_at = [&](const char* place) {
    return schema.at(Json::json_pointer(place)).get<std::vector<std::string>>();
  };
  EXPECT_THAT(
      words_read_again<Validity>(
          {Validity::ok, Validity::annotated, Validity::disturbed, Validity::suspect}),
      testing::UnorderedElementsAreArray(words_at("/definitions/row/properties/validity/enum")));
  EXPECT_THAT(words_read_again<Status>({Status::unsupported, Status::wrong_result, Status::failed,
                                        Status::out_of_memory, Status::crashed, Status::timeout,
                                        Status::invalid, Status::interrupted}),
              testing::UnorderedElementsAreArray(
                  words_at("/properties/not_measured/items/properties/status/enum")));
  EXPECT_THAT(words_read_again<Backend>({Backend::host, Backend::cuda}),
              testing::UnorderedElementsAreArray(words_at(
                  "/properties/context/properties/roofproof/properties/device/properties/backend/"
                  "enum")));
}

TEST(Record, ErrorsNameFileAndPlace) {
  EXPECT_THAT(
      [] { changed("\"flop\": 117440512.0", "\"flop\": \"many\""); },
      ThrowsMessage<RecordError>(HasSubstr("r.json: benchmarks[0].flop: must be a number")));
  EXPECT_THAT([] { changed("\"schema_version\": 1", "\"schema_version\": 2"); },
              ThrowsMessage<RecordError>(HasSubstr("context.roofproof.schema_version: version 2")));
  // Runs are put in order by it.
  for (const char* date : {"2026-11-22T20:04:00+01:00", "2026-11-22T19:04:00", "yesterday", ""}) {
    EXPECT_THAT([&] { changed("2026-11-22T19:04:00Z", date); },
                ThrowsMessage<RecordError>(HasSubstr("context.date: must be in UTC")))
        << date;
  }
  EXPECT_THAT([] { changed("\"precision\": \"int8\"", "\"precision\": \"int9\""); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0].precision: 'int9'")));
  EXPECT_THAT([] { changed("\"validity\": \"annotated\"", "\"validity\": \"fine\""); },
              ThrowsMessage<RecordError>(HasSubstr(
                  "r.json: benchmarks[0].validity: 'fine' is not known to this version")));
  EXPECT_THAT([] { changed("\"status\": \"unsupported\"", "\"status\": \"lost\""); },
              ThrowsMessage<RecordError>(HasSubstr("r.json: not_measured[0].status: 'lost' is")));
  EXPECT_THAT([] { changed("\"backend\": \"cuda\"", "\"backend\": \"vulkan\""); },
              ThrowsMessage<RecordError>(
                  HasSubstr("r.json: context.roofproof.device.backend: 'vulkan' is")));
  EXPECT_THAT([] { changed("\"bytes\": 58814464.0", "\"bytes\": 58818560.0"); },
              ThrowsMessage<RecordError>(HasSubstr(
                  "r.json: benchmarks[0].bytes: is 58818560.0, but its problem has 58814464.0")));
  EXPECT_THAT([] { changed("\"flop\": 117440512.0", "\"flop\": 0"); },
              ThrowsMessage<RecordError>(HasSubstr(
                  "r.json: benchmarks[0].flop: is 0.0, but its problem has 117440512.0")));
  EXPECT_THAT([] { changed("\"session\": 1", "\"session\": 0"); },
              ThrowsMessage<RecordError>(HasSubstr("appears twice for session 0")));
  EXPECT_THAT([] { changed("\"real_time\": 1250000.0", "\"real_time\": 0"); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0].real_time: must be greater")));
  EXPECT_THAT([] { changed("\"n\": 14336", "\"n\": 14337"); },
              ThrowsMessage<RecordError>(HasSubstr("does not match its problem")));
  EXPECT_THAT([] { changed("\"launches_per_batch\": 8", "\"launches_per_batch\": 0"); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0].launches_per_batch: must be")));
  // Times the number of samples it would not fit into 64 bits.
  EXPECT_THAT([] { changed("\"launches_per_batch\": 8", "\"launches_per_batch\": 5e18"); },
              ThrowsMessage<RecordError>(HasSubstr("must be an integer")));
  EXPECT_THAT(
      [] { changed("\"launches_per_batch\": 8", "\"launches_per_batch\": 5000000000000000000"); },
      ThrowsMessage<RecordError>(HasSubstr("must be between 1 and 1e12")));
  EXPECT_THAT([] { changed("\"flop\": 117440512.0", "\"flop\": 1e308"); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0].flop: must not")));
  EXPECT_THAT([] { changed("\"bytes\": 58814464.0", "\"bytes\": 1e308"); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0].bytes: must not")));
  EXPECT_THAT([] { changed("\"real_time\": 1250000.0", "\"real_time\": 1e-320"); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0].real_time: must be greater")));
  EXPECT_THAT([] { changed("\"label\": \"highway AVX3\",", ""); },
              ThrowsMessage<RecordError>(HasSubstr("benchmarks[0]: 'label' is missing")));
}

TEST(Record, RefusesWhatIsNotStrictJson) {
  for (const char* text :
       {"", "{", "{\"a\": NaN}", "{\"a\": 1,5}", "{\"a\": 1, \"a\": 2}", "[1]"}) {
    EXPECT_THROW(parse_record(text, "r.json"), RecordError) << text;
  }
  EXPECT_THROW(parse_record(std::string(100000, '['), "r.json"), RecordError);
  EXPECT_THAT([] { changed("117440512.0", "1e999"); }, testing::Throws<RecordError>());
}

// A key is looked for by going through all of them: a million would take an hour.
TEST(Record, AnObjectWithoutEndIsRefusedAtItsStart) {
  std::string text = "{";
  for (int i = 0; i < 1000000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  const std::clock_t start = std::clock();  // of the CPU: others may have it in between
  EXPECT_THAT([&] { parse_record(text, "r.json"); },
              ThrowsMessage<RecordError>(HasSubstr("more than 256 fields")));
  EXPECT_LT(std::clock() - start, 5 * CLOCKS_PER_SEC);
}

TEST(Record, AFileLargerThanAnyResultIsNotRead) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path / "r.json";
  std::ofstream(path) << "{";
  std::filesystem::resize_file(path, (std::uintmax_t{64} << 20) + 1);
  EXPECT_THAT([&] { read_record(path); },
              ThrowsMessage<RecordError>(HasSubstr(path.string() + ": is larger than 64 MiB")));
}

TEST(Record, EveryCutOfAFileIsRefusedNotMisread) {
  const std::string text = to_json_text(sample_record());
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_THROW(parse_record(std::string_view(text).substr(0, size), "r.json"), RecordError)
        << size;
  }
}

TEST(Record, NotANumberIsNeverWritten) {
  Record record = sample_record();
  record.rows[0].flop = std::nan("");
  EXPECT_THROW(to_json_text(record), std::logic_error);
}

// A locale of C++ whose decimal point is a comma, without needing that any is installed.
class CommaDecimals : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
};

TEST(Record, NumbersDoNotFollowTheLocale) {
  const std::string text = to_json_text(sample_record());
  const std::locale before = std::locale::global(std::locale(std::locale(), new CommaDecimals));
  const std::string with_comma_locale = to_json_text(sample_record());
  const Record read = parse_record(text, "r.json");
  std::locale::global(before);
  EXPECT_EQ(with_comma_locale, text);
  EXPECT_DOUBLE_EQ(read.rows[0].time_s, 1.25e-3);
}

// What printf and strtod follow.
TEST(Record, NumbersDoNotFollowTheLocaleOfC) {
  const std::string text = to_json_text(sample_record());
  const std::string before = std::setlocale(LC_ALL, nullptr);
  ::setenv("LOCPATH", COMMA_LOCALES, 1);
  const bool there = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr;
  ::unsetenv("LOCPATH");
  if (!there) GTEST_SKIP() << "no locale with decimal commas in " COMMA_LOCALES;
  EXPECT_STREQ(std::localeconv()->decimal_point, ",");
  const std::string with_comma_locale = to_json_text(sample_record());
  const Record read = parse_record(text, "r.json");
  std::setlocale(LC_ALL, before.c_str());
  EXPECT_EQ(with_comma_locale, text);
  EXPECT_DOUBLE_EQ(read.rows[0].time_s, 1.25e-3);
}

TEST(Record, WritingReplacesTheFileWholeAndLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path / "r.json";
  std::ofstream(path) << "old";
  write_record(sample_record(), path);
  EXPECT_EQ(to_json_text(read_record(path)), to_json_text(sample_record()));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path), {}), 1);
}

// While it lives the disk is full, as the kernel reports it: no file grows beyond this size.
class FullDisk {
 public:
  explicit FullDisk(std::size_t largest_bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit full = before_;
    full.rlim_cur = largest_bytes;
    setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

TEST(Record, FailedWriteKeepsTheOldFileAndSaysWhere) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path / "r.json";
  write_record(sample_record(), path);
  {
    const FullDisk full(100);
    EXPECT_THAT([&] { write_record(sample_record(), path); },
                ThrowsMessage<std::system_error>(HasSubstr(path.string())));
  }
  EXPECT_EQ(to_json_text(read_record(path)), to_json_text(sample_record()));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path), {}), 1);
}

TEST(Record, MissingFileAndFolderAreNamed) {
  EXPECT_THAT([] { read_record("/nowhere/r.json"); },
              ThrowsMessage<RecordError>(HasSubstr("/nowhere/r.json: ")));
  EXPECT_THAT([] { read_record("/"); }, ThrowsMessage<RecordError>(HasSubstr("folder")));
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() : path(folder.path / "r.journal") {
    Record header = sample_record();
    header.rows.clear();
    header.not_measured.clear();
    Journal::create(path, header);
    Journal journal(path);
    journal.case_started(sample_row(0).name, 0);
    journal.sample(sample_row(0).name, 0, 1.24e-3);
    journal.row(sample_row(0));
    journal.case_started("gemm/fp16/hand/m:1/n:1/k:1", 0);
    journal.not_measured({"gemm/fp16/hand/m:1/n:1/k:1",
                          std::nullopt,
                          NotMeasured::Status::unsupported,
                          "no type",
                          {}});
    journal.case_started(sample_row(1).name, 1);
    journal.sample(sample_row(1).name, 1, 1.3e-3);
    journal.sample(sample_row(1).name, 1, 1.4e-3);
  }
  TemporaryFolder folder;
  std::filesystem::path path;
};

TEST_F(JournalTest, ReplayHoldsFinishedRowsAndNamesTheInterruptedCase) {
  const Record record = read_record(path);
  EXPECT_FALSE(record.complete);
  EXPECT_EQ(record.device.name, "Tesla T4");
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(record.rows[0].samples_s, sample_row(0).samples_s);
  ASSERT_EQ(record.not_measured.size(), 2u);
  EXPECT_EQ(record.not_measured[0].status, NotMeasured::Status::unsupported);
  EXPECT_EQ(record.not_measured[1].status, NotMeasured::Status::interrupted);
  EXPECT_THAT(record.not_measured[1].samples_s, testing::ElementsAre(1.3e-3, 1.4e-3));
}

TEST_F(JournalTest, EveryCutKeepsAllThatWasFinished) {
  std::ifstream stream(path);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::size_t header_end = text.find('\n') + 1;
  const std::size_t row_end = text.find('\n', text.find("\"event\":\"row\"")) + 1;
  for (std::size_t size = header_end; size <= text.size(); ++size) {
    const Record record = parse_record(std::string_view(text).substr(0, size), "r.journal");
    EXPECT_EQ(record.rows.size(), size >= row_end ? 1u : 0u) << size;
  }
}

TEST_F(JournalTest, FullDiskLeavesWholeLinesAndGoingOnWhenThereIsRoom) {
  const std::string before = to_json_text(read_record(path));
  const std::uintmax_t size = std::filesystem::file_size(path);
  Journal journal(path);
  {
    const FullDisk full(size + 100);  // a part of the next line
    EXPECT_THAT([&] { journal.row(sample_row(1)); },
                ThrowsMessage<std::system_error>(HasSubstr("cannot write " + path.string())));
  }
  EXPECT_EQ(std::filesystem::file_size(path), size);
  EXPECT_EQ(to_json_text(read_record(path)), before);
  journal.row(sample_row(1));
  EXPECT_EQ(read_record(path).rows.size(), 2u);
}

TEST_F(JournalTest, WhatAKilledProcessLeftOfALineIsNotJoinedToTheNext) {
  std::ofstream(path, std::ios::app) << "{\"event\":\"batch\",\"na";
  Journal(path).row(sample_row(1));
  EXPECT_EQ(read_record(path).rows.size(), 2u);
}

TEST_F(JournalTest, RowThatStandsTwiceIsDamage) {
  Journal(path).row(sample_row(0));
  EXPECT_THAT([&] { read_record(path); },
              ThrowsMessage<RecordError>(HasSubstr("appears twice for session 0")));
}

TEST_F(JournalTest, UnsupportedCasesByTheThousandAreReadAtOnce) {
  std::ofstream out(path, std::ios::app);
  for (int i = 0; i < 60000; ++i) {
    out << "{\"event\":\"start\",\"name\":\"open " << i << "\",\"session\":0}\n"
        << "{\"event\":\"not_measured\",\"entry\":{\"name\":\"" << i
        << "\",\"status\":\"unsupported\",\"reason\":\"none\"}}\n";
  }
  out.close();
  const std::clock_t start = std::clock();  // of the CPU: others may have it in between
  EXPECT_EQ(read_record(path).not_measured.size(), 2 + 2 * 60000u);
  EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC);
}

TEST_F(JournalTest, DamageIsNamedByLine) {
  std::ofstream(path, std::ios::app) << "{\"event\":\"gone\"}\n";
  EXPECT_THAT([&] { read_record(path); },
              ThrowsMessage<RecordError>(HasSubstr("r.journal:10: event: 'gone'")));
}

}  // namespace
}  // namespace roofproof
