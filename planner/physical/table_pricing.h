// planner/physical/table_pricing.h
//
// What all prices of operators over shared tables need: which forms a table's columns have at this point of the plan, what the
// columns' shapes are, over which link, and the sum so far. Each price follows its operator's code in engine/exec/tables call for
// call, with the cost of every call from mpc/cost; the two change together.
//
// What a sort of many rows compares varies with its shuffle: its expectation counts (mpc/cost/sort_plan.h), everything else is
// exact. The gate's threshold is agreed after planning: 10 is assumed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "mpc/cost/cost.h"
#include "mpc/cost/link_speed.h"
#include "mpc/cost/sort_plan.h"
#include "planner/physical/physical_plan.h"
#include "planner/physical/shared_value.h"

namespace care::planner {

struct ValueForms {
  bool bits = false;
  bool ring = false;
  bool not_null = false;  // a plane says where there is a value
};

struct PricedTable {
  std::uint64_t slots = 0;
  std::map<ColumnId, ValueForms> columns;
};

// Whether somebody after the operator reads a column.
using IsRead = std::function<bool(ColumnId)>;

class Pricing {
 public:
  Pricing(const std::vector<ColumnInfo>& columns, const mpc::LinkSpeed& link) : columns_(columns), link_(link) {}

  const std::vector<ColumnInfo>& columns() const { return columns_; }
  const mpc::LinkSpeed& link() const { return link_; }

  // Null where the column has none.
  const SharedValueShape* FindShape(ColumnId column);
  // Of a column that must have one: otherwise there is no price.
  const SharedValueShape& Shape(ColumnId column);
  unsigned Width(ColumnId column) { return Shape(column).width; }

  void Add(const mpc::Cost& cost) { cost_ += cost; }
  void And(std::uint64_t rows, unsigned planes = 1) { Add(mpc::AndCost(rows, planes)); }
  void BitsToRing(std::uint64_t rows, unsigned planes = 1) { Add(mpc::BitsToRingCost(rows, planes)); }
  // mpc::SortRows.
  void Sort(std::uint64_t rows, unsigned key_bits, unsigned width, unsigned rings, std::uint64_t first_ranks = mpc::kAllRanks);
  // What the sorts so far take in comparisons beside the link.
  std::uint64_t comparisons() const { return comparisons_; }

  // --- engine/exec/tables/value_forms.h
  void BitsOf(PricedTable& table, ColumnId column);
  void RingOf(PricedTable& table, ColumnId column);
  void BitsToStored(std::uint64_t rows, unsigned width);
  void Reshape(std::uint64_t rows, const SharedValueShape& from, const SharedValueShape& target);
  // engine/exec/tables/group_rows.h
  void UnsignedToRing(std::uint64_t rows, unsigned width);

  // What follows has no price: the plan is one that its validator refuses.
  void Fail() { failed_ = true; }
  bool failed() const { return failed_; }
  const mpc::Cost& cost() const { return cost_; }
  mpc::Cost Take();

 private:
  const std::vector<ColumnInfo>& columns_;
  mpc::LinkSpeed link_;
  std::map<ColumnId, std::optional<SharedValueShape>> shapes_;
  SharedValueShape no_shape_;
  mpc::Cost cost_;
  std::uint64_t comparisons_ = 0;
  bool failed_ = false;
};

// An expression at every slot of a table (engine/exec/tables/table_evaluator.h). Forms that are made on the way stay.
void PriceCondition(Pricing& pricing, PricedTable& table, const ExpressionPtr& condition);
ValueForms PriceExpression(Pricing& pricing, PricedTable& table, const ExpressionPtr& expression, const ColumnInfo& column);

// What the order of the left's or the input's slots saves (share_orders.h).
struct KnownOrder {
  bool distinct = false;   // no two rows have one key
  bool stands_by = false;  // rows of one key are neighbours
};
PricedTable PriceJoin(Pricing& pricing, const JoinTablesNode& join, PricedTable& left, PricedTable& right, const IsRead& read,
                      const KnownOrder& order = {});
PricedTable PriceGroup(Pricing& pricing, const GroupTableNode& group, PricedTable& table, const IsRead& read,
                       const KnownOrder& order = {});
PricedTable PriceWindow(Pricing& pricing, const WindowTableNode& window, PricedTable& table, const IsRead& read);
PricedTable PriceTop(Pricing& pricing, const TopTableNode& top, PricedTable& table, const IsRead& read);
PricedTable PriceCompact(Pricing& pricing, const CompactTableNode& compact, const PricedTable& table, const IsRead& read);

}  // namespace care::planner
