// The dialect, record by record: tests/sql/dialect/*.test over three owners' small tables.
//
// Method: each file four times. PostgreSQL 15 over the union of the rows must give what a file expects, and never asks
// the engine; the engine must give it too, on Plain and on Replicated3 in this process, also where every query that can runs in
// partitions of its rows, and under PostgreSQL's column names and types. Refusals, whose messages are ours alone, are compared whole on Plain. release.test runs with a threshold:
// what it does not hide is compared with PostgreSQL.
// CARE_UPDATE_GOLDENS=1 rewrites what is expected: rows from PostgreSQL, messages from the engine.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/frontend/suite/expected_cells.h"
#include "engine/frontend/suite/judge.h"
#include "engine/frontend/suite/update_file.h"
#include "tests/sql/dialect_federation.h"
#include "tests/sql/released_rows.h"

namespace care::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kThreshold = 10;
constexpr std::uint32_t kPartitions = 3;

const std::string kFolder = CARE_SOURCE_DIRECTORY "/tests/sql/dialect";

bool IsGuarded(const std::string& file) { return file == "release"; }

std::vector<std::string> Files() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".test") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string NamesAndTypes(const Answer& answer) {
  std::vector<std::string> columns;
  for (const AnswerColumn& column : answer.columns) columns.push_back(absl::StrCat(column.name, " ", column.type));
  return absl::StrJoin(columns, ", ");
}

class Dialect : public ::testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    auto opened = DialectFederation::Open(kFolder);
    ASSERT_TRUE(opened.ok()) << opened.status();
    federation_ = opened->release();
  }
  static void TearDownTestSuite() {
    std::cout << partitioned_ << " of " << tables_ << " queries ran in partitions\n";
    // Of all files: otherwise the test above compared nothing new.
    if (tables_ > 1'000) EXPECT_GT(partitioned_, 400u);
    delete federation_;
    federation_ = nullptr;
  }

  static std::vector<SuiteRecord> Records() {
    auto records = ReadSuite(Path(), "care");
    EXPECT_TRUE(records.ok()) << records.status();
    return records.ok() ? *std::move(records) : std::vector<SuiteRecord>{};
  }

  // Judges the records that are of `kinds`.
  static void RunRecords(Answerer& answerer, const std::vector<RecordKind>& kinds) {
    JudgedFile file;
    file.path = Path();
    LabelledResults labels;
    for (SuiteRecord& record : Records()) {
      if (std::find(kinds.begin(), kinds.end(), record.kind) == kinds.end()) continue;
      Judgement judgement = Judge(record, answerer, labels);
      if (!judgement.failure.empty() && !Updates()) {
        ADD_FAILURE() << record.Place() << "\n" << record.sql << "\n\n" << judgement.failure;
      }
      file.records.push_back({std::move(record), std::move(judgement)});
    }
    if (!Updates()) return;
    const auto updated = UpdateFiles({file});
    ASSERT_TRUE(updated.ok()) << updated.status();
    for (const JudgedRecord& judged : file.records) {
      const Judgement& judgement = judged.judgement;
      if (!judgement.failure.empty() && !judgement.can_update) ADD_FAILURE() << judged.record.Place() << "\n" << judgement.failure;
    }
  }

  static std::string Path() { return absl::StrCat(kFolder, "/", GetParam(), ".test"); }
  static bool Updates() { return getenv("CARE_UPDATE_GOLDENS") != nullptr; }

  static DialectFederation* federation_;
  static std::size_t tables_, partitioned_;
};

DialectFederation* Dialect::federation_ = nullptr;
std::size_t Dialect::tables_ = 0;
std::size_t Dialect::partitioned_ = 0;

TEST_P(Dialect, RowsArePostgres) {
  const std::unique_ptr<Answerer> postgres = federation_->AskPostgres();
  if (!IsGuarded(GetParam())) return RunRecords(*postgres, {RecordKind::kQuery});
  std::size_t hidden_cells = 0;
  for (const SuiteRecord& record : Records()) {
    if (record.kind != RecordKind::kQuery) continue;
    SCOPED_TRACE(record.Place());
    const auto answer = postgres->Query(record.sql, "");
    ASSERT_TRUE(answer.ok()) << answer.status();
    hidden_cells += ExpectReleasedRowsOf(*answer, record);
  }
  EXPECT_GT(hidden_cells, 0u);
}

TEST_P(Dialect, OnPlain) {
  const auto engine = federation_->AskEngine(ProtocolKind::kPlain, IsGuarded(GetParam()) ? kThreshold : 1);
  // Rows are PostgreSQL's: only messages, and what is hidden, may be rewritten from the engine.
  if (Updates() && !IsGuarded(GetParam())) return RunRecords(*engine, {RecordKind::kStatementError});
  RunRecords(*engine, {RecordKind::kQuery, RecordKind::kStatementError, RecordKind::kStatementOk});
}

TEST_P(Dialect, OnReplicated3) {
  if (Updates()) GTEST_SKIP() << "what is expected was rewritten";
  const auto engine = federation_->AskEngine(ProtocolKind::kReplicated3, IsGuarded(GetParam()) ? kThreshold : 1);
  RunRecords(*engine, {RecordKind::kQuery});
}

TEST_P(Dialect, InPartitions) {
  if (Updates()) GTEST_SKIP() << "what is expected was rewritten";
  federation_->engine().RunInPartitions(kPartitions);
  const auto engine = federation_->AskEngine(ProtocolKind::kReplicated3, IsGuarded(GetParam()) ? kThreshold : 1);
  RunRecords(*engine, {RecordKind::kQuery});
  for (const SuiteRecord& record : Records()) {
    const auto query = federation_->engine().Plan(record.sql, /*recipient=*/0);
    if (record.kind != RecordKind::kQuery || !query.ok()) continue;
    ++tables_;
    partitioned_ += std::ranges::any_of(query->plan.nodes, [](const planner::PhysicalNode& node) {
      return std::holds_alternative<planner::GatherPartitionsNode>(node);
    });
  }
  federation_->engine().RunInPartitions(0);
}

TEST_P(Dialect, ColumnsArePostgres) {
  const auto engine = federation_->AskEngine(ProtocolKind::kPlain, 1);
  const auto postgres = federation_->AskPostgres();
  for (const SuiteRecord& record : Records()) {
    if (record.kind != RecordKind::kQuery) continue;
    const auto sql = record.AskedSql();
    ASSERT_TRUE(sql.ok()) << record.Place() << sql.status();
    const auto expected = postgres->Query(*sql, "");
    const auto actual = engine->Query(*sql, "");
    if (!expected.ok() || !actual.ok()) continue;  // the other tests say so
    EXPECT_EQ(NamesAndTypes(*expected), NamesAndTypes(*actual)) << record.Place();
  }
}

INSTANTIATE_TEST_SUITE_P(Files, Dialect, ::testing::ValuesIn(Files()), [](const auto& file) { return file.param; });

}  // namespace
}  // namespace care::engine
