// Follows engine/exec/tables/group_table.cc, group_cells.cc, group_fold.cc, group_sorted.cc and group_percentile.cc.
#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>
#include <set>

#include "mpc/circuit/compare_circuits.h"
#include "mpc/cost/relational_cost.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/operator_openings.h"
#include "planner/physical/table_pricing.h"

namespace care::planner {
namespace {

bool WantsLeast(AggregateFunction function) {
  return function == AggregateFunction::kMin || function == AggregateFunction::kBoolAnd;
}
bool WantsExtreme(AggregateFunction function) {
  return WantsLeast(function) || function == AggregateFunction::kMax || function == AggregateFunction::kBoolOr;
}
bool IsPercentile(AggregateFunction function) {
  return function == AggregateFunction::kPercentileDiscrete || function == AggregateFunction::kPercentileContinuous;
}

using FlagKey = std::pair<std::optional<ColumnId>, std::optional<ColumnId>>;

// GroupFlags.
class FlagPrice {
 public:
  FlagPrice(Pricing& pricing, const PricedTable& table, bool has_base) : pricing_(pricing), table_(table), has_base_(has_base) {}

  FlagKey KeyOf(std::optional<ColumnId> argument, std::optional<ColumnId> filter) const {
    const auto found = argument ? table_.columns.find(*argument) : table_.columns.end();
    if (found == table_.columns.end() || !found->second.not_null) argument.reset();
    return {argument, filter};
  }
  // Whether there is one: without, all rows count.
  bool Of(const FlagKey& key) {
    const int planes = (has_base_ ? 1 : 0) + (key.first ? 1 : 0) + (key.second ? 1 : 0);
    if (made_.insert(key).second) {
      for (int plane = 1; plane < planes; ++plane) pricing_.And(table_.slots);
    }
    return planes > 0;
  }

 private:
  Pricing& pricing_;
  const PricedTable& table_;
  const bool has_base_;
  std::set<FlagKey> made_;
};

// FoldGroups.
class FoldPrice {
 public:
  FoldPrice(Pricing& pricing, PricedTable& table, unsigned cells)
      : pricing_(pricing), table_(table), cells_(cells), flags_(pricing, table, /*has_base=*/false) {}

  void Any(const FlagKey& key) {
    if (!any_.insert(key).second) return;
    InCells(key);
    Largest(1);
  }

  ValueForms Call(const NamedAggregate& named) {
    const AggregateCall& call = named.call;
    const std::optional<ColumnId> argument = ColumnOf(call.argument);
    const FlagKey key = flags_.KeyOf(argument, ColumnOf(call.filter));
    if (WantsExtreme(call.function)) {
      pricing_.BitsOf(table_, *argument);
      InCells(key);
      pricing_.And(cells_ * table_.slots, pricing_.Width(*argument));
      Largest(pricing_.Width(*argument));
      pricing_.Reshape(cells_, pricing_.Shape(*argument), pricing_.Shape(named.column));
      Any(key);
      pricing_.And(cells_, pricing_.Width(named.column));
      return {.bits = true, .not_null = true};
    }
    if (call.function == AggregateFunction::kSum) {
      pricing_.RingOf(table_, *argument);
      CellRings(key);
      if (HasOwnFlag(key)) {
        FlagRing(key);
        pricing_.Add(mpc::MultiplyCost(table_.slots));
      }
      pricing_.Add(mpc::DotProductsCost(cells_));
      Any(key);
      return {.ring = true, .not_null = true};
    }
    if (cells_ == 1) {
      InCells(key);
      pricing_.Add(mpc::CountFlagsCost(table_.slots));
      return {.ring = true};
    }
    CellRings(key);
    if (HasOwnFlag(key)) {
      FlagRing(key);
      pricing_.Add(mpc::DotProductsCost(cells_));
    }
    return {.ring = true};
  }

 private:
  void InCells(const FlagKey& key) {
    if (flags_.Of(key)) pricing_.And(table_.slots, cells_);
  }
  // A tournament of the slots of each cell.
  void Largest(unsigned width) {
    const std::vector<unsigned> less = mpc::LessThanCircuit(width, mpc::CompareDepth::kTree).AndsByRound();
    for (std::uint64_t rows = table_.slots; rows > 1; rows -= rows / 2) {
      const std::uint64_t pairs = rows / 2 * cells_;
      for (const unsigned ands : less) pricing_.And(pairs, ands);
      pricing_.Add(mpc::MuxCost(pairs, width));
    }
  }
  void CellRings(const FlagKey& key) {
    if (!rings_.insert(key).second) return;
    if ((!key.first && !key.second) || cells_ == 1) {
      InCells(key);
      pricing_.BitsToRing(table_.slots, cells_);
    } else {
      CellRings({});
    }
  }
  void FlagRing(const FlagKey& key) {
    if (!flag_rings_.insert(key).second) return;
    flags_.Of(key);
    pricing_.BitsToRing(table_.slots);
  }
  bool HasOwnFlag(const FlagKey& key) const { return cells_ > 1 && (key.first || key.second); }

  Pricing& pricing_;
  PricedTable& table_;
  const unsigned cells_;
  FlagPrice flags_;
  std::set<FlagKey> any_, rings_, flag_rings_;
};

// GroupBySort.
class SortedGroupsPrice {
 public:
  SortedGroupsPrice(Pricing& pricing, const GroupTableNode& node, PricedTable& table, const GroupSort& sort, bool with_determined)
      : pricing_(pricing),
        node_(node),
        table_(table),
        sort_(sort),
        with_determined_(with_determined),
        dense_(node.method == TableGroupMethod::kDense),
        one_(node.method == TableGroupMethod::kOneGroup),
        rows_(SortedRowsOf(node, table.slots)),
        flags_(pricing, table, one_) {}

  void Run(std::uint64_t groups, bool checks_bound, PricedTable& result) {
    if (with_determined_) {
      for (const ColumnId column : node_.determined) {
        CarryBits(column);
        if (table_.columns[column].not_null) ++planes_;
      }
    }
    for (const std::size_t call : sort_.calls) Carry(node_.calls[call].call);
    Sort();
    AddKeys(result);
    for (const std::size_t call : sort_.calls) AddCall(node_.calls[call], result);
    if (!one_) {
      pricing_.And(rows_);
      const std::uint64_t kept = std::min(groups, rows_);
      pricing_.Add(mpc::CompactCost(rows_, end_planes_, end_rings_, checks_bound ? &kept : nullptr));
    }
    for (const std::size_t call : sort_.calls) {
      const ColumnId column = node_.calls[call].column;
      const ValueForms& forms = result.columns[column];
      if (!forms.bits) continue;
      pricing_.Reshape(groups, pricing_.Shape(*ColumnOf(node_.calls[call].call.argument)), pricing_.Shape(column));
      if (forms.not_null) pricing_.And(groups, pricing_.Width(column));
    }
  }

 private:
  FlagKey KeyOf(const AggregateCall& call) const { return flags_.KeyOf(ColumnOf(call.argument), ColumnOf(call.filter)); }
  bool IsOrdered(const AggregateCall& call) const {
    return sort_.value && sort_.value == ColumnOf(call.argument) && sort_.filter == ColumnOf(call.filter);
  }
  bool FlagOfRows(const FlagKey& key, bool must_exist) { return flags_.Of(key) || (must_exist && dense_); }

  void CarryFlag(const FlagKey& key, bool must_exist) {
    if (flag_at_.count(key) != 0) return;
    if (!FlagOfRows(key, must_exist)) return;
    flag_at_.insert(key);
    ++planes_;
  }
  void CarryBits(ColumnId column) {
    if (!bits_at_.insert(column).second) return;
    pricing_.BitsOf(table_, column);
    planes_ += pricing_.Width(column);
  }
  void Carry(const AggregateCall& call) {
    const bool adds_up = call.function == AggregateFunction::kSum || call.function == AggregateFunction::kCount ||
                         call.function == AggregateFunction::kCountStar;
    if (IsOrdered(call) && (call.distinct || !adds_up)) return;
    CarryFlag(KeyOf(call), WantsExtreme(call.function));
    if (WantsExtreme(call.function)) return CarryBits(*ColumnOf(call.argument));
    if (call.function != AggregateFunction::kSum) return;
    const ColumnId argument = *ColumnOf(call.argument);
    if (!table_.columns[argument].ring) return CarryBits(argument);
    if (ring_at_.insert(argument).second) ++rings_;
  }

  void Sort() {
    unsigned ordered = 0, key_bits = 0;
    if (sort_.value) {
      const FlagKey key = flags_.KeyOf(sort_.value, sort_.filter);
      pricing_.BitsOf(table_, *sort_.value);
      has_flag_ = FlagOfRows(key, true);
      value_bits_ = pricing_.Width(*sort_.value);
      if (has_flag_) pricing_.And(rows_, value_bits_);
      ordered = value_bits_ + (has_flag_ ? 1 : 0);
    }
    if (!one_) {
      for (const ColumnId column : node_.group_by) {
        pricing_.BitsOf(table_, column);
        key_bits += pricing_.Width(column) + (table_.columns[column].not_null || dense_ ? 1 : 0);
      }
      ++key_bits;  // which rows are not valid
    }
    if (dense_) ++planes_;
    pricing_.Sort(rows_, ordered + key_bits, planes_, rings_);
    if (!one_) pricing_.Add(mpc::ContinuesSegmentCost(rows_, key_bits));
    const bool asks = std::any_of(sort_.calls.begin(), sort_.calls.end(), [&](std::size_t i) {
      const AggregateCall& call = node_.calls[i].call;
      return call.distinct && IsOrdered(call) && !WantsExtreme(call.function);
    });
    if (!asks) return;
    pricing_.Add(mpc::ContinuesSegmentCost(rows_, ordered));
    pricing_.And(rows_);
    if (has_flag_) pricing_.And(rows_);
  }

  void AddKeys(PricedTable& result) {
    if (dense_) {
      pricing_.Add(mpc::RunningOrCost(rows_));
      ++end_planes_;
      return;
    }
    if (one_) return;
    const auto add = [&](ColumnId column) {
      const bool not_null = table_.columns[column].not_null;
      end_planes_ += pricing_.Width(column) + (not_null ? 1 : 0);
      result.columns.try_emplace(column, ValueForms{.bits = true, .not_null = not_null});
    };
    for (const ColumnId column : node_.group_by) add(column);
    if (with_determined_) {
      for (const ColumnId column : node_.determined) add(column);
    }
  }

  bool FlagAt(const FlagKey& key) const { return flag_at_.count(key) != 0; }
  void FlagRing(bool flag) {
    if (flag) pricing_.BitsToRing(rows_);
  }
  bool AnyOf(bool flag) {
    if (!flag) return false;
    pricing_.Add(mpc::RunningOrCost(rows_));
    ++end_planes_;
    return true;
  }

  void AddCall(const NamedAggregate& named, PricedTable& result) {
    const AggregateCall& call = named.call;
    ValueForms& forms = result.columns[named.column];
    if (IsPercentile(call.function)) {
      call.function == AggregateFunction::kPercentileDiscrete ? RowOfPercentile(call.fraction) : WeightsOfPercentile();
      forms.not_null = has_flag_;
      end_planes_ += has_flag_ ? 1 : 0;
      if (call.function == AggregateFunction::kPercentileDiscrete) {
        OneRow();
        forms.bits = true;
      } else {
        pricing_.UnsignedToRing(rows_, value_bits_);
        pricing_.Add(mpc::MultiplyCost(rows_));
        forms.ring = true;
        ++end_rings_;
      }
    } else if (WantsExtreme(call.function)) {
      forms.bits = true;
      forms.not_null = IsOrdered(call) ? OrderedExtreme(call) : Extreme(call);
    } else if (call.distinct && IsOrdered(call)) {
      forms.ring = true;
      if (call.function == AggregateFunction::kCount) {
        FlagRing(true);
        ++end_rings_;
      } else {
        forms.not_null = AnyOf(has_flag_);
        SumOfBits(*ColumnOf(call.argument), true);
      }
    } else if (call.function == AggregateFunction::kSum) {
      forms.ring = true;
      const bool flag = FlagAt(KeyOf(call));
      forms.not_null = AnyOf(flag);
      const ColumnId argument = *ColumnOf(call.argument);
      if (ring_at_.count(argument) == 0) return SumOfBits(argument, flag);
      FlagRing(flag);
      if (flag) pricing_.Add(mpc::MultiplyCost(rows_));
      ++end_rings_;
    } else {
      forms.ring = true;
      FlagRing(FlagAt(KeyOf(call)));
      ++end_rings_;
    }
  }

  void SumOfBits(ColumnId argument, bool flag) {
    const SharedValueShape& shape = pricing_.Shape(argument);
    if (flag) pricing_.And(rows_, shape.width);
    pricing_.UnsignedToRing(rows_, shape.width);
    if (shape.base != 0) FlagRing(flag);
    ++end_rings_;
  }

  // Both yield whether the extreme may be NULL.
  bool OrderedExtreme(const AggregateCall& call) {
    if (!WantsLeast(call.function)) {
      end_planes_ += value_bits_ + (has_flag_ ? 1 : 0);
      return has_flag_;
    }
    if (has_flag_) {
      pricing_.And(rows_);
      pricing_.And(rows_);
      ++end_planes_;
    }
    OneRow();
    return has_flag_;
  }
  bool Extreme(const AggregateCall& call) {
    const bool flag = FlagAt(KeyOf(call));
    const unsigned width = pricing_.Width(*ColumnOf(call.argument));
    if (flag) pricing_.And(rows_, width);
    pricing_.Add(mpc::RunningMinimumCost(rows_, width));
    AnyOf(flag);
    if (flag && WantsLeast(call.function)) pricing_.And(rows_, width);
    end_planes_ += width;
    return flag;
  }
  void OneRow() {
    pricing_.And(rows_, value_bits_);
    end_planes_ += value_bits_;
  }

  // --- group_percentile.cc
  void Numbers(unsigned width) {
    const auto number_bits = static_cast<unsigned>(std::bit_width(rows_));
    if (has_flag_) pricing_.Add(mpc::BitsToRingCost(rows_, 1, width));
    pricing_.Add(mpc::RingToBitsCost(rows_, number_bits));
    pricing_.Add(mpc::CopyDownCost(rows_, number_bits));
    pricing_.Add(mpc::CopyDownCost(rows_, number_bits));
    pricing_.Add(mpc::IntegersToRingCost(2 * rows_, number_bits, width, mpc::CompareDepth::kTree));
  }
  void RowOfPercentile(Decimal fraction) {
    auto p = static_cast<std::uint64_t>(fraction.unscaled);
    std::uint64_t q = 1;
    for (int i = 0; i < fraction.scale; ++i) q *= 10;
    q = p == 0 ? rows_ + 1 : q / std::gcd(p, q);
    const unsigned width = static_cast<unsigned>(std::bit_width(rows_)) + static_cast<unsigned>(std::bit_width(q)) + 3;
    if (width > 64) return pricing_.Fail();
    Numbers(width);
    pricing_.Add(mpc::RingToBitsCost(2 * rows_, width));
    pricing_.And(rows_);
    if (has_flag_) pricing_.And(rows_);
  }
  void WeightsOfPercentile() {
    Numbers(64);
    pricing_.Add(mpc::RingToBitsCost(3 * rows_, 64));
    pricing_.And(rows_);
    if (has_flag_) pricing_.And(rows_);
    pricing_.BitsToRing(rows_);
    pricing_.BitsToRing(rows_);
    pricing_.Add(mpc::MultiplyCost(rows_));
    pricing_.Add(mpc::MultiplyCost(rows_));
  }

  Pricing& pricing_;
  const GroupTableNode& node_;
  PricedTable& table_;
  const GroupSort& sort_;
  const bool with_determined_, dense_, one_;
  const std::uint64_t rows_;
  FlagPrice flags_;
  unsigned planes_ = 0, rings_ = 0;          // of the block that travels beside the key
  unsigned end_planes_ = 0, end_rings_ = 0;  // of what the groups' last rows leave
  unsigned value_bits_ = 0;
  bool has_flag_ = false;
  std::set<FlagKey> flag_at_;
  std::set<ColumnId> bits_at_, ring_at_;
};

void PriceCellFlags(Pricing& pricing, const GroupTableNode& group, PricedTable& table) {
  std::uint64_t cells = 1;
  for (std::size_t key = 0; key < group.group_by.size(); ++key) {
    const ColumnId column = group.group_by[key];
    pricing.BitsOf(table, column);
    const std::uint64_t size = group.domains[key].size();
    pricing.Add(mpc::EqualBitsCost(size * table.slots, pricing.Width(column)));
    for (const Value& value : group.domains[key]) {
      if (!IsNull(value) && table.columns[column].not_null) pricing.And(table.slots);
    }
    cells *= size;
    pricing.And(table.slots, static_cast<unsigned>(cells));
  }
}

}  // namespace

PricedTable PriceGroup(Pricing& pricing, const GroupTableNode& group, PricedTable& table) {
  table.slots = std::max<std::uint64_t>(table.slots, 1);
  const GroupSorts sorts = SortsOf(group);
  const bool one = group.method == TableGroupMethod::kOneGroup;
  const bool dense = group.method == TableGroupMethod::kDense;
  PricedTable groups{.slots = one ? 1 : dense ? CellsOf(group) : group.group_bound, .columns = {}};
  if (one || sorts.by_cells) {
    if (sorts.by_cells) PriceCellFlags(pricing, group, table);
    FoldPrice fold(pricing, table, sorts.by_cells ? static_cast<unsigned>(CellsOf(group)) : 1);
    if (dense) fold.Any({});
    for (const std::size_t call : sorts.folded) groups.columns[group.calls[call].column] = fold.Call(group.calls[call]);
  }
  for (std::size_t i = 0; i < sorts.sorts.size(); ++i) {
    const bool checks_bound = i == 0 && NeedsGroupBound(group, table.slots);
    SortedGroupsPrice(pricing, group, table, sorts.sorts[i], i == 0).Run(groups.slots, checks_bound, groups);
  }
  if (!dense) return groups;
  for (std::size_t key = 0; key < group.group_by.size(); ++key) {
    const auto& domain = group.domains[key];
    groups.columns[group.group_by[key]] = {.bits = true, .not_null = std::any_of(domain.begin(), domain.end(), IsNull)};
  }
  return groups;
}

}  // namespace care::planner
