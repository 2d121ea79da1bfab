// Published queries as their texts stand: TPC-H's 22 (tests/sql/tpch) on generated tables over three owners, and three of the
// health literature (tests/sql/hospitals) on events of patients that two hospitals share. Exact equality with PostgreSQL 15
// in names, types, rows, order and cells.
//
// Method: one temporary PostgreSQL with the same rows; each query runs on Plain at two sizes, there in partitions too, whose bounds are
// smaller than the tables', and on Replicated3 at one.
// published_refused.txt lists what is not answered so far; all others must be.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/generate/hospitals_data.h"
#include "engine/frontend/generate/tpch_data.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/types/status_macros.h"
#include "tests/differential/engine_runner.h"

namespace care::engine {
namespace {

struct Suite {
  const char* folder;  // of tests/sql
  absl::Status (*generate)(const std::string& directory, double size, std::uint64_t seed);
  std::string (*node_tables)(std::string_view party);
  std::string (*postgres_ddl)();
  const std::vector<std::string>& (*tables)();
};

absl::Status GenerateTpch(const std::string& directory, double size, std::uint64_t seed) {
  TpchOptions options;
  options.directory = directory;
  options.scale = size;
  options.seed = seed;
  options.authority_sha256 = std::string(64, '0');
  options.csv = true;
  return GenerateTpchData(options);
}

absl::Status GenerateHospitals(const std::string& directory, double size, std::uint64_t seed) {
  HospitalsOptions options;
  options.directory = directory;
  options.patients = static_cast<std::uint64_t>(size);
  options.seed = seed;
  options.authority_sha256 = std::string(64, '0');
  options.csv = true;
  return GenerateHospitalsData(options);
}

const Suite kTpch = {"tpch", GenerateTpch, TpchNodeTables, TpchPostgresDdl, TpchTables};
const Suite kHospitals = {"hospitals", GenerateHospitals, HospitalsNodeTables, HospitalsPostgresDdl,
                          HospitalsTables};

struct DataSet {
  std::string name;
  const Suite& suite;
  double size;  // scale, or patients
  std::uint64_t seed;
  bool shared;  // on Replicated3 too
};
const DataSet kDataSets[] = {{"tpch_0001", kTpch, 0.001, 1, true},
                             {"tpch_0005", kTpch, 0.005, 2, false},
                             {"hospitals_200", kHospitals, 200, 1, true},
                             {"hospitals_3", kHospitals, 3, 2, false}};

const std::string kSource = CARE_SOURCE_DIRECTORY;

std::set<std::string> Refused() {
  std::set<std::string> names;
  const std::string text = ReadTextFile(kSource + "/tests/differential/published_refused.txt");
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipWhitespace());
  for (const std::string& line : lines) {
    if (line[0] == '#') continue;
    names.emplace(line.substr(0, line.find(' ')));
  }
  return names;
}

std::string WithoutSemicolon(std::string sql) {
  while (!sql.empty() && (sql.back() == '\n' || sql.back() == ';')) sql.pop_back();
  return sql;
}

class Reference {
 public:
  struct Loaded {
    std::unique_ptr<EngineRunner> engine;
    absl::Status status;
  };

  Reference() {
    char pattern[] = "/tmp/care-tpch-XXXXXX";
    directory_ = mkdtemp(pattern);
    auto started = TemporaryPostgres::Start();
    status_ = started.status();
    if (started.ok()) postgres_ = *std::move(started);
  }
  ~Reference() { std::filesystem::remove_all(directory_); }

  TemporaryPostgres& postgres() { return *postgres_; }
  Loaded& Load(const DataSet& data) {
    auto [entry, is_new] = loaded_.try_emplace(data.name);
    if (is_new) entry->second.status = status_.ok() ? Prepare(data, entry->second) : status_;
    return entry->second;
  }

 private:
  absl::Status Prepare(const DataSet& data, Loaded& loaded) {
    const std::string directory = directory_ + "/" + data.name;
    std::filesystem::create_directory(directory);
    CARE_RETURN_IF_ERROR(data.suite.generate(directory, data.size, data.seed));
    CARE_ASSIGN_OR_RETURN(loaded.engine, EngineRunner::OpenWith(directory, data.suite.node_tables));
    CARE_RETURN_IF_ERROR(
        postgres_->Execute(absl::StrCat("CREATE DATABASE ", data.name, ";\nALTER DATABASE ", data.name,
                                        " SET search_path = ", std::string(kTpchSearchPath), ";")));
    CARE_RETURN_IF_ERROR(postgres_->Execute(
        absl::StrCat("SET search_path = public;\n", data.suite.postgres_ddl()), data.name));
    CARE_RETURN_IF_ERROR(postgres_->LoadCsv(directory, data.suite.tables(), data.name));
    return postgres_->Execute("ANALYZE;", data.name);
  }

  std::string directory_;
  absl::Status status_;
  std::unique_ptr<TemporaryPostgres> postgres_;
  std::map<std::string, Loaded> loaded_;
};

class Published : public testing::Test {
 public:
  Published(std::string name, std::string sql, const DataSet& data, bool refused)
      : name_(std::move(name)), sql_(std::move(sql)), data_(data), refused_(refused) {}

  static void SetUpTestSuite() { reference_ = new Reference; }
  static void TearDownTestSuite() {
    delete reference_;
    reference_ = nullptr;
  }

  void TestBody() override {
    Reference::Loaded& loaded = reference_->Load(data_);
    ASSERT_TRUE(loaded.status.ok()) << loaded.status;
    if (refused_) {
      EXPECT_FALSE(loaded.engine->Run(sql_, ProtocolKind::kPlain, /*threshold=*/1, data_.seed).ok())
          << name_ << " is answered now: take it off tests/differential/published_refused.txt";
      return;
    }
    const absl::StatusOr<TextTable> expected = reference_->postgres().Query(sql_, data_.name);
    ASSERT_TRUE(expected.ok()) << expected.status();
    struct Way {
      ProtocolKind protocol;
      std::uint32_t partitions;
    };
    for (const auto& [protocol, partitions] : {Way{ProtocolKind::kPlain, 0}, Way{ProtocolKind::kPlain, 4}, Way{ProtocolKind::kReplicated3, 0}}) {
      if (protocol == ProtocolKind::kReplicated3 && !data_.shared) continue;
      SCOPED_TRACE(absl::StrCat(protocol == ProtocolKind::kPlain ? "on Plain" : "on Replicated3", ", partitions ", partitions));
      loaded.engine->RunInPartitions(partitions);
      const auto released = loaded.engine->Run(sql_, protocol, /*threshold=*/1, data_.seed);
      ASSERT_TRUE(released.ok()) << released.status();
      const TableComparison comparison = CompareTables(*expected, ToText(*released));
      EXPECT_TRUE(comparison.differences.empty()) << absl::StrJoin(comparison.differences, "\n");
    }
  }

 private:
  static Reference* reference_;
  const std::string name_;
  const std::string sql_;
  const DataSet& data_;
  const bool refused_;
};

Reference* Published::reference_ = nullptr;

void RegisterAll() {
  const std::set<std::string> refused = Refused();
  for (const DataSet& data : kDataSets) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(kSource + "/tests/sql/" + data.suite.folder)) {
      paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::filesystem::path& path : paths) {
      const std::string name = path.stem();
      const std::string sql = WithoutSemicolon(ReadTextFile(path));
      testing::RegisterTest(
          "Published", absl::StrCat(name, "/", data.name).c_str(), nullptr, nullptr, __FILE__, __LINE__,
          [=, &data]() -> Published* { return new Published(name, sql, data, refused.count(name) > 0); });
    }
  }
}

}  // namespace
}  // namespace care::engine

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  care::engine::RegisterAll();
  return RUN_ALL_TESTS();
}
