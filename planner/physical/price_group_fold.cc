// Follows engine/exec/tables/group_fold.cc.
#include <map>
#include <set>

#include "mpc/circuit/compare_circuits.h"
#include "mpc/cost/relational_cost.h"
#include "planner/physical/group_pricing.h"

namespace care::planner {
namespace {

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

}  // namespace

void PriceGroupFold(Pricing& pricing, const GroupTableNode& node, PricedTable& table, unsigned cells,
                    const std::vector<std::size_t>& calls, PricedTable& groups) {
  FoldPrice(pricing, table, cells).Run(node, calls, groups);
}

}  // namespace care::planner
