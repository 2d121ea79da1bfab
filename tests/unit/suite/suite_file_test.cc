// Reading suites: what a file says, and that what it does not say is an error with file and line.

#include "engine/frontend/suite/suite_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/suite/suite_directory.h"

namespace care::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class SuiteFileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_.Path(name); }
  absl::StatusOr<std::vector<SuiteRecord>> Read(const std::string& text) {
    return ReadSuite(directory_.Write("a.test", text), "care");
  }
  std::string ErrorOf(const std::string& text) {
    const auto records = Read(text);
    EXPECT_FALSE(records.ok()) << text;
    return std::string(records.status().message());
  }

  SuiteDirectory directory_;
};

TEST_F(SuiteFileTest, ReadsRecordsAndWhereTheirExpectationsAre) {
  const auto records = Read(
      "# a comment\n"
      "\n"
      "query TI rowsort all\n"
      "SELECT region, COUNT(*)\n"
      "FROM t -- until the line of dashes\n"
      "----\n"
      "east\t1\n"
      "# no comment, a row\t2\n"
      "\n"
      "statement ok\n"
      "SELECT 1\n"
      "\n"
      "statement error column \"x\" does not exist\n"
      "SELECT x\n"
      "\r\n"
      "statement error\n"
      "SELECT y\n"
      "----\n"
      "error: no\n"
      "  hint: z\n");
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 4u);
  const SuiteRecord& query = (*records)[0];
  EXPECT_EQ(query.kind, RecordKind::kQuery);
  EXPECT_EQ(query.line, 3u);
  EXPECT_THAT(query.Place(), EndsWith("a.test:3"));
  EXPECT_EQ(query.types, "TI");
  EXPECT_EQ(query.sorting, Sorting::kRows);
  EXPECT_EQ(query.label, "all");
  EXPECT_EQ(query.sql, "SELECT region, COUNT(*)\nFROM t -- until the line of dashes");
  EXPECT_THAT(query.expected, ElementsAre("east\t1", "# no comment, a row\t2"));
  EXPECT_EQ(query.expected_begin, 6u);
  EXPECT_EQ(query.expected_end, 8u);
  EXPECT_EQ((*records)[1].kind, RecordKind::kStatementOk);
  EXPECT_EQ((*records)[2].error, "column \"x\" does not exist");
  EXPECT_THAT((*records)[3].expected, ElementsAre("error: no", "  hint: z"));
}

TEST_F(SuiteFileTest, ReadsDirectivesForTheNextRecordOnly) {
  const auto records = Read(
      "+operator lookup inner, gate\n"
      "+leakage only\n"
      "+leakage to hospital: of the survivors: persons\n"
      "# a comment may stand between\n"
      "+suppressed 4\n"
      "+purpose does the app help?\n"
      "+unordered\n"
      "+columns region text, patients bigint\n"
      "query TI\nSELECT 1\n----\n\n"
      "query TI\nSELECT 2\n----\n");
  ASSERT_TRUE(records.ok()) << records.status();
  const Directives& asked = (*records)[0].directives;
  EXPECT_THAT(asked.operators, ElementsAre("lookup inner", "gate"));
  EXPECT_TRUE(asked.leakage_only);
  EXPECT_THAT(asked.leakage, ElementsAre("to hospital: of the survivors: persons"));
  EXPECT_EQ(asked.suppressed, 4u);
  EXPECT_EQ(asked.purpose, "does the app help?");
  EXPECT_EQ(asked.columns, "region text, patients bigint");
  EXPECT_EQ((*records)[0].sorting, Sorting::kRows);
  EXPECT_TRUE((*records)[1].directives.operators.empty());
  EXPECT_FALSE((*records)[1].directives.suppressed.has_value());
  EXPECT_EQ((*records)[1].sorting, Sorting::kNone);
}

TEST_F(SuiteFileTest, SkipsByEngineAndStopsAtHalt) {
  const auto records = Read(
      "skipif care\nstatement ok\nSELECT 1\n\n"
      "onlyif care\nstatement ok\nSELECT 2\n\n"
      "onlyif postgresql\nstatement ok\nSELECT 3\n\n"
      "skipif postgresql\nstatement ok\nSELECT 4\n\n"
      "halt\n\nthis is not read\n");
  ASSERT_TRUE(records.ok()) << records.status();
  std::vector<bool> skipped;
  for (const SuiteRecord& record : *records) skipped.push_back(record.skipped);
  EXPECT_THAT(skipped, ElementsAre(true, false, true, false));
}

TEST_F(SuiteFileTest, IncludesFilesBesideIt) {
  directory_.Write("b.test", "statement ok\nSELECT 2\n");
  const auto records = Read("hash-threshold 8\n\nstatement ok\nSELECT 1\n\ninclude b.test\n");
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ((*records)[0].hash_threshold, 8u);
  EXPECT_THAT((*records)[1].Place(), EndsWith("b.test:1"));
  directory_.Write("c.test", "include c.test\n");
  EXPECT_THAT(ErrorOf("include c.test\n"), HasSubstr("include each other"));
}

TEST_F(SuiteFileTest, WhatCannotBeARecordIsAnErrorWithItsLine) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("there is no record in this file"));
  EXPECT_THAT(ErrorOf("# only a comment\n"), HasSubstr("there is no record"));
  EXPECT_THAT(ErrorOf("halt\n\nstatement ok\nSELECT 1\n"), HasSubstr("there is no record"));
  EXPECT_THAT(ErrorOf("\nqeury I\nSELECT 1\n"), HasSubstr("a.test:2: \"qeury\" is not known here"));
  EXPECT_THAT(ErrorOf("query\nSELECT 1\n"), HasSubstr("a letter for each column"));
  EXPECT_THAT(ErrorOf("query IX\nSELECT 1\n"), HasSubstr("a letter for each column"));
  EXPECT_THAT(ErrorOf("query I rowsort label more\nSELECT 1\n"), HasSubstr("\"more\" is not known here"));
  EXPECT_THAT(ErrorOf("query I\n\nSELECT 1\n"), HasSubstr("there is no SQL"));
  EXPECT_THAT(ErrorOf("statement maybe\nSELECT 1\n"), HasSubstr("statement ok"));
  EXPECT_THAT(ErrorOf("statement ok\nSELECT 1\n----\n1\n"), HasSubstr("write \"query\""));
  EXPECT_THAT(ErrorOf("statement error a\nSELECT 1\n----\nb\n"), HasSubstr("given twice"));
  EXPECT_THAT(ErrorOf("+operater gate\nquery I\nSELECT 1\n"), HasSubstr("a.test:1: unknown directive +operater"));
  EXPECT_THAT(ErrorOf("+operator\nquery I\nSELECT 1\n"), HasSubstr("needs an argument"));
  EXPECT_THAT(ErrorOf("+suppressed few\nquery I\nSELECT 1\n"), HasSubstr("a number of cells"));
  EXPECT_THAT(ErrorOf("+suppressed 1\n\nquery I\nSELECT 1\n"), HasSubstr("directly above a record"));
  EXPECT_THAT(ErrorOf("statement ok\nSELECT 1\n\n+suppressed 1\n"), HasSubstr("a directive without a record"));
  EXPECT_THAT(ErrorOf("+operator gate\nstatement error\nSELECT 1\n"), HasSubstr("has no plan"));
  EXPECT_THAT(ErrorOf("+leakage only\nquery I\nSELECT 1\n----\n"), HasSubstr("that are allowed"));
  EXPECT_THAT(ErrorOf("skipif\nstatement ok\nSELECT 1\n"), HasSubstr("the name of one engine"));
  EXPECT_THAT(std::string(ReadSuite(Path("mistpelt.test"), "care").status().message()), HasSubstr("no such file"));
  EXPECT_THAT(std::string(ReadSuite(Path("."), "care").status().message()), HasSubstr("no such file"));
}

}  // namespace
}  // namespace care::engine
