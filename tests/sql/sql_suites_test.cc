// The suites of this folder, twice: their expected rows against PostgreSQL 15 over the union of the data, and
// the engine's answers against the expected rows, by `care suite --spawn` with three nodes over TLS.
//
// Method: the coaching example's data at small sizes and a fixed seed, once for this program. The oracle never
// asks the engine and the engine's run never asks the oracle; what joins them is the text in the *.test files.
// CARE_UPDATE_GOLDENS=1 sql_suites --gtest_filter='*Postgres*' rewrites the rows of coaching.test, from
// PostgreSQL alone. Besides: what the command itself must do, and the record of an answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "engine/frontend/generate/coaching_data.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/reference/temporary_postgres.h"
#include "engine/frontend/suite/run_suites.h"
#include "engine/frontend/suite/spawned_federation.h"
#include "engine/session/ledger.h"
#include "tests/sql/postgres_answerer.h"
#include "tests/sql/released_rows.h"

namespace care::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string SuitePath(const std::string& name) { return absl::StrCat(CARE_SOURCE_DIRECTORY, "/tests/sql/", name); }

PostgresAnswerer AnswererOf(TemporaryPostgres& postgres) {
  return PostgresAnswerer([&postgres](const std::string& sql) { return postgres.Query(sql); });
}

class SqlSuites : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    char pattern[] = "/tmp/care-sql-XXXXXX";
    directory_ = new std::string(mkdtemp(pattern));
    CoachingDataOptions options;
    options.directory = *directory_;
    options.patients = 300;
    options.insured = 1'000;
    options.claims = 4'000;
    options.persons = 1'500;
    options.seed = 1;
    options.authority_sha256 = std::string(64, '0');
    options.csv = true;
    ASSERT_TRUE(GenerateCoachingData(options, nullptr).ok());
    // The hospital's and the bureau's data are CSV folders, the insurer's an SQLite file that its own sections name.
    for (const std::string& table : CoachingTables()) {
      const std::size_t dot = table.find('.');
      const std::string folder = absl::StrCat(*directory_, "/data/", table.substr(0, dot));
      if (table.starts_with("insurer.")) continue;
      std::filesystem::create_directories(folder);
      std::filesystem::copy_file(absl::StrCat(*directory_, "/", table, ".csv"),
                                 absl::StrCat(folder, "/", table.substr(dot + 1), ".csv"));
    }
    std::filesystem::rename(*directory_ + "/insurer.db", *directory_ + "/data/insurer.db");
    std::ofstream(*directory_ + "/data/insurer.toml") << CoachingNodeTables("insurer");
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(*directory_);
    delete directory_;
  }

  static std::string Federation() { return *directory_ + "/federation.toml"; }
  static std::string Scratch(const std::string& name) { return *directory_ + "/" + name; }

  static absl::StatusOr<std::unique_ptr<TemporaryPostgres>> UnionOfTheData() {
    auto postgres = TemporaryPostgres::Start();
    if (!postgres.ok()) return postgres.status();
    if (absl::Status status = (*postgres)->Execute(CoachingPostgresDdl()); !status.ok()) return status;
    if (absl::Status status = (*postgres)->LoadCsv(*directory_, CoachingTables()); !status.ok()) return status;
    return postgres;
  }

  static CommandResult Care(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CARE_PROGRAM);
    const auto result = RunCommand(arguments);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(CommandResult{.exit_code = -1});
  }
  static CommandResult Suite(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"suite", "--spawn", Federation()});
    return Care(std::move(arguments));
  }

  static std::string* directory_;
};

std::string* SqlSuites::directory_ = nullptr;

TEST_F(SqlSuites, ExpectedRowsArePostgres) {
  const auto postgres = UnionOfTheData();
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  PostgresAnswerer oracle = AnswererOf(**postgres);
  std::string printed;
  const auto totals = RunSuites({.files = {SuitePath("coaching.test")},
                                 .update = getenv("CARE_UPDATE_GOLDENS") != nullptr,
                                 .engine = "postgresql"},
                                oracle, [&printed](const std::string& text) { printed += text; });
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_TRUE(totals->success()) << printed;
  EXPECT_EQ(totals->skipped, 0u);
}

TEST_F(SqlSuites, ReleasedRowsArePostgres) {
  const auto postgres = UnionOfTheData();
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  PostgresAnswerer oracle = AnswererOf(**postgres);
  const auto records = ReadSuite(SuitePath("suppression.test"), "care");
  ASSERT_TRUE(records.ok()) << records.status();
  std::size_t hidden_cells = 0;
  for (const SuiteRecord& record : *records) {
    SCOPED_TRACE(record.Place());
    const auto answer = oracle.Query(record.sql, "");
    ASSERT_TRUE(answer.ok()) << answer.status();
    hidden_cells += ExpectReleasedRowsOf(*answer, record);
  }
  EXPECT_GT(hidden_cells, 0u);
}

TEST_F(SqlSuites, AnswersWithoutSuppression) {
  const CommandResult result = Suite({"--threshold", "1", SuitePath("coaching.test")});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.error;
}

TEST_F(SqlSuites, AnswersRefusalsAndLeakageAsUsual) {
  const std::string junit = Scratch("junit.xml");
  const CommandResult result = Suite({SuitePath("suppression.test"), SuitePath("refusals.test"),
                                      SuitePath("leakage.test"), "--junit", junit});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.error;
  EXPECT_THAT(ReadTextFile(junit), HasSubstr("failures=\"0\""));
}

// Real nodes, two lanes over each link, and whatever can run so in three partitions: rows as ever.
TEST_F(SqlSuites, PartitionsOnLanes) {
  const std::string folder = Scratch("partitions");
  std::filesystem::create_directories(folder);
  std::filesystem::copy(SuitePath("dialect/federation.toml"), folder);
  std::filesystem::copy(SuitePath("dialect/data"), folder + "/data", std::filesystem::copy_options::recursive);
  std::ofstream(folder + "/federation.toml", std::ios::app) << "\n[joint]\npartitions = 3\nlanes = 2\n";
  std::vector<std::string> arguments = {"suite", "--spawn", folder + "/federation.toml", "--threshold", "2"};
  for (const std::string file : {"inner_joins", "outer_joins", "semi_anti", "windows", "set_operations"})
    arguments.push_back(SuitePath("dialect/" + file + ".test"));
  const CommandResult result = Care(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.output << result.error;
}

// Five hospitals with patients in common, of which three compute: the other two share their rows in and are told nothing.
TEST_F(SqlSuites, OwnersThatDoNotCompute) {
  const std::string questions = SuitePath("five_hospitals/questions.test");
  const auto postgres = TemporaryPostgres::Start();
  ASSERT_TRUE(postgres.ok()) << postgres.status();
  const std::string copies = Scratch("five_hospitals");
  std::filesystem::create_directories(copies);
  std::vector<std::string> tables;
  std::string ddl, episodes;
  for (const std::string hospital : {"north", "south", "east", "west", "centre"}) {
    absl::StrAppend(&ddl, "CREATE SCHEMA ", hospital, "; CREATE TABLE ", hospital, ".patients (bsn text, sex text); CREATE TABLE ", hospital,
                    ".episodes (bsn text, cost integer); ");
    absl::StrAppend(&episodes, episodes.empty() ? "" : " UNION ALL ", "SELECT * FROM ", hospital, ".episodes");
    for (const std::string table : {"patients", "episodes"}) {
      tables.push_back(absl::StrCat(hospital, ".", table));
      std::filesystem::copy_file(SuitePath(absl::StrCat("five_hospitals/data/", hospital, "/", table, ".csv")),
                                 absl::StrCat(copies, "/", tables.back(), ".csv"));
    }
  }
  ASSERT_TRUE((*postgres)->Execute(ddl + "CREATE VIEW all_episodes AS " + episodes).ok());
  ASSERT_TRUE((*postgres)->LoadCsv(copies, tables).ok());
  PostgresAnswerer oracle = AnswererOf(**postgres);
  std::string printed;
  const auto totals = RunSuites({.files = {questions}, .update = getenv("CARE_UPDATE_GOLDENS") != nullptr, .engine = "postgresql"}, oracle,
                                [&printed](const std::string& text) { printed += text; });
  ASSERT_TRUE(totals.ok()) << totals.status();
  EXPECT_TRUE(totals->success()) << printed;
  const CommandResult result =
      Care({"suite", "--spawn", SuitePath("five_hospitals/federation.toml"), "--threshold", "1", questions});
  EXPECT_EQ(result.exit_code, 0) << result.output << result.error;
}

TEST_F(SqlSuites, WhatIsNotAsExpectedFails) {
  const std::string wrong = Scratch("wrong.test");
  std::ofstream(wrong) << "query I\nSELECT COUNT(*) FROM hospital.patients\n----\n299\n\n"
                          "+leakage only\n+leakage to hospital: of the survivors: persons\n"
                          "statement ok\nSELECT COUNT(*) FROM hospital.patients\n\n"
                          "statement error\nSELECT COUNT(*) FROM hospital.patients\n";
  CommandResult result = Suite({wrong});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.output, HasSubstr("- 299\n    + 300\n"));
  EXPECT_THAT(result.output, HasSubstr("+ to hospital: which of 1 cell survive the gate"));
  EXPECT_THAT(result.output, HasSubstr("expected an error, got 1 row"));
  EXPECT_THAT(result.output, HasSubstr("1 file: 0 passed, 3 failed, 0 skipped"));
  EXPECT_EQ(Suite({Scratch("mispelt.test")}).exit_code, 1);
  EXPECT_EQ(Care({"suite", wrong}).exit_code, 2);
  result = Suite({wrong, "--ask", "nobody"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.error, HasSubstr("the parties are hospital, insurer, bureau"));
}

// From the command line to the ledgers' files: the page holds what the nodes wrote, and hostile text stays text.
TEST_F(SqlSuites, TheRecordOfAnAnswer) {
  const auto federation = SpawnedFederation::Start({.program = CARE_PROGRAM, .federation_path = Federation()});
  ASSERT_TRUE(federation.ok()) << federation.status();
  const std::string page_path = Scratch("answer.html");
  const std::string sql =
      "SELECT CASE WHEN p.uses_app THEN '<script>alert(1)</script>' ELSE 'others' END AS \"<b>group</b>\",\n"
      "       COUNT(*) AS patients\n"
      "FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn GROUP BY 1 ORDER BY 1";
  const CommandResult result = Care({"query", "--node", (*federation)->NodeFile(), "--record", page_path, "--purpose",
                                     "does <i>coaching</i> help?", "--legal-basis", "article 9(2)(j)", sql});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const std::string page = ReadTextFile(page_path);
  for (const char* text : {"&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b&gt;group&lt;/b&gt;",
                           "does &lt;i&gt;coaching&lt;/i&gt; help?", "article 9(2)(j)", "analyst@hospital"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
  for (const char* markup : {"<script", "<b>", "<i>"}) EXPECT_THAT(page, Not(HasSubstr(markup)));
  for (const char* party : {"hospital", "insurer", "bureau"}) {
    const auto ledger = Ledger::Open((*federation)->StateDirectory(party));
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    const auto entries = (*ledger)->Entries();
    ASSERT_TRUE(entries.ok()) << entries.status();
    ASSERT_EQ(entries->size(), 1u);
    const StoredLedgerEntry& stored = entries->front();
    EXPECT_THAT(page, HasSubstr(absl::StrCat("<th scope=\"row\">", party, "</th><td><code>", stored.hash, "</code>")));
    EXPECT_THAT(page, HasSubstr(stored.entry.session_id));
    EXPECT_THAT(page, HasSubstr(stored.entry.execution_digest));
    EXPECT_THAT(stored.entry.plan_inputs, HasSubstr("legal_basis=article 9(2)(j)\n"));
  }
  EXPECT_THAT(page, HasSubstr("Statement in the database of hospital"));
  EXPECT_THAT(page, HasSubstr("Statement in the database of insurer"));

  // A file that cannot be written is found out before anything is asked.
  const CommandResult refused = Care({"query", "--node", (*federation)->NodeFile(), "--record", "/nowhere/a.html", sql});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.error, HasSubstr("Nothing was asked"));
  EXPECT_EQ(Ledger::Open((*federation)->StateDirectory("hospital")).value()->Entries()->size(), 1u);
}

}  // namespace
}  // namespace care::engine
