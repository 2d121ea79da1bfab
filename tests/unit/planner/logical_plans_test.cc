// Logical plans as text, by topic: each file of plans/ holds queries with the plan after the first rewrites, or the
// whole refusal. CARE_UPDATE_PLANS=1 writes what comes out into the files; read the difference before you keep it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/types/date.h"
#include "gmock/gmock.h"
#include "grammar/parser.h"
#include "gtest/gtest.h"
#include "planner/logical/binder.h"
#include "planner/rules/rules.h"
#include "tests/unit/planner/test_federation.h"

namespace care::planner {
namespace {

// Beside the small federation: a second insurer's table under one name with the first's.
std::string WithPartitions() {
  return TestFederation() + R"toml(
[[table]]
name = "bureau.insured_abroad"
subject = "bsn"
primary_key = ["bsn"]
row_bound = 1000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false

[[partitioned]]
name = "everybody_insured"
tables = ["insurer.insured", "bureau.insured_abroad"]
)toml";
}

struct Record {
  std::string head;  // comments
  std::string sql;
  std::string expected;
};

std::vector<Record> ReadRecords(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Record> records(1);
  bool in_plan = false;
  for (std::string line; std::getline(file, line);) {
    Record& record = records.back();
    if (line.empty()) {
      if (in_plan) records.emplace_back();
      in_plan = false;
    } else if (line == "----") {
      in_plan = true;
    } else if (in_plan) {
      record.expected += line + "\n";
    } else if (line[0] == '#' && record.sql.empty()) {
      record.head += line + "\n";
    } else {
      record.sql += (record.sql.empty() ? "" : "\n") + line;
    }
  }
  if (records.back().sql.empty()) records.pop_back();
  return records;
}

std::string PlanOf(const std::string& sql, const Catalog& catalog) {
  const auto statement = sql::Parse(sql);
  if (!statement.ok()) return std::string(statement.status().message()) + "\n";
  auto plan = Bind(std::get<sql::SelectStatement>(*statement), sql, catalog, {DaysFromCivil({2024, 3, 31})});
  if (!plan.ok()) return std::string(plan.status().message()) + "\n";
  const auto rewritten = ApplyRules(*std::move(plan), catalog, sql);
  return rewritten.ok() ? PrintLogicalPlan(*rewritten, catalog) : std::string(rewritten.status().message()) + "\n";
}

TEST(LogicalPlans, AreAsWritten) {
  const Catalog catalog = *ParseFederation(WithPartitions());
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(CARE_SOURCE_DIRECTORY "/tests/unit/planner/plans")) {
    if (entry.is_regular_file()) paths.push_back(entry.path());  // rules/ is rule_plans_test.cc's
  }
  std::sort(paths.begin(), paths.end());
  ASSERT_FALSE(paths.empty());
  const bool update = std::getenv("CARE_UPDATE_PLANS") != nullptr;
  for (const std::filesystem::path& path : paths) {
    const std::vector<Record> records = ReadRecords(path);
    EXPECT_FALSE(records.empty()) << path;
    std::ostringstream written;
    for (const Record& record : records) {
      const std::string plan = PlanOf(record.sql, catalog);
      if (!update) {
        EXPECT_EQ(plan, record.expected) << path.filename() << "\n" << record.sql;
      }
      written << record.head << record.sql << "\n----\n" << plan << "\n";
    }
    if (update) std::ofstream(path) << written.str();
  }
}

TEST(LogicalPlans, PartsOfAPartitionedTableHaveTheSameColumns) {
  const auto refused = [](const std::string& more) { return std::string(ParseFederation(WithPartitions() + more).status().message()); };
  EXPECT_THAT(refused("[[partitioned]]\nname = \"x\"\ntables = [\"insurer.insured\", \"insurer.claims\"]\n"),
              ::testing::HasSubstr("\"insurer.claims\" does not have the columns of \"insurer.insured\""));
  EXPECT_THAT(refused("[[partitioned]]\nname = \"x\"\ntables = [\"insurer.insured\"]\n"),
              ::testing::HasSubstr("a partitioned table has two tables or more"));
  EXPECT_THAT(refused("[[partitioned]]\nname = \"x\"\ntables = [\"insurer.insured\", \"insurer.nobody\"]\n"),
              ::testing::HasSubstr("there is no table \"insurer.nobody\""));
  EXPECT_THAT(refused("[[partitioned]]\nname = \"claims\"\ntables = [\"insurer.insured\", \"bureau.insured_abroad\"]\n"),
              ::testing::HasSubstr("has this name too; choose another"));
}

TEST(LogicalPlans, APartitionedTableMayBearTheNameOfItsParts) {
  std::string text = WithPartitions();
  for (std::size_t at; (at = text.find("insured_abroad")) != std::string::npos;) text.replace(at, 14, "insured");
  text += "[[partitioned]]\nname = \"insured\"\ntables = [\"insurer.insured\", \"bureau.insured\"]\n";
  const auto catalog = ParseFederation(text);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
}

}  // namespace
}  // namespace care::planner
