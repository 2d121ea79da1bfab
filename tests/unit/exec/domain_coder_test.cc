#include "engine/exec/domain_coder.h"

#include <gtest/gtest.h>

#include "connectors/connector.h"

namespace care::engine {
namespace {

Column ColumnOf(planner::ColumnId id, DataType type, const std::vector<Value>& values) {
  Column column;
  column.name = connectors::ColumnName(id);
  column.type = type;
  for (const Value& value : values) column.Append(value);
  return column;
}

std::vector<int> CodesOf(const planner::GroupDomain& domain, const Column& column) {
  const DomainCoder coder(domain);
  std::vector<int> codes;
  for (std::size_t row = 0; row < column.size(); ++row) codes.push_back(coder.CodeOf(column, row));
  return codes;
}

using Codes = std::vector<int>;

TEST(DomainCoder, TextsByPositionAndNullLast) {
  const Column column = ColumnOf(
      0, kTextType, {std::string("low"), std::string("high"), Null{}, std::string("Low"), std::string("")});
  const std::vector<Value> values{std::string("low"), std::string("middle"), std::string("high")};
  EXPECT_EQ(CodesOf({0, values, true}, column), (Codes{0, 2, 3, -1, -1}));
  EXPECT_EQ(CodesOf({0, values, false}, column), (Codes{0, 2, -1, -1, -1}));
}

TEST(DomainCoder, BooleansAndIntegers) {
  EXPECT_EQ(CodesOf({0, {false, true}, true}, ColumnOf(0, kBooleanType, {true, false, Null{}})),
            (Codes{1, 0, 2}));
  const std::vector<Value> values{std::int64_t{-1}, std::int64_t{0}, std::int64_t{7}};
  EXPECT_EQ(CodesOf({0, values, true},
                    ColumnOf(0, kIntegerType, {std::int64_t{7}, Null{}, std::int64_t{0}, std::int64_t{1}})),
            (Codes{2, 3, 1, -1}));
}

TEST(DomainCoder, CellsOfRowsAreMixedRadixAndOneStrangerSpoilsTheRow) {
  ColumnBatch batch;
  batch.rows = 4;
  batch.columns.push_back(
      ColumnOf(5, kTextType, {std::string("a"), std::string("b"), Null{}, std::string("?")}));
  batch.columns.push_back(ColumnOf(6, kBooleanType, {true, false, true, true}));
  const planner::GroupDomain text{5, {std::string("a"), std::string("b")}, true};
  const planner::GroupDomain flag{6, {false, true}, false};
  EXPECT_EQ(CellsOfRows(batch, {text, flag}), (std::vector<std::int64_t>{1, 2, 5, -1}));
  EXPECT_EQ(CellsOfRows(batch, {flag, text}), (std::vector<std::int64_t>{3, 1, 5, -1}));
  EXPECT_EQ(CellsOfRows(batch, {}), (std::vector<std::int64_t>{0, 0, 0, 0}));
}

}  // namespace
}  // namespace care::engine
