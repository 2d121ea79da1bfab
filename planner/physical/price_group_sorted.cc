// Follows engine/exec/tables/group_sorted.cc, group_sorted_calls.cc and group_percentile.cc.
#include <algorithm>
#include <bit>
#include <numeric>
#include <set>

#include "mpc/cost/relational_cost.h"
#include "planner/physical/group_pricing.h"

namespace care::planner {
namespace {

bool IsPercentile(AggregateFunction function) {
  return function == AggregateFunction::kPercentileDiscrete || function == AggregateFunction::kPercentileContinuous;
}

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

}  // namespace

void PriceGroupSort(Pricing& pricing, const GroupTableNode& node, PricedTable& table, const GroupSort& sort, bool with_determined,
                    std::uint64_t groups, bool checks_bound, PricedTable& result) {
  SortedGroupsPrice(pricing, node, table, sort, with_determined).Run(groups, checks_bound, result);
}

}  // namespace care::planner
