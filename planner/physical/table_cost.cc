#include "planner/physical/table_cost.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "planner/physical/columns_read.h"
#include "planner/physical/gate_cost.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/share_orders.h"
#include "planner/physical/table_circuit.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

// Flags in the ring are 16 bytes each at every party: beyond a gigabyte of them rows are sorted.
constexpr std::uint64_t kMostFlags = std::uint64_t{1} << 26;

// While an operator moves rows they are there as columns, as rows, and in messages under way.
constexpr std::uint64_t kCopies = 4;
constexpr std::uint64_t kRingBits = 64;
// Two shares of every bit.
constexpr std::uint64_t kShares = 2;

// Follows engine/exec/tables/table_execution.cc through the nodes.
class TableCoster {
 public:
  TableCoster(const PhysicalPlan& plan, const mpc::LinkSpeed& link)
      : plan_(plan), pricing_(plan.columns, link), order_(OrderOfRuns(plan)), tables_(plan.nodes.size()), last_reader_(plan.nodes.size(), 0) {
    for (const NodeId id : order_) {
      for (const NodeId input : TablesRead(plan.nodes[id])) last_reader_[input] = id;
    }
    for (NodeId id = 0; id < plan.nodes.size(); ++id) {
      for (const ColumnId column : ColumnsReadBy(plan.nodes[id])) last_read_[column] = id;
    }
  }

  TableCosts Run() {
    TableCosts costs;
    costs.nodes.resize(plan_.nodes.size());
    for (const NodeId id : order_) {
      at_ = id;
      costs.nodes[id] = PriceRuns();
      peak_bytes_ = std::max(peak_bytes_, Lanes() * (LiveBytes() + kCopies * (BytesRead() + Bytes(tables_[at_]))));
      for (const NodeId input : TablesRead(plan_.nodes[at_])) {
        if (last_reader_[input] == at_) tables_[input] = {};
      }
    }
    costs.other_ways = std::move(other_ways_);
    costs.peak_bytes = peak_bytes_ + BytesOfOwnRows();
    costs.is_known = !pricing_.failed();
    return costs;
  }

 private:
  mpc::Cost PriceOnce() {
    tables_[at_] = {};
    std::visit([this](const auto& node) { Price(node); }, plan_.nodes[at_]);
    return pricing_.Take();
  }

  // Each partition's tables are new to it; of a table that all of them read, the forms that the first has made are there already.
  mpc::Cost PriceRuns() {
    std::map<NodeId, PricedTable> of_partition;
    for (const NodeId input : TablesRead(plan_.nodes[at_]))
      if (RunsOf(plan_, input) > 1) of_partition[input] = tables_[input];
    mpc::Cost cost = PriceOnce();
    const std::uint32_t runs = RunsOf(plan_, at_);
    if (runs == 1) return cost;
    for (auto& [input, table] : of_partition) tables_[input] = std::move(table);
    const mpc::Cost later = PriceOnce();
    // Each lane has tables of its own; the rounds of one wait for no other's.
    const std::uint64_t lanes = Lanes(), longest = (runs + lanes - 1) / lanes;
    return {cost.bytes * lanes + later.bytes * (runs - lanes), cost.rounds + later.rounds * (longest - 1)};
  }

  // Partitions of the node that run at a time.
  std::uint64_t Lanes() const { return std::min(plan_.lanes, RunsOf(plan_, at_)); }

  mpc::Cost OfAllRuns(mpc::Cost cost) const {
    const std::uint64_t runs = RunsOf(plan_, at_), lanes = Lanes();
    return {cost.bytes * runs, cost.rounds * ((runs + lanes - 1) / lanes)};
  }

  std::uint64_t Bytes(const PricedTable& table) {
    std::uint64_t bits = 1;
    for (const auto& [column, forms] : table.columns) {
      const SharedValueShape* shape = forms.bits ? pricing_.FindShape(column) : nullptr;
      bits += (shape == nullptr ? 0 : shape->width) + (forms.ring ? kRingBits : 0) + (forms.not_null ? 1 : 0);
    }
    return kShares * table.slots * bits / 8;
  }
  std::uint64_t LiveBytes() {
    std::uint64_t bytes = 0;
    for (const PricedTable& table : tables_) bytes += Bytes(table);
    return bytes;
  }
  std::uint64_t BytesRead() {
    std::uint64_t bytes = 0;
    for (const NodeId input : TablesRead(plan_.nodes[at_])) bytes += Bytes(tables_[input]);
    return bytes;
  }
  // In the clear, at the owner that has most; rows that wait in partitions do so on disk.
  std::uint64_t BytesOfOwnRows() const {
    std::map<PartyId, std::uint64_t> bytes;
    for (const PhysicalNode& node : plan_.nodes) {
      const auto* share = std::get_if<ShareTableNode>(&node);
      if (share == nullptr || share->partitions) continue;
      const auto& local = std::get<LocalNode>(plan_.nodes[share->local]);
      bytes[local.party] += local.row_bound * share->columns.size() * sizeof(std::int64_t);
    }
    std::uint64_t most = 0;
    for (const auto& [party, own] : bytes) most = std::max(most, own);
    return most;
  }

  PricedTable& Result() { return tables_[at_]; }
  // The table of a node that its reader takes for itself.
  PricedTable Take(NodeId input) { return tables_[input]; }
  IsRead ReadLater() const {
    return [this](ColumnId column) {
      const auto found = last_read_.find(column);
      return found != last_read_.end() && found->second > at_;
    };
  }

  template <typename Node>
  void Price(const Node&) {}  // LocalNode, and the nodes of star plans

  void PriceInputs(Pricing& pricing, const ShareTableNode& share) const {
    const auto& local = std::get<LocalNode>(plan_.nodes[share.local]);
    const std::uint64_t slots = SlotsOf(plan_, share);
    unsigned planes = 1, rings = 0;
    for (const ShareColumn& column : share.columns) {
      if (!column.bits && !column.ring) continue;
      planes += (column.bits ? pricing.Width(column.column) : 0) + (plan_.columns[column.column].nullable ? 1 : 0);
      rings += column.ring ? 1 : 0;
    }
    pricing.Add(local.outside ? mpc::OutsideInputBitsCost(slots, planes) : mpc::InputBitsCost(slots, planes));
    for (; rings > 0; --rings) pricing.Add(local.outside ? mpc::OutsideInputRingCost(slots) : mpc::InputRingCost(slots));
  }

  void Price(const ShareTableNode& share) {
    PricedTable& table = Result();
    table.slots = SlotsOf(plan_, at_);
    for (const ShareColumn& column : share.columns)
      if (column.bits || column.ring) table.columns[column.column] = {column.bits, column.ring, plan_.columns[column.column].nullable};
    if (!IsLookedUpOnly(plan_, at_)) PriceInputs(pricing_, share);
  }

  void Price(const GatherPartitionsNode& gather) {
    PricedTable& result = Result();
    result.slots = SlotsOf(plan_, at_);
    for (const auto& [column, forms] : tables_[gather.input].columns)
      if (ReadLater()(column)) result.columns[column] = forms;
  }

  void Price(const ConcatTablesNode& concat) {
    PricedTable& result = Result();
    for (const NodeId input : concat.inputs) result.slots += tables_[input].slots;
    for (std::size_t c = 0; c < concat.columns.size(); ++c) {
      bool all_bits = true, all_rings = true;
      ValueForms& forms = result.columns[concat.columns[c]];
      for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
        const ValueForms& own = tables_[concat.inputs[i]].columns[concat.input_columns[i][c]];
        all_bits = all_bits && own.bits;
        all_rings = all_rings && own.ring;
        forms.not_null = forms.not_null || own.not_null;
      }
      forms.ring = all_rings;
      forms.bits = all_bits || !all_rings;
      if (!forms.bits) continue;
      for (std::size_t i = 0; i < concat.inputs.size(); ++i) {
        PricedTable& input = tables_[concat.inputs[i]];
        const ColumnId column = concat.input_columns[i][c];
        const SharedValueShape &shape = pricing_.Shape(column), &target = pricing_.Shape(concat.columns[c]);
        pricing_.BitsOf(input, column);
        pricing_.Reshape(input.slots, shape, target);
        const bool moved = shape.base != target.base || shape.domain != target.domain || shape.kind != target.kind;
        if (moved && input.columns[column].not_null) pricing_.And(input.slots, target.width);
      }
    }
  }

  void Price(const DeriveTableNode& derive) {
    PricedTable table = Take(derive.input);
    std::vector<ValueForms> values;
    for (const NamedExpression& item : derive.columns)
      values.push_back(PriceExpression(pricing_, table, item.expression, plan_.columns[item.column]));
    for (std::size_t i = 0; i < values.size(); ++i) table.columns[derive.columns[i].column] = values[i];
    Result() = std::move(table);
  }

  void Price(const FilterTableNode& filter) {
    PricedTable table = Take(filter.input);
    PriceCondition(pricing_, table, filter.predicate);
    pricing_.And(table.slots);
    Result() = std::move(table);
  }

  void Price(const JoinTablesNode& join) {
    if (join.method == JoinMethod::kLookup) {
      JoinTablesNode sorts = join;
      sorts.method = JoinMethod::kSort;
      PricedTable left = tables_[join.left], right = tables_[join.right];
      // Keys that are only looked up by would have to be shared.
      for (const auto& [a, b] : join.keys) {
        left.columns.try_emplace(a, ValueForms{.bits = true, .not_null = plan_.columns[a].nullable}).first->second.bits = true;
        right.columns.try_emplace(b, ValueForms{.bits = true, .not_null = plan_.columns[b].nullable}).first->second.bits = true;
      }
      Pricing pricing(plan_.columns, pricing_.link());
      // Nothing of what is only looked up is shared otherwise.
      if (const auto* arm = std::get_if<ShareTableNode>(&plan_.nodes[join.right]); arm != nullptr && IsLookedUpOnly(plan_, join.right))
        PriceInputs(pricing, *arm);
      PriceJoin(pricing, sorts, left, right, ReadLater());
      if (!pricing.failed()) other_ways_[at_] = OfAllRuns(pricing.cost());
    }
    KnownOrder order;
    if (join.method == JoinMethod::kLookup) {
      order.distinct = LeftKeysAreDistinct(plan_, join);
      order.stands_by = StandsBy(plan_, join.left, LeftKeys(join));
    }
    Result() = PriceJoin(pricing_, join, tables_[join.left], tables_[join.right], ReadLater(), order);
  }
  void Price(const GroupTableNode& group) {
    PricedTable& table = tables_[group.input];
    GroupTableNode other = group;
    other.sorts_cells = !group.sorts_cells;
    if (SortsOf(other).by_cells != SortsOf(group).by_cells && CellsOf(group) <= kMostFlags / std::max<std::uint64_t>(1, table.slots)) {
      PricedTable input = table;
      Pricing pricing(plan_.columns, pricing_.link());
      PriceGroup(pricing, other, input, ReadLater());
      if (!pricing.failed()) other_ways_[at_] = OfAllRuns(pricing.cost());
    }
    KnownOrder order;
    if (group.method == TableGroupMethod::kByOwner) order.stands_by = StandsBy(plan_, group.input, group.group_by);
    Result() = PriceGroup(pricing_, group, table, ReadLater(), order);
  }
  void Price(const WindowTableNode& window) { Result() = PriceWindow(pricing_, window, tables_[window.input], ReadLater()); }
  void Price(const TopTableNode& top) { Result() = PriceTop(pricing_, top, tables_[top.input], ReadLater()); }
  void Price(const CompactTableNode& compact) {
    Result() = PriceCompact(pricing_, compact, tables_[compact.input], ReadLater());
  }

  void Price(const GateTableNode& gate) {
    PricedTable table = Take(gate.input);
    if (!gate.person_counts.empty()) {
      unsigned width = 1;
      for (const ColumnId column : gate.person_counts) {
        SharedValueShape from_zero = pricing_.Shape(column);
        from_zero.base = 0;
        from_zero.width = static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(pricing_.Shape(column).base) +
                                                               (~std::uint64_t{0} >> (64 - pricing_.Width(column)))));
        pricing_.BitsOf(table, column);
        pricing_.Reshape(table.slots, pricing_.Shape(column), from_zero);
        pricing_.And(table.slots, from_zero.width);
        width = std::max(width, from_zero.width);
      }
      const auto counts = static_cast<unsigned>(gate.person_counts.size());
      if (gate.dimensions.empty()) {
        pricing_.Add(MarginCost(table.slots, width, counts, gate.person_in_one_cell));
      } else {
        for (unsigned c = 0; c < counts; ++c) pricing_.BitsToStored(table.slots, width);
        pricing_.Add(GateCost(gate.dimensions, width, counts, gate.person_in_one_cell));
      }
      pricing_.And(table.slots);
    }
    Result() = std::move(table);
  }

  void Price(const OpenTableNode& open) {
    const PricedTable& table = tables_[open.input];
    unsigned planes = 0, rings = 0;
    for (const ColumnId column : open.columns) {
      const auto found = table.columns.find(column);
      if (found == table.columns.end()) return pricing_.Fail();
      const ValueForms& forms = found->second;
      if (forms.bits) {
        planes += pricing_.Width(column);
      } else {
        ++rings;
        if (forms.not_null) pricing_.And(table.slots);
      }
      planes += forms.not_null ? 1 : 0;
    }
    if (planes > 0) pricing_.And(table.slots, planes);
    for (unsigned ring = 0; ring < rings; ++ring) {
      pricing_.BitsToRing(table.slots);
      pricing_.Add(mpc::MultiplyCost(table.slots));
    }
    if (!open.dense) {
      pricing_.Add(mpc::ShuffleCost(table.slots, planes + 1, 0));
      for (unsigned ring = 0; ring < rings; ++ring) pricing_.Add(mpc::ShuffleCost(table.slots, 0, 1));
    }
    pricing_.Add(mpc::OpenBitsCost(table.slots, 1, 1));
    if (planes > 0) pricing_.Add(mpc::OpenBitsCost(table.slots, planes, 1));
    for (unsigned ring = 0; ring < rings; ++ring) pricing_.Add(mpc::OpenRingCost(table.slots, 1));
  }

  const PhysicalPlan& plan_;
  Pricing pricing_;
  NodeId at_ = 0;
  const std::vector<NodeId> order_;  // as they run
  std::vector<PricedTable> tables_;
  std::vector<NodeId> last_reader_;
  std::map<ColumnId, NodeId> last_read_;
  std::map<NodeId, mpc::Cost> other_ways_;
  std::uint64_t peak_bytes_ = 0;
};

}  // namespace

TableCosts TableCostsOf(const PhysicalPlan& plan, const mpc::LinkSpeed& link) { return TableCoster(plan, link).Run(); }

}  // namespace care::planner
