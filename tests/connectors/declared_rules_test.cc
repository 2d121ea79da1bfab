// What every connector does with an owner's rows: fetches them exactly, to the ends of every type, and refuses rows
// that break what the federation file declares, whether they are fetched or only counted in the database. An error
// names table, column and rule, and never the value; the next query works.

#include <algorithm>
#include <limits>

#include "engine/types/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/connectors/test_database.h"

namespace care::connectors {
namespace {

using testing::HasSubstr;
using testing::Not;

class DeclaredRules : public testing::TestWithParam<DatabaseKind> {
 protected:
  // id, small, big, flag, day, txt, amount
  static planner::CatalogTable Everything() {
    return DeclaredTable("every thing\"s", {Declared("Id", kBigIntType, false), Declared("small", {TypeKind::kSmallInt}),
                                            Declared("big", kBigIntType), Declared("flag", kBooleanType),
                                            Declared("day", kDateType), Declared("a \"txt\"", kTextType),
                                            Declared("amount", {TypeKind::kNumeric, 18, 2})});
  }

  static std::vector<std::string> Texts(const std::vector<Row>& rows) {
    std::vector<std::string> texts;
    for (const Row& row : rows) {
      std::string& text = texts.emplace_back();
      for (const Value& value : row) text += (IsNull(value) ? "NULL" : "'" + FormatValue(value) + "'") + " ";
    }
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  static std::vector<std::string> Sorted(std::vector<std::string> texts) {
    std::sort(texts.begin(), texts.end());
    return texts;
  }
};

TEST_P(DeclaredRules, FetchesEveryValueAsItIs) {
  TestFederation federation(GetParam(), {Everything()});
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const Int128 digits = 999'999'999'999'999'999;
  const std::vector<Row> rows = {
      {kLeast, std::int64_t{-32768}, kLeast, false, Date{-719162}, std::string(), Decimal{-digits, 2}},
      {kMost, std::int64_t{32767}, kMost, true, Date{2932896}, std::string(3000, 'x'), Decimal{digits, 2}},
      {std::int64_t{0}, std::int64_t{0}, std::int64_t{0}, true, Date{0}, std::string("Ĳssel, 日本, 🙂"), Decimal{0, 2}},
      {std::int64_t{1}, std::int64_t{-1}, std::int64_t{-1}, false, Date{-1}, std::string("it's \\N\t\n"), Decimal{-1, 2}},
      {std::int64_t{2}, std::int64_t{7}, std::int64_t{10'000}, false, Date{11'016}, std::string(" padded "), Decimal{10'000'00, 2}},
      {std::int64_t{3}, std::int64_t{7}, std::int64_t{1}, false, Date{11'017}, std::string("NULL"), Decimal{100'000'010, 2}},
      {std::int64_t{4}, Null{}, Null{}, Null{}, Null{}, Null{}, Null{}}};
  federation.Store(0, rows);
  auto connector = federation.Open();
  const auto batch = connector->Run(*federation.Scan(0));
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(Sorted(RowTexts(*batch)), Texts(rows));
  EXPECT_TRUE(connector->EndSnapshot().ok());
}

TEST_P(DeclaredRules, FetchesTimestampsToTheirEnds) {
  TestFederation federation(GetParam(), {DeclaredTable("t", {Declared("id", kBigIntType, false), Declared("at", kTimestampType),
                                                             Declared("since", kTimestampTzType)})});
  const auto row = [](std::int64_t id, std::int64_t moment) {
    return Row{id, Timestamp{moment, false}, Timestamp{moment, true}};
  };
  const std::vector<Row> rows = {row(1, kFirstTimestamp), row(2, kLastTimestamp), row(3, 0), row(4, -1), row(5, 1),
                                 row(6, 951'868'800'000'000), row(7, 951'868'799'500'000), {std::int64_t{8}, Null{}, Null{}}};
  federation.Store(0, rows);
  auto connector = federation.Open();
  const auto batch = connector->Run(*federation.Scan(0));
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(Sorted(RowTexts(*batch)), Texts(rows));
}

TEST_P(DeclaredRules, AnEmptyTableHasNoRows) {
  TestFederation federation(GetParam(), {Everything()});
  federation.Store(0, {});
  auto connector = federation.Open();
  const auto batch = connector->Run(*federation.Scan(0));
  ASSERT_TRUE(batch.ok()) << batch.status();
  EXPECT_EQ(batch->rows, 0u);
  EXPECT_EQ(batch->columns.size(), 7u);
}

TEST_P(DeclaredRules, ASnapshotStaysAsItBegan) {
  TestFederation federation(GetParam(), {DeclaredTable("t", {Declared("id", kBigIntType)})});
  federation.Store(0, {{std::int64_t{1}}});
  auto first = federation.Open();
  ASSERT_EQ(first->Run(*federation.Scan(0))->rows, 1u);
  ASSERT_TRUE(first->EndSnapshot().ok());
  ASSERT_TRUE(first->BeginSnapshot().ok());
  EXPECT_EQ(first->Run(*federation.Scan(0))->rows, 1u);
  EXPECT_FALSE(first->BeginSnapshot().ok());
  ASSERT_TRUE(first->EndSnapshot().ok());
  EXPECT_FALSE(first->Run(*federation.Scan(0)).ok());
}

struct Violation {
  int column;
  Value value;
  const char* message;
};

TEST_P(DeclaredRules, WhateverBreaksARuleEndsTheQueryFetchedOrCounted) {
  planner::CatalogTable declared = DeclaredTable(
      "t", {Declared("id", kBigIntType, false), Declared("whole", kIntegerType), Declared("day", kDateType),
            Declared("kind", kTextType), Declared("word", {TypeKind::kText, 0, 0, 3}), Declared("amount", {TypeKind::kNumeric, 8, 2}), Declared("at", kTimestampType)});
  declared.columns[6].min = 0;
  declared.columns[6].max = kMicrosecondsOfDay;
  declared.columns[1].min = -50;
  declared.columns[1].max = 50;
  declared.columns[2].min = 0;
  declared.columns[2].max = 20'000;
  declared.columns[3].domain = {"a", "it's"};
  const Violation violations[] = {{0, Null{}, "hospital.t.id: a value is NULL"},
                                  {1, std::int64_t{777}, "hospital.t.whole: a value is outside its declared range"},
                                  {1, std::int64_t{-777}, "hospital.t.whole: a value is outside its declared range"},
                                  {2, Date{-777}, "hospital.t.day: a value is outside its declared range"},
                                  {6, Timestamp{-1}, "hospital.t.at: a value is outside its declared range"},
                                  {6, Timestamp{kMicrosecondsOfDay + 1}, "hospital.t.at: a value is outside its declared range"},
                                  {3, std::string("A"), "hospital.t.kind: a value is outside its declared domain"},
                                  {3, std::string("777"), "hospital.t.kind: a value is outside its declared domain"},
                                  {4, std::string("7777"), "hospital.t.word: a text is longer than declared"},
                                  {4, std::string("éééé"), "hospital.t.word: a text is longer than declared"},
                                  {5, Decimal{777'777'777, 2}, "hospital.t.amount: a value is outside its declared range"}};
  TestFederation federation(GetParam(), {declared});
  const Row good = {std::int64_t{1}, std::int64_t{-50}, Date{0}, std::string("it's"), std::string("ééé"), Decimal{-150, 2}, Timestamp{0}};
  federation.Store(0, {good, {std::int64_t{2}, Null{}, Null{}, Null{}, Null{}, Null{}, Null{}}});
  const planner::LogicalPtr scan = federation.Scan(0);
  const planner::LogicalPtr count = federation.Count(scan);
  const auto check = [&](const char* message) {
    auto connector = federation.Open();
    for (const planner::LogicalPtr& node : {scan, count}) {
      if (!connector->Supports(*node)) continue;
      const auto batch = connector->Run(*node);
      if (message == nullptr) {
        EXPECT_TRUE(batch.ok()) << batch.status();
      } else {
        ASSERT_FALSE(batch.ok()) << message;
        EXPECT_THAT(std::string(batch.status().message()), HasSubstr(message));
        EXPECT_THAT(std::string(batch.status().message()), HasSubstr("hospital should"));
        EXPECT_THAT(std::string(batch.status().message()), Not(HasSubstr("777")));
      }
      // The connector is usable for the next query.
      ASSERT_TRUE(connector->EndSnapshot().ok());
      ASSERT_TRUE(connector->BeginSnapshot().ok());
    }
  };
  check(nullptr);
  for (const Violation& violation : violations) {
    Row bad = good;
    bad[static_cast<std::size_t>(violation.column)] = violation.value;
    federation.Store(0, {good, bad, good});
    check(violation.message);
  }
}

TEST_P(DeclaredRules, KeysBoundsAndMultiplicities) {
  planner::CatalogTable declared = DeclaredTable("t", {Declared("person", kTextType), Declared("n", kBigIntType)});
  declared.subject_column = 0;
  TestFederation federation(GetParam(), {declared});
  const std::vector<Row> rows = {{std::string("p"), std::int64_t{1}}, {std::string("p"), std::int64_t{2}},
                                 {std::string("P"), std::int64_t{2}}, {Null{}, std::int64_t{3}}, {Null{}, std::int64_t{3}},
                                 {Null{}, std::int64_t{3}}};
  federation.Store(0, rows);
  planner::CatalogTable& table = federation.catalog().tables[0];
  const planner::LogicalPtr scan = federation.Scan(0);
  planner::AggregateCall sum;
  sum.function = planner::AggregateFunction::kSum;
  sum.argument = federation.ColumnOf(1);
  sum.type = kNumericType;
  const planner::LogicalPtr sums = Node(planner::AggregateNode{scan, {}, {{federation.AddColumn(kNumericType), sum}}});
  const auto answer = [&](const planner::LogicalPtr& node) {
    auto connector = federation.Open();
    return std::string(connector->Run(*node).status().message());
  };
  for (const planner::LogicalPtr& node : {scan, sums}) {
    if (!federation.Open()->Supports(*node)) continue;
    table.max_rows_per_subject = 2;
    table.subject_bound = 2;
    EXPECT_EQ(answer(node), "");
    table.max_rows_per_subject = 1;
    EXPECT_THAT(answer(node), HasSubstr("max_rows_per_subject of 1"));
    table.max_rows_per_subject = 2;
    table.subject_bound = 1;
    EXPECT_THAT(answer(node), HasSubstr("subject_bound of 1"));
    table.max_rows_per_subject.reset();
    table.subject_bound.reset();
    table.unique_keys = {{0, 1}};
    EXPECT_EQ(answer(node), "");
    table.unique_keys = {{0}};
    EXPECT_THAT(answer(node), HasSubstr("two rows have the same (person)"));
    table.unique_keys.clear();
    table.max_rows_per = {{{1}, 3}, {{0}, 2}, {{0, 1}, 1}};  // NULL is no key
    EXPECT_EQ(answer(node), "");
    table.max_rows_per = {{{1}, 2}};
    EXPECT_THAT(answer(node), HasSubstr("hospital.t: more rows agree on (n) than the declared most_rows of 2"));
    table.max_rows_per = {{{0}, 1}};
    EXPECT_THAT(answer(node), HasSubstr("more rows agree on (person) than the declared most_rows of 1"));
    table.max_rows_per.clear();
    table.row_bound = 6;
    EXPECT_EQ(answer(node), "");
    table.row_bound = 5;
    EXPECT_THAT(answer(node), HasSubstr("hospital.t: hospital has more rows than the declared row_bound of 5"));
    table.row_bound = 1000;
  }
}

TEST_P(DeclaredRules, AFilterDoesNotHideWhatBreaksTheDeclaration) {
  planner::CatalogTable declared = DeclaredTable("t", {Declared("n", kBigIntType), Declared("m", kBigIntType)});
  declared.columns[1].min = 0;
  declared.columns[1].max = 9;
  TestFederation federation(GetParam(), {declared});
  federation.Store(0, {{std::int64_t{1}, std::int64_t{1}}, {std::int64_t{2}, std::int64_t{77}}});
  const planner::LogicalPtr filtered = Node(planner::FilterNode{
      federation.Scan(0), planner::MakeCall(planner::Function::kLess,
                                            {federation.ColumnOf(0), planner::MakeLiteral(std::int64_t{2}, kBigIntType)},
                                            kBooleanType)});
  auto connector = federation.Open();
  if (!connector->Supports(*filtered)) GTEST_SKIP();
  EXPECT_THAT(std::string(connector->Run(*filtered).status().message()), HasSubstr("hospital.t.m: a value is outside"));
  // A column that the query does not read is no matter of it.
  const planner::LogicalPtr one_column = Node(planner::ScanNode{0, {{0, 0}}});
  ASSERT_TRUE(connector->EndSnapshot().ok());
  ASSERT_TRUE(connector->BeginSnapshot().ok());
  EXPECT_TRUE(connector->Run(*one_column).ok());
}

TEST_P(DeclaredRules, MissingNamesComeWithTheNearest) {
  TestFederation federation(GetParam(), {DeclaredTable("t", {Declared("number", kBigIntType)}),
                                         DeclaredTable("u", {Declared("n", kBigIntType)})});
  federation.Store(0, {{std::int64_t{1}}});
  federation.Store(1, {{std::int64_t{1}}});
  federation.config().tables["t"].columns["number"].column = "numbr";
  federation.config().tables["u"].table = "uu.nowhere";
  auto connector = federation.Open();
  EXPECT_TRUE(connector->Supports(*federation.Scan(0)));
  EXPECT_THAT(std::string(connector->Run(*federation.Scan(0)).status().message()),
              HasSubstr("no column 'numbr' (the nearest name there is 'number')"));
  EXPECT_THAT(std::string(connector->Run(*federation.Scan(1)).status().message()), HasSubstr("no table 'uu.nowhere'"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, DeclaredRules, testing::ValuesIn(AllKinds()));

}  // namespace
}  // namespace care::connectors
