// The comparison that the demonstration's and the differential tests' verdicts rest on must itself be able to
// say no: each kind of difference is made once.
#include "engine/frontend/reference/text_table.h"

#include <gtest/gtest.h>

namespace care::engine {
namespace {

TextTable Sample() {
  return {.columns = {{"education", "text"}, {"change", "numeric"}},
          .rows = {{TextCell("low"), TextCell("1.0")}, {TextCell(""), TextCell()}}};
}

TEST(CompareTables, EqualTablesHaveNoDifferences) {
  const TableComparison comparison = CompareTables(Sample(), Sample());
  EXPECT_EQ(comparison.cells, 4u);
  EXPECT_TRUE(comparison.differences.empty());
}

TEST(CompareTables, ScaleMatters) {
  TextTable other = Sample();
  other.rows[0][1] = "1.00";
  EXPECT_EQ(CompareTables(Sample(), other).differences.size(), 1u);
}

TEST(CompareTables, NullIsNotTheEmptyText) {
  TextTable other = Sample();
  other.rows[1][0] = TextCell();
  EXPECT_EQ(CompareTables(Sample(), other).differences.size(), 1u);
}

TEST(CompareTables, TypesNamesAndOrderMatter) {
  TextTable other = Sample();
  other.columns[1].type = "bigint";
  EXPECT_EQ(CompareTables(Sample(), other).differences.size(), 1u);
  other = Sample();
  other.columns[0].name = "level";
  EXPECT_EQ(CompareTables(Sample(), other).differences.size(), 1u);
  other = Sample();
  std::swap(other.rows[0], other.rows[1]);
  EXPECT_EQ(CompareTables(Sample(), other).differences.size(), 4u);
}

TEST(CompareTables, MissingRowsAreADifference) {
  TextTable other = Sample();
  other.rows.pop_back();
  EXPECT_EQ(CompareTables(Sample(), other).differences.size(), 1u);
}

TEST(CompareTables, SuppressedCellsAreCountedApart) {
  TextTable other = Sample();
  other.rows[0][1] = TextCell();
  const TableComparison comparison = CompareTables(Sample(), other, {{false, true}, {false, false}});
  EXPECT_EQ(comparison.cells, 3u);
  EXPECT_EQ(comparison.skipped, 1u);
  EXPECT_TRUE(comparison.differences.empty());
}

TEST(ParseCsv, TellsNullFromEmptyAndUnquotes) {
  const auto rows = ParseCsv("a,,\"\"\n\"x \"\"y\"\", z\nw\",t,f\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (std::vector<TextCell>{TextCell("a"), TextCell(), TextCell("")}));
  EXPECT_EQ(rows[1], (std::vector<TextCell>{TextCell("x \"y\", z\nw"), TextCell("t"), TextCell("f")}));
}

}  // namespace
}  // namespace care::engine
