// Follows engine/exec/tables/group_table.cc, group_by_owner.cc, group_cells.cc, group_fold.cc, group_sorted.cc and group_percentile.cc.
#include <algorithm>
#include <bit>
#include <map>
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

  void Run(const GroupTableNode& node, const std::vector<std::size_t>& calls, PricedTable& groups) {
    if (node.method == TableGroupMethod::kDense) AskAny({});
    for (const std::size_t call : calls) Ask(node.calls[call].call);
    if (any_planes_ > 0) pricing_.Add(mpc::AnyRowCost(table_.slots, any_planes_));
    if (count_planes_ > 0) pricing_.Add(mpc::CountFlagsCost(table_.slots, 64, count_planes_));
    SumInRing();
    for (const std::size_t call : calls) groups.columns[node.calls[call].column] = Answer(node.calls[call]);
  }

 private:
  FlagKey KeyOf(const AggregateCall& call) const { return flags_.KeyOf(ColumnOf(call.argument), ColumnOf(call.filter)); }
  static bool IsBoolean(AggregateFunction function) {
    return function == AggregateFunction::kBoolAnd || function == AggregateFunction::kBoolOr;
  }

  void InCells(const FlagKey& key) {
    if (in_cells_.insert(key).second && flags_.Of(key)) pricing_.And(table_.slots, cells_);
  }
  void AskAny(const FlagKey& key) {
    if (!any_.insert(key).second) return;
    InCells(key);
    any_planes_ += cells_;
  }
  void AskCount(const FlagKey& key) {
    if (!counts_.insert(key).second) return;
    InCells(key);
    count_planes_ += cells_;
  }

  void Ask(const AggregateCall& call) {
    const FlagKey key = KeyOf(call);
    if (IsBoolean(call.function)) {
      AskAny(key);
      pricing_.BitsOf(table_, *ColumnOf(call.argument));
      InCells(key);
      pricing_.And(table_.slots, cells_);
      any_planes_ += cells_;
      return;
    }
    if (WantsExtreme(call.function)) return AskAny(key);
    if (call.function != AggregateFunction::kSum) return AskCount(key);
    AskAny(key);
    const ColumnId argument = *ColumnOf(call.argument);
    const ValueForms& forms = table_.columns[argument];
    if (forms.ring || !forms.bits || !SumsByBits(cells_, pricing_.Width(argument))) {
      ring_sums_[key].insert(argument);
      return;
    }
    if (!bit_sums_.insert({key, argument}).second) return;
    AskCount(key);
    InCells(key);
    pricing_.And(table_.slots, cells_ * pricing_.Width(argument));
    count_planes_ += cells_ * pricing_.Width(argument);
  }

  void SumInRing() {
    if (ring_sums_.empty()) return;
    std::vector<std::uint64_t> sums_of_flag;
    for (const auto& [key, arguments] : ring_sums_) {
      sums_of_flag.push_back(arguments.size());
      InCells(key);
      for (const ColumnId argument : arguments) pricing_.RingOf(table_, argument);
    }
    const std::uint64_t across = CellsAcross(cells_, sums_of_flag);
    const std::uint64_t block = FoldBlockRows(table_.slots, pricing_.link());
    const mpc::Cost each = BlockCost(block, across, sums_of_flag);
    const std::uint64_t blocks = table_.slots / block;
    pricing_.Add({each.bytes * blocks, each.rounds * blocks});
    if (table_.slots % block != 0) pricing_.Add(BlockCost(table_.slots % block, across, sums_of_flag));
  }
  mpc::Cost BlockCost(std::uint64_t rows, std::uint64_t across, const std::vector<std::uint64_t>& sums_of_flag) const {
    const bool direct = across == cells_;
    const auto lefts = static_cast<unsigned>(direct ? cells_ : (cells_ + across - 1) / across);
    mpc::Cost cost;
    if (!direct) cost += mpc::BitsToRingCost(rows, static_cast<unsigned>(across));
    for (const std::uint64_t sums : sums_of_flag) {
      cost += mpc::BitsToRingCost(rows, lefts);
      for (std::uint64_t i = 0; i < sums; ++i) {
        if (!direct) cost += mpc::MultiplyEachCost(rows, lefts);
        cost += mpc::DotProductsCost(cells_);
      }
    }
    return cost;
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

  ValueForms Answer(const NamedAggregate& named) {
    const AggregateCall& call = named.call;
    if (call.function == AggregateFunction::kCount || call.function == AggregateFunction::kCountStar) return {.ring = true};
    if (!WantsExtreme(call.function)) return {.ring = true, .not_null = true};
    if (!IsBoolean(call.function)) {
      const ColumnId argument = *ColumnOf(call.argument);
      pricing_.BitsOf(table_, argument);
      InCells(KeyOf(call));
      pricing_.And(cells_ * table_.slots, pricing_.Width(argument));
      Largest(pricing_.Width(argument));
      pricing_.Reshape(cells_, pricing_.Shape(argument), pricing_.Shape(named.column));
    }
    pricing_.And(cells_, pricing_.Width(named.column));
    return {.bits = true, .not_null = true};
  }

  Pricing& pricing_;
  PricedTable& table_;
  const unsigned cells_;
  FlagPrice flags_;
  std::set<FlagKey> in_cells_, any_, counts_;
  std::set<std::pair<FlagKey, ColumnId>> bit_sums_;
  std::map<FlagKey, std::set<ColumnId>> ring_sums_;
  unsigned any_planes_ = 0, count_planes_ = 0;
};

// mpc::RingWidthFor, which the planner does not link.
unsigned CountWidth(std::uint64_t count) { return std::min(64u, static_cast<unsigned>(std::bit_width(count)) + 1); }

// GroupByOwner.
PricedTable PriceGroupByOwner(Pricing& pricing, const GroupTableNode& node, PricedTable& table, const IsRead& read, bool stands_by) {
  const std::uint64_t slots = table.slots, groups = node.group_bound;
  const unsigned count_width = groups <= slots / 8 ? CountWidth(slots) : 64;
  const unsigned bits = CountWidth(slots);
  FlagPrice flags(pricing, table, /*has_base=*/true);
  std::map<FlagKey, std::set<ColumnId>> sums = {{FlagKey{}, {}}};
  PricedTable result{.slots = groups, .columns = {}};
  for (const NamedAggregate& named : node.calls) {
    const bool is_sum = named.call.function == AggregateFunction::kSum;
    std::set<ColumnId>& of_flag = sums[flags.KeyOf(ColumnOf(named.call.argument), ColumnOf(named.call.filter))];
    if (is_sum) of_flag.insert(*ColumnOf(named.call.argument));
    result.columns[named.column] = {.ring = true, .not_null = is_sum};
  }
  unsigned rings[2] = {0, 0}, counts[2] = {0, 0};  // wide, narrow
  for (const auto& [key, arguments] : sums) {
    flags.Of(key);
    const int narrow = arguments.empty() ? 1 : 0;
    pricing.Add(mpc::BitsToRingCost(slots, 1, narrow ? count_width : 64));
    for (const ColumnId argument : arguments) pricing.RingOf(table, argument);
    pricing.Add(mpc::MultiplyEachCost(slots, static_cast<unsigned>(arguments.size())));
    rings[narrow] += 1 + static_cast<unsigned>(arguments.size());
    ++counts[narrow];
  }
  for (const int narrow : {0, 1}) {
    if (rings[narrow] == 0) continue;
    const unsigned width = narrow ? count_width : 64;
    if (!stands_by) pricing.Add(mpc::GatherByOwnerCost(slots, slots, 0, rings[narrow], width));
    pricing.Add(mpc::GatherByOwnerCost(slots + groups, groups, 0, rings[narrow], width));
  }
  for (const int narrow : {0, 1}) {
    if (counts[narrow] == 0) continue;
    const std::uint64_t rows = counts[narrow] * groups;
    pricing.Add(mpc::RingToBitsCost(rows, bits));
    pricing.Add(mpc::LessThanPublicCost(rows, bits, 1));
    if (narrow && count_width != 64) pricing.UnsignedToRing(rows, bits);
  }
  unsigned planes = 0;
  for (const std::vector<ColumnId>* const list : {&node.group_by, &node.determined}) {
    for (const ColumnId column : *list) {
      if (!read(column)) continue;
      const bool nullable = pricing.columns()[column].nullable;
      planes += pricing.Width(column) + (nullable ? 1 : 0);
      result.columns[column] = {.bits = true, .not_null = nullable};
    }
  }
  if (planes > 0) pricing.Add(mpc::InputBitsCost(groups, planes));
  return result;
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

// The first 64 bits of a value of a public domain, as it is shared; of NULL zero.
std::uint64_t CodeOf(const Value& value, const SharedValueShape& shape, int scale) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (shape.kind == ValueKind::kCode)
      return static_cast<std::uint64_t>(std::lower_bound(shape.domain.begin(), shape.domain.end(), *text) - shape.domain.begin());
    std::uint64_t code = 0;
    for (unsigned i = 0; i < shape.width / 8; ++i) code = code << 8 | (i < text->size() ? static_cast<unsigned char>((*text)[i]) : 0);
    return code;
  }
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  Int128 stored = 0;
  int digits = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) stored = *integer;
  if (const auto* date = std::get_if<Date>(&value)) stored = date->days;
  if (const auto* timestamp = std::get_if<Timestamp>(&value)) stored = timestamp->microseconds;
  if (const auto* decimal = std::get_if<Decimal>(&value)) {
    stored = decimal->unscaled;
    digits = decimal->scale;
  }
  if (IsNull(value)) return 0;
  for (; digits < scale; ++digits) stored *= 10;
  return static_cast<std::uint64_t>(stored) - static_cast<std::uint64_t>(shape.base);
}

void PriceCellFlags(Pricing& pricing, const GroupTableNode& group, PricedTable& table) {
  std::uint64_t cells = 1;
  for (std::size_t key = 0; key < group.group_by.size(); ++key) {
    const ColumnId column = group.group_by[key];
    pricing.BitsOf(table, column);
    const SharedValueShape& shape = pricing.Shape(column);
    if (shape.width > 64) return pricing.Fail();
    const DataType& type = pricing.columns()[column].type;
    std::vector<std::uint64_t> codes;
    for (const Value& value : group.domains[key])
      codes.push_back(CodeOf(value, shape, type.kind == TypeKind::kNumeric ? type.scale : 0));
    pricing.Add(mpc::CircuitCost(table.slots, mpc::OneHotCircuit(shape.width, codes)));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (!IsNull(group.domains[key][i]) && table.columns[column].not_null && codes[i] == 0) pricing.And(table.slots);
    }
    cells *= codes.size();
    pricing.And(table.slots, static_cast<unsigned>(cells));
  }
}

}  // namespace

PricedTable PriceGroup(Pricing& pricing, const GroupTableNode& group, PricedTable& table, const IsRead& read, const KnownOrder& order) {
  table.slots = std::max<std::uint64_t>(table.slots, 1);
  if (group.method == TableGroupMethod::kByOwner) return PriceGroupByOwner(pricing, group, table, read, order.stands_by);
  const GroupSorts sorts = SortsOf(group);
  const bool one = group.method == TableGroupMethod::kOneGroup;
  const bool dense = group.method == TableGroupMethod::kDense;
  PricedTable groups{.slots = one ? 1 : dense ? CellsOf(group) : group.group_bound, .columns = {}};
  if (one || sorts.by_cells) {
    if (sorts.by_cells) PriceCellFlags(pricing, group, table);
    FoldPrice(pricing, table, sorts.by_cells ? static_cast<unsigned>(CellsOf(group)) : 1).Run(group, sorts.folded, groups);
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
