#include "engine/exec/tables/table_execution.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "connectors/connector.h"
#include "engine/exec/local/expression_evaluator.h"
#include "planner/physical/leakage.h"
#include "planner/physical/table_expressions.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::engine {
namespace {

using planner::ColumnId;
using planner::Function;
using planner::MakeCall;
using planner::MakeColumn;
using planner::MakeLiteral;

constexpr DataType kMoney{TypeKind::kNumeric, 8, 2};

// Two owners' rows end to end, a column made of others, a filter, and the opening of everything.
struct Fixture {
  planner::PhysicalPlan plan;
  planner::Catalog catalog;
  std::map<planner::NodeId, ColumnBatch> batches;
  std::vector<std::string> expected;  // a line a row, sorted

  ColumnId Column(planner::ColumnInfo info) {
    info.name = "c" + std::to_string(plan.columns.size());
    plan.columns.push_back(std::move(info));
    return static_cast<ColumnId>(plan.columns.size() - 1);
  }

  explicit Fixture(unsigned seed) {
    std::mt19937_64 random(seed);
    planner::ConcatTablesNode concat;
    std::vector<std::vector<Value>> rows;
    for (PartyId party = 0; party < 2; ++party) {
      const std::int64_t low = party == 0 ? -3 : 5;
      const ColumnId number = Column({.type = kIntegerType, .nullable = party == 1, .min = low, .max = low + 90});
      const ColumnId money = Column({.type = kMoney, .nullable = true, .min = -5000, .max = 7000 + 100 * party});
      const ColumnId color = Column({.type = kTextType,
                                     .nullable = false,
                                     .domain = party == 0 ? std::vector<std::string>{"red", "blue"}
                                                          : std::vector<std::string>{"green", "red"}});
      const ColumnId name = Column({.type = kTextType, .nullable = party == 0, .max_bytes = party == 0 ? 11u : 5u});
      const ColumnId day = Column({.type = kDateType, .nullable = false, .min = 8000, .max = 8400});
      ColumnBatch batch;
      batch.rows = 5 + random() % 60;
      for (ColumnId id : {number, money, color, name, day}) {
        const planner::ColumnInfo& info = plan.columns[id];
        struct Column column{.name = connectors::ColumnName(id), .type = info.type};
        for (std::size_t row = 0; row < batch.rows; ++row) {
          const auto drawn = static_cast<std::int64_t>(random() % 91);
          if (info.nullable && random() % 4 == 0) {
            column.Append(Null{});
          } else if (id == number) {
            column.Append(low + drawn);
          } else if (id == money) {
            column.Append(Decimal{drawn * 100 - 2000, 2});
          } else if (id == color) {
            column.Append(info.domain[random() % 2]);
          } else if (id == name) {
            column.Append(std::string("abcdefghijk").substr(0, random() % (info.max_bytes + 1)));
          } else {
            column.Append(Date{static_cast<std::int32_t>(8000 + drawn)});
          }
        }
        batch.columns.push_back(std::move(column));
      }
      for (std::size_t row = 0; row < batch.rows; ++row) {
        rows.emplace_back();
        for (const struct Column& column : batch.columns) rows.back().push_back(column.At(row));
      }
      plan.nodes.push_back(planner::LocalNode{.party = party, .row_bound = 70});
      planner::ShareTableNode share{.local = static_cast<planner::NodeId>(plan.nodes.size() - 1), .columns = {}};
      share.columns = {{number, true, true}, {money, party == 1, true}, {color}, {name}, {day}};
      batches[share.local] = std::move(batch);
      plan.nodes.push_back(std::move(share));
      concat.inputs.push_back(static_cast<planner::NodeId>(plan.nodes.size() - 1));
      concat.input_columns.push_back({number, money, color, name, day});
    }
    const ColumnId number = Column({.type = kIntegerType, .nullable = true, .min = -3, .max = 95});
    const ColumnId money = Column({.type = kMoney, .nullable = true, .min = -5000, .max = 7100});
    const ColumnId color = Column({.type = kTextType, .nullable = false, .domain = {"red", "blue", "green"}});
    const ColumnId name = Column({.type = kTextType, .nullable = true, .max_bytes = 11});
    const ColumnId day = Column({.type = kDateType, .nullable = false, .min = 8000, .max = 8400});
    concat.columns = {number, money, color, name, day};
    plan.nodes.push_back(concat);
    const auto column = [&](ColumnId id) { return MakeColumn(id, plan.columns[id].type); };
    const auto product = MakeCall(Function::kMultiply, {column(money), column(number)}, {TypeKind::kNumeric, 0, 2});
    const ColumnId total = Column(planner::JointColumn(product, plan.columns));
    plan.nodes.push_back(planner::DeriveTableNode{2 * 2, {{total, product}}});
    const auto predicate = MakeCall(
        Function::kOr,
        {MakeCall(Function::kEqual, {column(color), MakeLiteral(std::string("red"), kTextType)}, kBooleanType),
         MakeCall(Function::kLess, {column(total), MakeLiteral(Decimal{2050, 1}, {TypeKind::kNumeric, 0, 1})}, kBooleanType)},
        kBooleanType);
    plan.nodes.push_back(planner::FilterTableNode{5, predicate});
    plan.nodes.push_back(planner::GateTableNode{.input = 6});
    planner::OpenTableNode open{.input = 7, .columns = {number, money, color, name, day, total}};
    plan.nodes.push_back(open);
    plan.recipient = 2;
    for (const std::vector<Value>& row : rows) {
      ColumnBatch one{.columns = {}, .rows = 1};
      for (std::size_t i = 0; i < row.size(); ++i) {
        one.columns.push_back({.name = connectors::ColumnName(concat.columns[i]), .type = plan.columns[concat.columns[i]].type});
        one.columns.back().Append(row[i]);
      }
      const auto value = EvaluateExpression(product, one);
      one.columns.push_back(*value);
      one.columns.back().name = connectors::ColumnName(total);
      if ((*EvaluatePredicate(predicate, one))[0] == 0) continue;
      std::string line;
      for (const struct Column& cell : one.columns) line += cell.IsNull(0) ? "NULL|" : FormatValue(cell.At(0)) + "|";
      expected.push_back(line);
    }
    std::sort(expected.begin(), expected.end());
  }

  absl::StatusOr<std::vector<std::string>> Run(mpc::Protocol& protocol, const std::vector<Disclosure>& disclosures) const {
    std::map<planner::NodeId, ColumnBatch> own;
    for (const auto& [id, batch] : batches)
      if (protocol.Holds(std::get<planner::LocalNode>(plan.nodes[id]).party)) own[id] = batch;
    int entered = 0;
    const TableRun run{.protocol = protocol,
                       .plan = plan,
                       .disclosures = disclosures,
                       .batches = own,
                       .title = [](ColumnId id) { return "t.c" + std::to_string(id); },
                       .threshold = 10,
                       .link = {},
                       .before_open =
                           [&] {
                             ++entered;
                             return absl::OkStatus();
                           },
                       .progress = {}};
    CARE_ASSIGN_OR_RETURN(const std::vector<OpenedTable> opened, RunTables(run));
    EXPECT_EQ(entered, 1);
    std::vector<std::string> lines;
    if (opened.empty()) return lines;
    for (std::size_t slot = 0; slot < opened[0].stands.size(); ++slot) {
      if (opened[0].stands[slot] == 0) continue;
      std::string line;
      for (const std::vector<Value>& column : opened[0].values)
        line += IsNull(column[slot]) ? "NULL|" : FormatValue(column[slot]) + "|";
      lines.push_back(line);
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

TEST(TableExecution, SharesConcatenatesDerivesFiltersAndOpens) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    const Fixture fixture(seed);
    const std::vector<Disclosure> disclosures = planner::LeakageOf(fixture.plan, fixture.catalog);
    ASSERT_EQ(disclosures.size(), 2u);
    mpc::Plain plain(disclosures);
    const auto clear = fixture.Run(plain, disclosures);
    ASSERT_TRUE(clear.ok()) << clear.status();
    EXPECT_EQ(*clear, fixture.expected);
    EXPECT_FALSE(fixture.expected.empty());
    mpc::ThreePartiesOptions options;
    options.disclosures = disclosures;
    const auto run = mpc::RunThreeParties(
        [&](mpc::Protocol& protocol) { return fixture.Run(protocol, disclosures); }, options);
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_TRUE(run.results[0]->empty());
    EXPECT_TRUE(run.results[1]->empty());
    EXPECT_EQ(*run.results[2], fixture.expected);
    EXPECT_TRUE(run.rounds_agree);
  }
}

TEST(TableExecution, ChecksValuesBeforeAnythingIsSent) {
  const auto message = [](int column, const Value& value) {
    Fixture fixture(1);
    Column& changed = fixture.batches.at(2).columns[column];
    Column other{.name = changed.name, .type = changed.type};
    for (std::size_t row = 0; row < changed.size(); ++row) other.Append(row == 3 ? value : changed.At(row));
    changed = other;
    const std::vector<Disclosure> disclosures = planner::LeakageOf(fixture.plan, fixture.catalog);
    mpc::Plain plain(disclosures);
    return std::string(fixture.Run(plain, disclosures).status().message());
  };
  EXPECT_NE(message(0, Value(std::int64_t{96})).find("t.c5 holds a value outside the declared range"), std::string::npos);
  EXPECT_NE(message(0, Value(std::int64_t{4})).find("outside the declared range"), std::string::npos);
  EXPECT_NE(message(2, Value(std::string("pink"))).find("t.c7 holds a value outside its declared domain"), std::string::npos);
  EXPECT_NE(message(3, Value(std::string("secret"))).find("longer than declared"), std::string::npos);
  EXPECT_EQ(message(3, Value(std::string("secret"))).find("secret"), std::string::npos);
  EXPECT_NE(message(3, Value(std::string("a\0b", 3))).find("zero byte"), std::string::npos);
  EXPECT_NE(message(4, Value(Null{})).find("t.c9 holds a NULL, although"), std::string::npos);
}

}  // namespace
}  // namespace care::engine
