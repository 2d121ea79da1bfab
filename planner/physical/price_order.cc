// Follows engine/exec/tables/window_table.cc, window_rows.cc, top_table.cc and compact_table.cc.
#include <algorithm>
#include <optional>
#include <set>

#include "mpc/circuit/add_circuits.h"
#include "mpc/cost/relational_cost.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/table_pricing.h"

namespace care::planner {
namespace {

// RowBlock.
struct BlockWidth {
  unsigned planes = 0;
  unsigned rings = 0;

  void Add(Pricing& pricing, ColumnId column, const ValueForms& forms) {
    if (forms.bits) planes += pricing.Width(column);
    planes += forms.not_null ? 1 : 0;
    rings += forms.ring ? 1 : 0;
  }
};

BlockWidth WidthOfRead(Pricing& pricing, const PricedTable& table, const IsRead& read, PricedTable& result) {
  BlockWidth width;
  for (const auto& [column, forms] : table.columns) {
    if (!read(column)) continue;
    width.Add(pricing, column, forms);
    result.columns[column] = forms;
  }
  return width;
}

class WindowPrice {
 public:
  WindowPrice(Pricing& pricing, const WindowTableNode& window, PricedTable& table, const IsRead& read)
      : pricing_(pricing), window_(window), table_(table), read_(read), rows_(table.slots) {}

  PricedTable Run() {
    std::set<ColumnId> arguments;
    for (const NamedWindowCall& named : window_.calls) {
      for (const ExpressionPtr& part : {named.call.argument, named.call.fallback}) {
        const std::optional<ColumnId> column = ColumnOf(part);
        if (!column) continue;
        arguments.insert(*column);
        if (named.call.function == WindowFunction::kSum && table_.columns[*column].ring) continue;
        if (named.call.function == WindowFunction::kCount) continue;
        pricing_.BitsOf(table_, *column);
      }
    }
    SortRows(arguments);
    for (const NamedWindowCall& named : window_.calls) Start(named);
    Copy();
    for (const NamedWindowCall& named : window_.calls) Finish(named);
    PricedTable result{.slots = rows_, .columns = {}};
    for (const auto& [column, forms] : table_.columns) {
      if (!read_(column)) continue;
      result.columns[column] = forms;
    }
    for (const auto& [column, forms] : results_) {
      if (read_(column)) result.columns[column] = forms;
    }
    return result;
  }

 private:
  struct Copies {
    unsigned this_row = 0, first_of_partition = 0, first_peer = 0, last_peer = 0;
  };

  void SortRows(const std::set<ColumnId>& arguments) {
    unsigned planes = 0;
    std::set<ColumnId> in_key;
    const auto add = [&](ColumnId column) {
      pricing_.BitsOf(table_, column);
      planes += pricing_.Width(column) + (table_.columns[column].not_null ? 1 : 0);
      in_key.insert(column);
    };
    for (const TableKey& key : window_.order_by) add(key.column);
    order_planes_ = planes;
    for (const ColumnId column : window_.partition_by) add(column);
    BlockWidth beside;
    for (const auto& [column, forms] : table_.columns) {
      if (arguments.count(column) == 0 && !read_(column)) continue;
      beside.Add(pricing_, column, in_key.count(column) == 0 ? forms : ValueForms{.ring = forms.ring});
    }
    pricing_.Sort(rows_, planes + 1, beside.planes, beside.rings);
    pricing_.Add(mpc::ContinuesSegmentCost(rows_, planes + 1 - order_planes_));
  }

  void SamePeers() {
    if (has_peers_) return;
    has_peers_ = true;
    if (order_planes_ == 0) return;
    pricing_.Add(mpc::ContinuesSegmentCost(rows_, order_planes_));
    pricing_.And(rows_);
  }

  bool HasPartitions() const { return !window_.partition_by.empty(); }
  const ValueForms& Argument(const WindowCall& call) { return table_.columns[*ColumnOf(call.argument)]; }

  void CountRows(unsigned& copies, unsigned width) {
    copies += width;
    if (HasPartitions()) copies_.first_of_partition += width;
  }
  void SumUpTo(unsigned& copies, unsigned width) {
    pricing_.Add(mpc::RingToBitsCost(rows_, width));
    CountRows(copies, width);
  }
  void CountFlags(unsigned& copies, unsigned width) {
    pricing_.BitsToRing(rows_);
    SumUpTo(copies, width);
  }
  void WantAny() {
    pricing_.Add(mpc::RunningOrCost(rows_));
    copies_.last_peer += 1;
  }

  void Start(const NamedWindowCall& named) {
    const WindowCall& call = named.call;
    const unsigned width = pricing_.Width(named.column);
    switch (call.function) {
      case WindowFunction::kRowNumber:
        return CountRows(copies_.this_row, width);
      case WindowFunction::kRank:
        return CountRows(copies_.first_peer, width);
      case WindowFunction::kCountStar:
        return CountRows(copies_.last_peer, width);
      case WindowFunction::kDenseRank:
        SamePeers();
        return CountFlags(copies_.this_row, width);
      case WindowFunction::kCount:
        if (Argument(call).not_null) return CountFlags(copies_.last_peer, width);
        return CountRows(copies_.last_peer, width);
      case WindowFunction::kSum: {
        const ValueForms& argument = Argument(call);
        if (argument.not_null) {
          pricing_.BitsToRing(rows_);
          WantAny();
        }
        if (!argument.ring) {
          pricing_.UnsignedToRing(rows_, pricing_.Width(*ColumnOf(call.argument)));
        } else if (argument.not_null) {
          pricing_.Add(mpc::MultiplyCost(rows_));
        }
        return SumUpTo(copies_.last_peer, width);
      }
      case WindowFunction::kMin:
      case WindowFunction::kMax: {
        const unsigned own = pricing_.Width(*ColumnOf(call.argument));
        if (Argument(call).not_null) {
          pricing_.And(rows_, own);
          WantAny();
        }
        pricing_.Add(mpc::RunningMinimumCost(rows_, own));
        copies_.last_peer += own;
        return;
      }
      case WindowFunction::kFirstValue:
      case WindowFunction::kLastValue: {
        unsigned& copies = call.function == WindowFunction::kFirstValue ? copies_.first_of_partition : copies_.last_peer;
        copies += pricing_.Width(*ColumnOf(call.argument)) + (Argument(call).not_null ? 1 : 0);
        return;
      }
      case WindowFunction::kLag:
      case WindowFunction::kLead:
        return Neighbour(named);
      case WindowFunction::kAverage:
        return pricing_.Fail();
    }
  }

  void Reaches(std::uint64_t distance) {
    for (; distance > 1 && distance < rows_; distance /= 2) {
      pricing_.And(rows_);
      if (distance % 2 == 1) pricing_.And(rows_);
    }
  }

  void Neighbour(const NamedWindowCall& named) {
    const WindowCall& call = named.call;
    Reaches(std::min<std::uint64_t>(call.distance, rows_));
    const SharedValueShape& shape = pricing_.Shape(named.column);
    const ColumnId argument = *ColumnOf(call.argument);
    pricing_.Reshape(rows_, pricing_.Shape(argument), shape);
    ValueForms result{.bits = true};
    if (call.fallback == nullptr) {
      result.not_null = true;
      if (table_.columns[argument].not_null) pricing_.And(rows_);
    } else {
      const ColumnId fallback = *ColumnOf(call.fallback);
      pricing_.Reshape(rows_, pricing_.Shape(fallback), shape);
      pricing_.Add(mpc::MuxCost(rows_, shape.width));
      if (table_.columns[argument].not_null || table_.columns[fallback].not_null) {
        pricing_.Add(mpc::MuxCost(rows_, 1));
        result.not_null = true;
      }
    }
    if (result.not_null) pricing_.And(rows_, shape.width);
    results_[named.column] = result;
  }

  void Copy() {
    if (copies_.first_of_partition > 0) pricing_.Add(mpc::CopyDownCost(rows_, copies_.first_of_partition));
    for (const unsigned copies : {copies_.first_peer, copies_.last_peer}) {
      if (copies == 0) continue;
      SamePeers();
      pricing_.Add(mpc::CopyDownCost(rows_, copies));
    }
  }

  void Finish(const NamedWindowCall& named) {
    const WindowCall& call = named.call;
    if (results_.count(named.column) != 0) return;
    const SharedValueShape& shape = pricing_.Shape(named.column);
    SharedValueShape from = shape;
    bool counts = false, not_null = false;
    switch (call.function) {
      case WindowFunction::kMin:
      case WindowFunction::kMax:
      case WindowFunction::kFirstValue:
      case WindowFunction::kLastValue:
        from = pricing_.Shape(*ColumnOf(call.argument));
        not_null = Argument(call).not_null;
        break;
      case WindowFunction::kSum:
        not_null = Argument(call).not_null;
        from.base = 0;
        counts = true;
        break;
      case WindowFunction::kDenseRank:
        from.base = 0;
        counts = true;
        break;
      case WindowFunction::kCount:
        if (Argument(call).not_null) from.base = 0;
        counts = true;
        break;
      default:
        counts = true;
    }
    if (counts && HasPartitions())
      pricing_.Add(mpc::CircuitCost(rows_, mpc::SubtractCircuit(from.width, mpc::CompareDepth::kTree)));
    pricing_.Reshape(rows_, from, shape);
    if (not_null) pricing_.And(rows_, shape.width);
    results_[named.column] = {.bits = true, .not_null = not_null};
  }

  Pricing& pricing_;
  const WindowTableNode& window_;
  PricedTable& table_;
  const IsRead& read_;
  const std::uint64_t rows_;
  unsigned order_planes_ = 0;
  bool has_peers_ = false;
  Copies copies_;
  std::map<ColumnId, ValueForms> results_;
};

}  // namespace

PricedTable PriceWindow(Pricing& pricing, const WindowTableNode& window, PricedTable& table, const IsRead& read) {
  return WindowPrice(pricing, window, table, read).Run();
}

PricedTable PriceTop(Pricing& pricing, const TopTableNode& top, PricedTable& table, const IsRead& read) {
  unsigned key_bits = 1;  // whether there is no row
  for (const TableKey& key : top.keys) {
    pricing.BitsOf(table, key.column);
    key_bits += pricing.Width(key.column) + (table.columns[key.column].not_null ? 1 : 0);
  }
  PricedTable result{.slots = std::min(top.rows, table.slots), .columns = {}};
  const BlockWidth width = WidthOfRead(pricing, table, read, result);
  pricing.Sort(table.slots, key_bits, width.planes, width.rings, result.slots);
  return result;
}

PricedTable PriceCompact(Pricing& pricing, const CompactTableNode& compact, const PricedTable& table, const IsRead& read) {
  PricedTable result{.slots = std::min(compact.bound, table.slots), .columns = {}};
  const BlockWidth width = WidthOfRead(pricing, table, read, result);
  pricing.Add(mpc::CompactCost(table.slots, width.planes, width.rings, &result.slots));
  return result;
}

}  // namespace care::planner
