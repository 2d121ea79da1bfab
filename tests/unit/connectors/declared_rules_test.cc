// What every connector asks of a text before anything of its column is shared.
#include "connectors/declared/declared_rules.h"

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

}  // namespace
}  // namespace care::connectors
