// Raw rows in, the agreed table out: each step alone, their order, and that what a query reads does not change which
// rows there are. Rows are written as texts, as an export has them; an empty optional is NULL.
#include "connectors/cleaning/table_cleaner.h"

#include <algorithm>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/connectors/raw_cells.h"

namespace care::connectors {
namespace {

using planner::OnDuplicate;
using planner::OnViolation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

const std::vector<std::string> kOwn = {"own_id", "bsn", "amount", "kind", "reverses", "changed"};

class Cleaning : public testing::Test {
 protected:
  Cleaning() {
    catalog_.parties = {{"insurer", ""}};
    planner::CatalogTable table;
    table.schema = "insurer";
    table.name = "claims";
    table.owner = 0;
    table.row_bound = 100;
    table.columns.resize(4);
    table.columns[0] = {.name = "id", .type = kBigIntType, .nullable = false};
    table.columns[1] = {.name = "bsn", .type = kTextType, .nullable = false, .key_domain = "bsn"};
    table.columns[2] = {.name = "amount", .type = {TypeKind::kNumeric, 8, 2}, .min = 0, .max = 100'000};
    table.columns[3] = {.name = "kind", .type = kTextType, .domain = {"x", "y"}};
    table.subject_column = 1;
    table.unique_keys = {{0}};
    catalog_.tables = {table};
    catalog_.keys = {{"bsn", planner::KeyFormat::kBsn}};
    mapping_.table = "claims";
    mapping_.columns["id"].column = "own_id";
  }

  planner::CatalogTable& table() { return catalog_.tables[0]; }
  planner::ColumnMapping& column(const std::string& name) {
    planner::ColumnMapping& mapping = mapping_.columns[name];
    if (mapping.column.empty()) mapping.column = name;
    return mapping;
  }

  static RawCell Raw(const Cell& cell) { return cell.has_value() ? TextCell(*cell) : NullCell(); }

  absl::StatusOr<std::vector<std::string>> Clean(const std::vector<Row>& rows, std::vector<int> read = {0, 1, 2, 3},
                                                 const std::vector<std::pair<Cell, Cell>>& merges = {}) {
    TableCleaner cleaner(catalog_, table(), mapping_, std::move(read));
    const auto result = [&]() -> absl::StatusOr<ColumnBatch> {
      for (const auto& [from, to] : merges) {
        if (absl::Status status = cleaner.AddMerge(Raw(from), Raw(to)); !status.ok()) return status;
      }
      for (const Row& row : rows) {
        std::vector<RawCell> cells;
        for (const std::string& needed : cleaner.needed()) {
          const auto at = static_cast<std::size_t>(std::find(kOwn.begin(), kOwn.end(), needed) - kOwn.begin());
          cells.push_back(at < row.size() ? Raw(row[at]) : NullCell());
        }
        if (absl::Status status = cleaner.AddRow(cells); !status.ok()) return status;
      }
      return cleaner.Finish();
    }();
    report_ = cleaner.report();
    if (!result.ok()) return result.status();
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < result->rows; ++row) {
      std::string text;
      for (const Column& column : result->columns) {
        EXPECT_EQ(column.size(), result->rows);
        if (!text.empty()) text += " ";
        text += column.IsNull(row) ? "-" : FormatValue(column.At(row));
      }
      texts.push_back(std::move(text));
    }
    return texts;
  }

  std::string Error(const std::vector<Row>& rows, std::vector<int> read = {0, 1, 2, 3},
                    const std::vector<std::pair<Cell, Cell>>& merges = {}) {
    const auto result = Clean(rows, std::move(read), merges);
    return result.ok() ? "none" : std::string(result.status().message());
  }

  planner::Catalog catalog_;
  planner::TableMapping mapping_;
  CleaningReport report_;
};

constexpr char kAnna[] = "111222333";
constexpr char kBart[] = "010464554";

TEST_F(Cleaning, FormatsEachColumn) {
  const auto rows = Clean({{"1", " 111222333", "12.5", "x"}, {"2", "10464554", {}, {}}});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(*rows, ElementsAre("1 111222333 12.50 x", "2 010464554 - -"));
  EXPECT_EQ(report_.rows_read, 2u);
  EXPECT_EQ(report_.rows_kept, 2u);
  EXPECT_FALSE(HasFindings(report_));
  EXPECT_THAT(*Clean({{"1", kAnna, "12.5", "x"}}, {3, 0, 0}), ElementsAre("x 1 1"));
  EXPECT_THAT(*Clean({}), ElementsAre());
}

TEST_F(Cleaning, OnViolation) {
  const std::vector<Row> rows = {{"1", kAnna, "1", "x"}, {"2", "777", "1", "x"}, {"3", kBart, "777777", "z"}};
  EXPECT_THAT(Error(rows), HasSubstr("insurer.claims.bsn: a value is not a bsn"));
  EXPECT_THAT(Error(rows), Not(HasSubstr("777")));
  EXPECT_EQ(report_.violations.size(), 3u) << "the report is whole";
  column("bsn").on_violation = OnViolation::kDrop;
  EXPECT_THAT(Error(rows), HasSubstr("insurer.claims.amount: a value is outside its declared range"));
  column("amount").on_violation = OnViolation::kNull;
  EXPECT_THAT(Error(rows), HasSubstr("insurer.claims.kind: a value is outside its declared domain"));
  EXPECT_THAT(*Clean(rows, {0, 2}), ElementsAre("1 1.00", "3 -"));
  column("kind").on_violation = OnViolation::kDrop;
  EXPECT_THAT(*Clean(rows), ElementsAre("1 111222333 1.00 x"));
  EXPECT_EQ(report_.rows_dropped, 2u);
  EXPECT_EQ((report_.violations[{"kind", "domain"}]), 1u);
  EXPECT_EQ((report_.violations[{"amount", "range"}]), 1u);
  EXPECT_EQ((report_.violations[{"bsn", "bsn"}]), 1u);
  // Whatever is read, the same rows.
  EXPECT_THAT(*Clean(rows, {2}), ElementsAre("1.00"));
  EXPECT_THAT(*Clean(rows, {}), ElementsAre(""));
}

TEST_F(Cleaning, ARowThatIsDroppedDoesNotEndTheQuery) {
  column("kind").on_violation = OnViolation::kDrop;
  const std::vector<Row> rows = {{"1", kAnna, "-1", "z"}};
  EXPECT_THAT(*Clean(rows), ElementsAre());
  mapping_.reversal = planner::ReversalMapping{"own_id", "reverses"};
  EXPECT_THAT(*Clean(rows), ElementsAre());
}

TEST_F(Cleaning, NullKeysBreakTheirRule) {
  const std::vector<Row> rows = {{"1", {}, "1", "x"}, {"2", kAnna, "1", "x"}};
  EXPECT_THAT(Error(rows), HasSubstr("insurer.claims.bsn: a value is NULL"));
  column("bsn").on_violation = OnViolation::kDrop;
  EXPECT_THAT(*Clean(rows, {0}), ElementsAre("2"));
}

TEST_F(Cleaning, OnDuplicate) {
  const std::vector<Row> rows = {{"1", kAnna, "9", "x", {}, "10"}, {"1", kBart, "1", "y", {}, "9"},
                                 {"2", kAnna, "3", "x", {}, {}},   {"2", kBart, "2", "y", {}, {}},
                                 {"3", kAnna, "7", "x", {}, "1"},  {"1", kAnna, "8", "y", {}, "9.0"}};
  EXPECT_THAT(Error(rows), HasSubstr("insurer.claims: two rows have the same (id), which is declared unique"));
  EXPECT_EQ(Error(rows, {1, 2}), "none") << "a key that is not read is not judged";
  mapping_.on_duplicate = OnDuplicate::kDrop;
  EXPECT_THAT(*Clean(rows), ElementsAre("3 111222333 7.00 x"));
  EXPECT_EQ(report_.rows_duplicate, 5u);
  EXPECT_THAT(*Clean(rows, {2}), ElementsAre("7.00"));
  mapping_.on_duplicate = OnDuplicate::kFirst;
  EXPECT_THAT(*Clean(rows, {2}), ElementsAre("9.00", "3.00", "7.00")) << "by storage";
  mapping_.order_by = "changed";
  EXPECT_THAT(*Clean(rows, {2}), ElementsAre("1.00", "3.00", "7.00")) << "by number; NULL last; of equals the first";
}

TEST_F(Cleaning, OrderOfDuplicatesIsOfTheirKind) {
  mapping_.on_duplicate = OnDuplicate::kFirst;
  mapping_.order_by = "changed";
  const auto first = [&](std::vector<std::string> changed) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < changed.size(); ++i) {
      rows.push_back({"1", kAnna, std::to_string(i), "x", {}, changed[i]});
    }
    return Clean(rows, {2})->front();
  };
  EXPECT_EQ(first({"10", "9", "-1"}), "2.00");
  EXPECT_EQ(first({"2024-01-02", "2024-01-01 23:00"}), "1.00");
  EXPECT_EQ(first({"2024-07-01T01:00:00Z", "2024-07-01T02:00:00+02:00"}), "1.00");
  EXPECT_EQ(first({"b", "B"}), "1.00");
}

TEST_F(Cleaning, UniqueKeysOfSeveralColumns) {
  table().unique_keys = {{1, 2}, {0}};
  mapping_.on_duplicate = OnDuplicate::kFirst;
  EXPECT_THAT(*Clean({{"1", kAnna, "5", "x"}, {"1", kAnna, "5.00", "y"}, {"2", kAnna, {}, "x"}, {"3", kAnna, {}, "y"},
                      {"3", kBart, "5", "x"}}),
              ElementsAre("1 111222333 5.00 x", "2 111222333 - x", "3 111222333 - y"));
}

TEST_F(Cleaning, Reversals) {
  mapping_.reversal = planner::ReversalMapping{"own_id", "reverses"};
  EXPECT_THAT(*Clean({{"1", kAnna, "1", "x"}, {"2", kAnna, "2", "x"}, {"3", kAnna, "-777", "x", "1"}}, {0}),
              ElementsAre("2"))
      << "a reversal breaks no rule";
  EXPECT_EQ(report_.rows_reversed, 2u);
  EXPECT_TRUE(report_.violations.empty());
  EXPECT_THAT(*Clean({{"3", kAnna, "1", "x", " 1 "}, {"1", kAnna, "1", "x"}}, {0}), ElementsAre()) << "before its row";
  EXPECT_THAT(*Clean({{"3", kAnna, "1", "x", "9"}, {"1", kAnna, "1", "x"}}, {0}), ElementsAre("1")) << "of nothing";
  // A reversal that is taken back takes nothing back; and so on.
  const Row original = {"1", kAnna, "1", "x"}, second = {"2", kAnna, "1", "x", "1"};
  const Row third = {"3", kAnna, "1", "x", "2"}, fourth = {"4", kAnna, "1", "x", "3"};
  EXPECT_THAT(*Clean({original, second, third}, {0}), ElementsAre("1"));
  EXPECT_THAT(*Clean({fourth, third, second, original}, {0}), ElementsAre());
  EXPECT_THAT(*Clean({original, second, third, {"5", kAnna, "1", "x", "1"}}, {0}), ElementsAre())
      << "another reversal stands";
  EXPECT_THAT(Error({{"1", kAnna, "1", "x", "2"}, {"2", kAnna, "1", "x", "1"}}),
              HasSubstr("insurer.claims: rows reverse each other in a circle; insurer should correct"));
  EXPECT_THAT(Error({{"1", kAnna, "1", "x", "1"}}), HasSubstr("circle"));
  EXPECT_THAT(Error({{"1", kAnna, "1", "x", " "}}), HasSubstr("it must be NULL"));
}

TEST_F(Cleaning, ReversedRowsAreNoDuplicates) {
  mapping_.reversal = planner::ReversalMapping{"own_id", "reverses"};
  table().unique_keys = {{1}};
  EXPECT_THAT(*Clean({{"1", kAnna, "1", "x"}, {"2", kAnna, "2", "x", "1"}, {"3", kAnna, "3", "x"}}, {0, 1}),
              ElementsAre("3 111222333"));
}

TEST_F(Cleaning, MergedPersons) {
  mapping_.merged = planner::MergeMapping{"merges", "old", "new"};
  const std::vector<Row> rows = {{"1", "123456789", "1", "x"}, {"2", "10464554", "1", "x"}, {"3", kAnna, "1", "x"}};
  // A number that fails the test, merged by a chain whose links come in any order.
  EXPECT_THAT(*Clean(rows, {1}, {{" 10464554", kAnna}, {"123456789", "010464554"}}),
              ElementsAre(kAnna, kAnna, kAnna));
  EXPECT_EQ(report_.keys_merged, 2u);
  EXPECT_THAT(*Clean({rows[1]}, {1}, {{kAnna, kAnna}, {kAnna, kBart}, {kAnna, "10464554"}}), ElementsAre(kBart));
  EXPECT_THAT(Error(rows, {1}, {{kAnna, kBart}, {kBart, kAnna}}),
              HasSubstr("insurer.claims: in its table of merged numbers, numbers were merged in a circle; insurer"));
  EXPECT_THAT(Error({}, {1}, {{kAnna, kBart}, {kBart, kAnna}}), HasSubstr("circle")) << "also without rows";
  EXPECT_THAT(Error(rows, {1}, {{kAnna, kBart}, {kAnna, "123456789"}}), HasSubstr("merged into two others"));
  EXPECT_THAT(Error(rows, {1}, {{{}, kBart}}), HasSubstr("NULL or breaks a rule"));
  EXPECT_THAT(Error(rows, {1}, {{"no number", kBart}}), HasSubstr("NULL or breaks a rule"));
  EXPECT_THAT(Error({rows[2]}, {1}, {{kAnna, "123456789"}}), HasSubstr("insurer.claims.bsn: a value is not a bsn"));
}

TEST_F(Cleaning, MergesThatBreakARuleWhereRowsMayGo) {
  mapping_.merged = planner::MergeMapping{"merges", "old", "new"};
  column("bsn").on_violation = OnViolation::kDrop;
  const std::vector<Row> rows = {{"1", kAnna, "1", "x"}, {"2", kBart, "1", "x"}};
  EXPECT_THAT(*Clean(rows, {0}, {{{}, kBart}, {"no", kBart}, {kAnna, "no"}}), ElementsAre("2"));
  EXPECT_THAT(*Clean(rows, {0}, {{kAnna, {}}}), ElementsAre("2"));
}

TEST_F(Cleaning, MergesMakeDuplicatesThatAreJudged) {
  table().unique_keys = {{1}};
  mapping_.merged = planner::MergeMapping{"merges", "old", "new"};
  const std::vector<Row> rows = {{"1", kAnna, "1", "x"}, {"2", kBart, "1", "x"}};
  EXPECT_THAT(Error(rows, {1}, {{kAnna, kBart}}), HasSubstr("two rows have the same (bsn)"));
  mapping_.on_duplicate = OnDuplicate::kFirst;
  EXPECT_THAT(*Clean(rows, {0}, {{kAnna, kBart}}), ElementsAre("1"));
}

TEST_F(Cleaning, MergesAreAskedForOnlyWhereTheyMatter) {
  mapping_.merged = planner::MergeMapping{"merges", "old", "new"};
  EXPECT_EQ(TableCleaner(catalog_, table(), mapping_, {0}).merged(), nullptr);
  EXPECT_NE(TableCleaner(catalog_, table(), mapping_, {1}).merged(), nullptr);
  column("bsn").on_violation = OnViolation::kDrop;
  EXPECT_NE(TableCleaner(catalog_, table(), mapping_, {0}).merged(), nullptr);
}

TEST_F(Cleaning, BoundsAreOfTheCleanedTable) {
  table().row_bound = 1;
  column("bsn").on_violation = OnViolation::kDrop;
  EXPECT_EQ(Clean({{"1", kAnna, "1", "x"}, {"2", "1", "1", "x"}})->size(), 1u);
  EXPECT_THAT(Error({{"1", kAnna, "1", "x"}, {"2", kBart, "1", "x"}}), HasSubstr("row_bound of 1"));
  table().row_bound = 10;
  table().max_rows_per_subject = 1;
  EXPECT_THAT(Error({{"1", kAnna, "1", "x"}, {"2", kAnna, "1", "x"}}), HasSubstr("max_rows_per_subject of 1"));
  // Memory is bounded whatever arrives.
  std::vector<Row> many(2'000, {"1", kAnna, "1", "x"});
  mapping_.on_duplicate = OnDuplicate::kFirst;
  EXPECT_THAT(Error(many), HasSubstr("row_bound of 10"));
}

TEST_F(Cleaning, WhatNeedsIt) {
  EXPECT_TRUE(NeedsCleaning(catalog_, table(), mapping_)) << "a key with a format";
  catalog_.keys.clear();
  EXPECT_FALSE(NeedsCleaning(catalog_, table(), mapping_));
  for (const auto& change : std::vector<std::function<void(planner::TableMapping&)>>{
           [](auto& m) { m.on_duplicate = OnDuplicate::kDrop; },
           [](auto& m) { m.merged = planner::MergeMapping{"a", "b", "c"}; },
           [](auto& m) { m.reversal = planner::ReversalMapping{"a", "b"}; },
           [](auto& m) { m.columns["kind"].trim = true; }, [](auto& m) { m.columns["kind"].nfc = true; },
           [](auto& m) { m.columns["kind"].on_violation = OnViolation::kNull; }}) {
    planner::TableMapping changed = mapping_;
    change(changed);
    EXPECT_TRUE(NeedsCleaning(catalog_, table(), changed));
  }
}

TEST_F(Cleaning, ReportIsOneLine) {
  column("bsn").on_violation = OnViolation::kDrop;
  ASSERT_TRUE(Clean({{"1", kAnna, "1", "x"}, {"2", "1", "1", "x"}}).ok());
  EXPECT_EQ(ReportLine({"insurer.claims", report_, {}}),
            "insurer.claims: 2 rows read, 1 kept; 1 dropped, 1 of bsn break the rule bsn");
}

}  // namespace
}  // namespace care::connectors
