// The same SQL on PostgreSQL 15 over the union of the parties' data, and on the engine: exact equality of
// columns, types, rows, order and cells.
//
// Besides, over data as owners really have them: PostgreSQL holds the raw rows, and messy/normalise.sql, which knows
// nothing of our code, makes the tables that the node files' settings promise; the engine reads the raw rows through
// SQLite, CSV, and PostgreSQL databases of the hospital's and the insurer's own (with the bureau on CSV).
//
// Method: one temporary PostgreSQL; a database in it for each data set (several seeds and sizes, tables with
// one row and tables with none). Each file of queries/, of general_queries/ (which the general placement runs, so that its sorts
// open shuffled comparisons to all: tests/leakage asks of the others that nothing does) and of tests/sql/questions is one query; it runs on
// each data set, on Plain and on Replicated3, with threshold 1, so that nothing is suppressed. A query
// without ORDER BY over several rows says so in a comment "-- unordered" and is compared as a bag.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/generate/messy_data.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/types/status_macros.h"
#include "tests/differential/engine_runner.h"

namespace care::engine {
namespace {

struct DataSet {
  std::string name;
  std::uint64_t patients, insured, claims, persons, seed;
  std::string messy_kind;  // of database; empty: tidy data
};

const DataSet kDataSets[] = {
    {"small", 300, 1'000, 4'000, 1'500, 1},
    {"other_seed", 120, 400, 1'500, 600, 2},
    {"single", 1, 1, 1, 1, 3},
    {"empty", 0, 0, 0, 0, 4},
    {"messy_sqlite", 300, 1'000, 4'000, 1'500, 5, "sqlite"},
    {"messy_csv", 200, 700, 2'500, 900, 6, "csv"},
    {"messy_postgresql", 200, 700, 2'500, 900, 7, "postgresql"},
};

struct Query {
  std::string name;
  std::string sql;
};

std::vector<Query> Queries() {
  std::vector<Query> queries;
  for (const char* folder : {"tests/sql/questions", "tests/differential/queries", "tests/differential/general_queries"}) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(CARE_SOURCE_DIRECTORY) + "/" + folder)) {
      if (entry.path().extension() == ".sql") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) queries.push_back({path.stem(), ReadTextFile(path)});
  }
  return queries;
}

// What all tests of this program share: the server, and the data sets that were needed so far.
class Reference {
 public:
  struct Loaded {
    std::unique_ptr<EngineRunner> engine;
    absl::Status status;
  };

  Reference() {
    char pattern[] = "/tmp/care-differential-XXXXXX";
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
    CoachingDataOptions options;
    options.directory = directory_ + "/" + data.name;
    options.patients = data.patients;
    options.insured = data.insured;
    options.claims = data.claims;
    options.persons = data.persons;
    options.seed = data.seed;
    options.authority_sha256 = std::string(64, '0');
    options.csv = true;
    std::filesystem::create_directory(options.directory);
    const bool messy = !data.messy_kind.empty();
    if (absl::Status status = messy ? GenerateMessyData(options) : GenerateCoachingData(options, nullptr);
        !status.ok()) {
      return status;
    }
    auto engine = EngineRunner::Open(options.directory, data.messy_kind, postgres_->directory());
    if (!engine.ok()) return engine.status();
    for (const auto& [script, database] :
         {std::pair<std::string, std::string>{absl::StrCat("CREATE DATABASE ", data.name, ";"), "postgres"},
          {CoachingPostgresDdl(), data.name}}) {
      if (absl::Status status = postgres_->Execute(script, database); !status.ok()) return status;
    }
    loaded.engine = *std::move(engine);
    if (data.messy_kind == "postgresql") {
      for (const std::string party : {"hospital", "insurer"}) {
        const std::string script = ReadTextFile(options.directory + "/" + party + ".sql");
        CARE_RETURN_IF_ERROR(postgres_->Execute(absl::StrCat("CREATE DATABASE ", party, ";")));
        CARE_RETURN_IF_ERROR(postgres_->Execute(script, party));
      }
    }
    if (!messy) return postgres_->LoadCsv(options.directory, CoachingTables(), data.name);
    std::string script;
    for (const std::string party : {"hospital", "insurer", "bureau"}) {
      absl::StrAppend(&script, "CREATE SCHEMA ", party, "_own;\nSET search_path TO ", party, "_own;\n",
                      ReadTextFile(options.directory + "/" + party + ".sql"));
    }
    absl::StrAppend(&script, "SET search_path TO public;\n",
                    ReadTextFile(std::string(CARE_SOURCE_DIRECTORY) + "/tests/differential/messy/normalise.sql"));
    return postgres_->Execute(script, data.name);
  }

  std::string directory_;
  absl::Status status_;
  std::unique_ptr<TemporaryPostgres> postgres_;
  std::map<std::string, Loaded> loaded_;
};

class Differential : public testing::Test {
 public:
  Differential(Query query, const DataSet& data) : query_(std::move(query)), data_(data) {}

  static void SetUpTestSuite() { reference_ = new Reference; }
  static void TearDownTestSuite() {
    delete reference_;
    reference_ = nullptr;
  }

  void TestBody() override {
    Reference::Loaded& loaded = reference_->Load(data_);
    ASSERT_TRUE(loaded.status.ok()) << loaded.status;
    absl::StatusOr<TextTable> expected = reference_->postgres().Query(query_.sql, data_.name);
    ASSERT_TRUE(expected.ok()) << expected.status();
    const bool is_bag = query_.sql.find("-- unordered") != std::string::npos;
    if (is_bag) std::sort(expected->rows.begin(), expected->rows.end());
    for (const ProtocolKind protocol : {ProtocolKind::kPlain, ProtocolKind::kReplicated3}) {
      SCOPED_TRACE(protocol == ProtocolKind::kPlain ? "on Plain" : "on Replicated3");
      const auto released = loaded.engine->Run(query_.sql, protocol, /*threshold=*/1, data_.seed);
      ASSERT_TRUE(released.ok()) << released.status();
      TextTable actual = ToText(*released);
      if (is_bag) std::sort(actual.rows.begin(), actual.rows.end());
      const TableComparison comparison = CompareTables(*expected, actual);
      EXPECT_TRUE(comparison.differences.empty()) << absl::StrJoin(comparison.differences, "\n");
    }
  }

 private:
  static Reference* reference_;
  const Query query_;
  const DataSet& data_;
};

Reference* Differential::reference_ = nullptr;

}  // namespace
}  // namespace care::engine

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (const care::engine::Query& query : care::engine::Queries()) {
    for (const care::engine::DataSet& data : care::engine::kDataSets) {
      testing::RegisterTest("Differential", absl::StrCat(query.name, "/", data.name).c_str(), nullptr,
                            nullptr, __FILE__, __LINE__, [query, &data]() -> care::engine::Differential* {
                              return new care::engine::Differential(query, data);
                            });
    }
  }
  return RUN_ALL_TESTS();
}
