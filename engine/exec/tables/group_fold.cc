#include "engine/exec/tables/group_fold.h"

#include <map>
#include <utility>

#include "engine/exec/tables/group_rows.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/count_flags.h"
#include "planner/physical/group_sorts.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;
using planner::AggregateCall;
using planner::AggregateFunction;
using planner::ColumnId;

class Fold {
 public:
  Fold(TableContext& context, SharedTable& table, const BitColumn& cells)
      : context_(context),
        protocol_(context.protocol),
        table_(table),
        cells_(cells),
        flags_(table, std::nullopt) {}

  // Of each cell, whether a row has the flag.
  absl::StatusOr<BitColumn> Any(const GroupFlags::Key& key) {
    if (const auto made = any_.find(key); made != any_.end()) return made->second;
    CARE_ASSIGN_OR_RETURN(const BitColumn flags, InCells(key));
    CARE_ASSIGN_OR_RETURN(BitColumn any, Largest(protocol_, ByRow(flags), cells_.width()));
    any_[key] = any;
    return any;
  }

  absl::StatusOr<SharedValue> Call(const planner::NamedAggregate& named) {
    const AggregateCall& call = named.call;
    const std::optional<ColumnId> argument = planner::ColumnOf(call.argument);
    const GroupFlags::Key key = flags_.KeyOf(argument, planner::ColumnOf(call.filter));
    SharedValue result;
    if (WantsExtreme(call.function)) {
      CARE_ASSIGN_OR_RETURN(result.bits, Extreme(named, *argument, key));
      CARE_ASSIGN_OR_RETURN(result.not_null, Any(key));
      CARE_ASSIGN_OR_RETURN(result.bits, protocol_.And(*result.bits, *result.not_null));
      return result;
    }
    if (call.function == AggregateFunction::kSum) {
      CARE_ASSIGN_OR_RETURN(result.ring, Sum(*argument, key));
      CARE_ASSIGN_OR_RETURN(result.not_null, Any(key));
      return result;
    }
    CARE_ASSIGN_OR_RETURN(result.ring, Count(key));
    return result;
  }

 private:
  // The cells' planes where the flag is set.
  absl::StatusOr<BitColumn> InCells(const GroupFlags::Key& key) {
    CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, flags_.Of(protocol_, key));
    if (!flag) return cells_;
    return protocol_.And(cells_, *flag);
  }

  // Row i of plane g as row i * cells + g.
  BitColumn ByRow(const BitColumn& planes) const {
    const std::size_t cells = planes.width();
    if (cells == 1) return planes;
    std::vector<BitColumn> columns;
    std::vector<const BitColumn*> pointers;
    for (unsigned g = 0; g < cells; ++g) columns.push_back(planes.Planes(g, 1));
    for (const BitColumn& column : columns) pointers.push_back(&column);
    std::vector<std::uint32_t> source(cells * table_.slots);
    for (std::size_t i = 0; i < source.size(); ++i)
      source[i] = static_cast<std::uint32_t>(i % cells * table_.slots + i / cells);
    return Gathered(BitColumn::JoinRows(pointers), source);
  }

  absl::StatusOr<BitColumn> Extreme(const planner::NamedAggregate& named, ColumnId argument,
                                    const GroupFlags::Key& key) {
    const bool least = WantsLeast(named.call.function);
    CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol_, context_.plan, table_, argument));
    CARE_ASSIGN_OR_RETURN(const BitColumn flags, InCells(key));
    std::vector<std::uint32_t> source(cells_.width() * table_.slots);
    for (std::size_t i = 0; i < source.size(); ++i)
      source[i] = static_cast<std::uint32_t>(i / cells_.width());
    // The least is what is largest when all bits are turned; rows that do not count are zero.
    const BitColumn values = Gathered(least ? protocol_.Not(*bits) : *bits, source);
    CARE_ASSIGN_OR_RETURN(const BitColumn masked, protocol_.And(values, ByRow(flags)));
    CARE_ASSIGN_OR_RETURN(const BitColumn largest, Largest(protocol_, masked, cells_.width()));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape from,
                          planner::ShapeOfColumn(context_.plan.columns[argument]));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape target,
                          planner::ShapeOfColumn(context_.plan.columns[named.column]));
    return Reshape(protocol_, least ? protocol_.Not(largest) : largest, from, target);
  }

  absl::StatusOr<const std::vector<RingColumn>*> CellRings(const GroupFlags::Key& key) {
    if (const auto made = rings_.find(key); made != rings_.end()) return &made->second;
    std::vector<RingColumn> rings;
    const bool all_rows = !key.first && !key.second;
    if (all_rows || cells_.width() == 1) {
      CARE_ASSIGN_OR_RETURN(const BitColumn flags, InCells(key));
      CARE_ASSIGN_OR_RETURN(rings, protocol_.BitsToRing(flags));
    } else {
      CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn>* cells, CellRings({}));
      rings = *cells;
    }
    return &(rings_[key] = std::move(rings));
  }

  // The flag in the ring, of a key that CellRings leaves out.
  absl::StatusOr<const RingColumn*> FlagRing(const GroupFlags::Key& key) {
    if (const auto made = flag_rings_.find(key); made != flag_rings_.end()) return &made->second;
    CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, flags_.Of(protocol_, key));
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ring, protocol_.BitsToRing(*flag));
    return &(flag_rings_[key] = ring[0]);
  }

  bool HasOwnFlag(const GroupFlags::Key& key) const {
    return cells_.width() > 1 && (key.first || key.second);
  }

  absl::StatusOr<RingColumn> Count(const GroupFlags::Key& key) {
    if (cells_.width() == 1) {
      CARE_ASSIGN_OR_RETURN(const BitColumn flags, InCells(key));
      return mpc::CountFlags(protocol_, flags);
    }
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn>* cells, CellRings(key));
    if (HasOwnFlag(key)) {
      CARE_ASSIGN_OR_RETURN(const RingColumn* flag, FlagRing(key));
      return InEachCell(*cells, *flag);
    }
    std::vector<RingColumn> sums;
    std::vector<const RingColumn*> pointers;
    for (const RingColumn& cell : *cells) sums.push_back(protocol_.Sum(cell));
    for (const RingColumn& sum : sums) pointers.push_back(&sum);
    return RingColumn::JoinRows(pointers);
  }

  absl::StatusOr<RingColumn> Sum(ColumnId argument, const GroupFlags::Key& key) {
    CARE_ASSIGN_OR_RETURN(const RingColumn* value, RingOf(protocol_, context_.plan, table_, argument));
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn>* cells, CellRings(key));
    if (!HasOwnFlag(key)) return InEachCell(*cells, *value);
    CARE_ASSIGN_OR_RETURN(const RingColumn* flag, FlagRing(key));
    CARE_ASSIGN_OR_RETURN(const RingColumn masked, protocol_.Multiply(*value, *flag));
    return InEachCell(*cells, masked);
  }

  absl::StatusOr<RingColumn> InEachCell(const std::vector<RingColumn>& cells, const RingColumn& value) {
    std::vector<const RingColumn*> flags, values(cells.size(), &value);
    for (const RingColumn& cell : cells) flags.push_back(&cell);
    return protocol_.DotProducts(flags, values);
  }

  TableContext& context_;
  Protocol& protocol_;
  SharedTable& table_;
  const BitColumn& cells_;
  GroupFlags flags_;
  std::map<GroupFlags::Key, BitColumn> any_;
  std::map<GroupFlags::Key, std::vector<RingColumn>> rings_;
  std::map<GroupFlags::Key, RingColumn> flag_rings_;
};

}  // namespace

absl::Status FoldGroups(TableContext& context, const planner::GroupTableNode& node, SharedTable& table,
                        const std::vector<std::size_t>& calls, const BitColumn& cells, SharedTable& groups) {
  Fold fold(context, table, cells);
  if (cells.width() > 1 || node.method == planner::TableGroupMethod::kDense) {
    CARE_ASSIGN_OR_RETURN(groups.valid, fold.Any({}));
  }
  for (const std::size_t call : calls) {
    CARE_ASSIGN_OR_RETURN(SharedValue value, fold.Call(node.calls[call]));
    groups.columns[node.calls[call].column] = std::move(value);
  }
  return absl::OkStatus();
}

}  // namespace care::engine
