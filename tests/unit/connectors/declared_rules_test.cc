// What every connector asks of a text before anything of its column is shared.
#include "connectors/declared/declared_rules.h"

#include <limits>

#include <gtest/gtest.h>

namespace care::connectors {
namespace {

// Shared texts are padded with zero bytes, so one inside would be taken for the end, and only where its row passes a filter.
TEST(DeclaredRules, ATextHoldsNoZeroByte) {
  const DeclaredRules rules(planner::CatalogColumn{.type = kTextType});
  EXPECT_EQ(rules.Text("ab"), CellRule::kHolds);
  EXPECT_EQ(rules.Text(""), CellRule::kHolds);
  EXPECT_EQ(rules.Text(std::string_view("a\0b", 3)), CellRule::kText);
  EXPECT_EQ(rules.Text(std::string_view("a\0", 2)), CellRule::kText);
  EXPECT_EQ(rules.Text("a\xff"), CellRule::kText);
}

// Half away from zero, as round(x::numeric, 2) does; what has no such number is out of range.
TEST(DeclaredRules, FloatingPointIsRoundedToItsDecimals) {
  planner::CatalogColumn column{.type = {TypeKind::kNumeric, 5, 2}, .shown_as = TypeKind::kDouble};
  const DeclaredRules rules(column);
  std::int64_t value = 0;
  EXPECT_EQ(rules.Float(0.125, value), CellRule::kHolds);
  EXPECT_EQ(value, 13);
  EXPECT_EQ(rules.Float(-0.125, value), CellRule::kHolds);
  EXPECT_EQ(value, -13);
  EXPECT_EQ(rules.Float(0.1 + 0.2, value), CellRule::kHolds);
  EXPECT_EQ(value, 30);
  EXPECT_EQ(rules.Float(1e-300, value), CellRule::kHolds);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(rules.Number(Decimal{999'994, 3}, value), CellRule::kHolds);
  EXPECT_EQ(value, 99'999);
  EXPECT_EQ(rules.Float(999.995, value), CellRule::kRange);
  EXPECT_EQ(rules.Float(1e300, value), CellRule::kRange);
  EXPECT_EQ(rules.Float(std::numeric_limits<double>::infinity(), value), CellRule::kRange);
  EXPECT_EQ(rules.Float(std::numeric_limits<double>::quiet_NaN(), value), CellRule::kRange);
  column.shown_as = TypeKind::kUnknown;
  EXPECT_EQ(DeclaredRules(column).Float(0.5, value), CellRule::kFloatingPoint);
}

}  // namespace
}  // namespace care::connectors
