// Judging answers: a right one passes, and each way of being wrong is found. Cells compare as exact texts.

#include "engine/frontend/suite/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/frontend/suite/expected_cells.h"
#include "tests/unit/suite/scripted_answerer.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SuiteRecord Query(std::vector<std::string> expected) {
  SuiteRecord record;
  record.file = "a.test";
  record.line = 1;
  record.types = "TI";
  record.sql = "SELECT 1";
  record.expected = std::move(expected);
  record.has_expected = true;
  return record;
}

SuiteRecord ErrorRecord(const std::string& inline_text, std::vector<std::string> expected = {}) {
  SuiteRecord record = Query(std::move(expected));
  record.kind = RecordKind::kStatementError;
  record.error = inline_text;
  record.has_expected = !record.expected.empty();
  return record;
}

class JudgeTest : public ::testing::Test {
 protected:
  void Answers(Answer answer) { answerer_.answers.insert_or_assign("SELECT 1", std::move(answer)); }
  void Refuses(const absl::Status& status) { answerer_.answers.insert_or_assign("SELECT 1", status); }
  std::string FailureOf(const SuiteRecord& record) { return Judge(record, answerer_, labels_).failure; }

  ScriptedAnswerer answerer_;
  LabelledResults labels_;
};

TEST_F(JudgeTest, RowsAsLinesOrValuesAsLines) {
  Answers(TwoColumns({{"east", "12"}, {std::nullopt, "3"}}));
  EXPECT_EQ(FailureOf(Query({"east\t12", "NULL\t3"})), "");
  EXPECT_EQ(FailureOf(Query({"east", "12", "NULL", "3"})), "");
  EXPECT_THAT(FailureOf(Query({"east\t12"})), HasSubstr("+ NULL  |  3"));
  EXPECT_THAT(FailureOf(Query({"east\t12", "NULL\t3", "west\t1"})), HasSubstr("- west  |  1"));
  EXPECT_THAT(FailureOf(Query({"east\t13", "NULL\t3"})), AllOf(HasSubstr("- east  |  13"), HasSubstr("+ east  |  12")));
  EXPECT_THAT(FailureOf(Query({"NULL\t3", "east\t12"})), HasSubstr("the rows differ"));
  EXPECT_THAT(FailureOf(Query({"east\t12", "NULL"})), HasSubstr("expected row 2 has 1 values"));
  EXPECT_THAT(FailureOf(Query({"east", "12", "NULL"})), HasSubstr("no whole rows"));
  EXPECT_THAT(FailureOf(Query({})), HasSubstr("+ east  |  12"));
}

TEST_F(JudgeTest, NothingIsRounded) {
  Answer answer = TwoColumns({{"east", "12.50"}});
  answer.columns[1].type = "numeric(12,2)";
  Answers(answer);
  SuiteRecord record = Query({"east\t12.50"});
  record.types = "TR";
  EXPECT_EQ(FailureOf(record), "");
  record.expected = {"east\t12.5"};
  EXPECT_NE(FailureOf(record), "");
}

TEST_F(JudgeTest, WordsAndTextsThatLookLikeThem) {
  Answers(TwoColumns({{"NULL", "1"}, {std::nullopt, "1"}, {"", "1"}, {"(empty)", "1"}, {" a\tb\n\\ ", "1"}}));
  const std::vector<std::string> written = {"\\NULL\t1", "NULL\t1", "(empty)\t1", "\\(empty)\t1", "\\sa\\tb\\n\\\\\\s\t1"};
  EXPECT_EQ(FailureOf(Query(written)), "");
  EXPECT_THAT(Judge(Query({}), answerer_, labels_).update, ::testing::ElementsAreArray(written));
  EXPECT_NE(FailureOf(Query({"NULL\t1", "NULL\t1", "(empty)\t1", "\\(empty)\t1", written[4]})), "");
}

TEST_F(JudgeTest, SuppressedCellsAreNotNull) {
  Answer answer = TwoColumns({{"east", "12"}, {std::nullopt, std::nullopt}});
  answer.suppressed[1] = {true, true};
  Answers(answer);
  SuiteRecord record = Query({"east\t12", "(suppressed)\t(suppressed)"});
  record.directives.suppressed = 2;
  EXPECT_EQ(FailureOf(record), "");
  record.directives.suppressed = 1;
  EXPECT_THAT(FailureOf(record), HasSubstr("expected 1 suppressed cells, got 2"));
  EXPECT_NE(FailureOf(Query({"east\t12", "NULL\tNULL"})), "");
}

TEST_F(JudgeTest, SortsRowsOrValuesOfBothSides) {
  Answers(TwoColumns({{"west", "1"}, {"east", "2"}}));
  SuiteRecord record = Query({"east\t2", "west\t1"});
  EXPECT_NE(FailureOf(record), "");
  record.sorting = Sorting::kRows;
  EXPECT_EQ(FailureOf(record), "");
  record.expected = {"1", "2", "east", "west"};
  record.sorting = Sorting::kValues;
  EXPECT_EQ(FailureOf(record), "");
  record.expected = {"1", "2", "east", "wast"};
  EXPECT_NE(FailureOf(record), "");
}

TEST_F(JudgeTest, HashesLargeResults) {
  Answers(TwoColumns({{"west", "1"}, {"east", "2"}}));
  SuiteRecord record = Query({});
  record.sorting = Sorting::kRows;
  record.hash_threshold = 3;
  // printf 'east\n2\nwest\n1\n' | md5sum
  const std::string hash = "4 values hashing to 2877c545a0c822e9f95842a9ea76d853";
  EXPECT_THAT(Judge(record, answerer_, labels_).update, ElementsAre(hash));
  record.expected = {hash};
  EXPECT_EQ(FailureOf(record), "");
  Answers(TwoColumns({{"west", "1"}, {"east", "3"}}));
  EXPECT_THAT(FailureOf(record), HasSubstr("- " + hash));
}

TEST_F(JudgeTest, ColumnsFitTheirLetters) {
  Answers(TwoColumns({}));
  SuiteRecord record = Query({});
  record.directives.columns = "region text, patients bigint";
  EXPECT_EQ(FailureOf(record), "");
  record.directives.columns = "region text, persons bigint";
  EXPECT_THAT(FailureOf(record), HasSubstr("got the columns region text, patients bigint"));
  record.directives.columns.clear();
  for (const char* wrong : {"T", "II", "TR", "TT", "TB", "TD", "TII"}) {
    record.types = wrong;
    EXPECT_THAT(FailureOf(record), HasSubstr("do not fit")) << wrong;
  }
  record.types = "??";
  EXPECT_EQ(FailureOf(record), "");
}

TEST_F(JudgeTest, ErrorsMatchWhole) {
  const std::string message = "error: no column \"x\"\nLINE 1: SELECT x\n               ^\n\nhint: y";
  Refuses(absl::InvalidArgumentError(message));
  EXPECT_EQ(FailureOf(ErrorRecord("")), "");
  EXPECT_EQ(FailureOf(ErrorRecord("no column")), "");
  EXPECT_THAT(FailureOf(ErrorRecord("no table")), HasSubstr("does not contain \"no table\""));
  EXPECT_EQ(FailureOf(ErrorRecord("/no (column|table)/")), "");
  EXPECT_THAT(FailureOf(ErrorRecord("/^no/")), HasSubstr("does not match"));
  EXPECT_THAT(FailureOf(ErrorRecord("/(/")), HasSubstr("is not a regular expression"));
  const std::vector<std::string> lines = {"error: no column \"x\"", "LINE 1: SELECT x", "               ^", "\\", "hint: y"};
  EXPECT_EQ(FailureOf(ErrorRecord("", lines)), "");
  EXPECT_EQ(FailureOf(ErrorRecord("", {"/hint: .$/"})), "");
  EXPECT_THAT(FailureOf(ErrorRecord("", {lines[0], lines[1], "              ^", "\\", "hint: y"})),
              HasSubstr("the error differs"));
  EXPECT_THAT(FailureOf(ErrorRecord("", {lines[0]})), HasSubstr("+ hint: y"));
  EXPECT_THAT(FailureOf(Query({})), HasSubstr(message));
}

TEST_F(JudgeTest, OnlyARefusalIsAnExpectedError) {
  Answers(TwoColumns({{"east", "1"}}));
  EXPECT_THAT(FailureOf(ErrorRecord("")), HasSubstr("expected an error, got 1 row"));
  Refuses(absl::UnavailableError("insurer cannot be reached"));
  EXPECT_THAT(FailureOf(ErrorRecord("")), HasSubstr("was not refused, it failed"));
  EXPECT_EQ(FailureOf(ErrorRecord("insurer cannot be reached")), "");
  answerer_.is_up = false;
  EXPECT_THAT(FailureOf(ErrorRecord("insurer cannot be reached")), HasSubstr("nobody answered"));
}

TEST_F(JudgeTest, ThePlanIsAsDemanded) {
  Answers(TwoColumns({}));
  answerer_.plan = R"({"nodes":[{"operation":"lookup inner"},{"operation":"gate"}],
    "leakage":[{"recipient":"hospital","what":"survivors","max_values":8,"rule":"gate"},
               {"recipient":"hospital","what":"persons","max_values":8,"rule":"gate"}]})";
  SuiteRecord record = Query({});
  record.directives.operators = {"lookup inner", "gate"};
  record.directives.leakage = {"to hospital: survivors"};
  EXPECT_EQ(FailureOf(record), "");
  record.directives.leakage_only = true;
  EXPECT_THAT(FailureOf(record), HasSubstr("+ to hospital: persons; at most 8 values; gate"));
  record.directives.leakage.push_back("to hospital: persons; at most 8 values; gate");
  EXPECT_EQ(FailureOf(record), "");
  record.directives.leakage.push_back("to bureau: persons");
  EXPECT_THAT(FailureOf(record), HasSubstr("- to bureau: persons"));
  record.directives.leakage = {"to hospital: person"};  // a part of a line is not the line
  EXPECT_NE(FailureOf(record), "");
  record.directives.leakage.clear();
  record.directives.leakage_only = false;
  record.directives.operators = {"lookup"};
  EXPECT_THAT(FailureOf(record), HasSubstr("the plan has no lookup; it has: lookup inner, gate"));
}

TEST_F(JudgeTest, EqualLabelsHaveEqualResults) {
  Answers(TwoColumns({{"east", "1"}}));
  SuiteRecord record = Query({"east\t1"});
  record.label = "regions";
  EXPECT_EQ(FailureOf(record), "");
  Answers(TwoColumns({{"east", "2"}}));
  record.expected = {"east\t2"};
  record.line = 9;
  EXPECT_THAT(FailureOf(record), HasSubstr("the result is not that of a.test:1"));
}

TEST_F(JudgeTest, ThePurposeIsAsked) {
  Answers(TwoColumns({}));
  SuiteRecord record = Query({});
  record.directives.purpose = "quality of care";
  EXPECT_EQ(FailureOf(record), "");
  EXPECT_THAT(answerer_.purposes, ElementsAre("quality of care"));
}

TEST_F(JudgeTest, AQueryWithoutExpectedRowsFails) {
  Answers(TwoColumns({}));
  SuiteRecord record = Query({});
  record.has_expected = false;
  EXPECT_THAT(FailureOf(record), HasSubstr("no \"----\""));
}

}  // namespace
}  // namespace care::engine
