#include "engine/exec/tables/group_sorted.h"

#include <algorithm>
#include <utility>

#include "engine/exec/tables/group_cells.h"
#include "engine/exec/tables/sorted_groups.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compact.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::RingColumn;
using planner::AggregateCall;
using planner::AggregateFunction;
using planner::ColumnId;
using planner::GroupTableNode;
using planner::TableGroupMethod;

}  // namespace

SortedGroups::SortedGroups(TableContext& context, const GroupTableNode& node, SharedTable& table,
                           const planner::GroupSort& sort, std::span<const ColumnId> determined)
    : context_(context),
      protocol_(context.protocol),
      node_(node),
      table_(table),
      sort_(sort),
      determined_(determined),
      dense_(node.method == TableGroupMethod::kDense),
      one_(node.method == TableGroupMethod::kOneGroup),
      extra_(dense_ ? planner::CellsOf(node) : 0),
      rows_(table.slots + extra_),
      flags_(table, one_ ? std::optional(table.valid) : std::nullopt) {}

absl::StatusOr<SharedTable> SortedGroups::Run(std::size_t groups, std::span<const Disclosure> openings) {
  for (const ColumnId column : determined_) CARE_RETURN_IF_ERROR(CarryValue(column));
  for (const std::size_t call : sort_.calls) CARE_RETURN_IF_ERROR(Carry(node_.calls[call].call));
  CARE_RETURN_IF_ERROR(Sort(openings[0]));
  CARE_RETURN_IF_ERROR(AddKeys());
  for (const std::size_t call : sort_.calls) CARE_RETURN_IF_ERROR(AddCall(node_.calls[call]));
  if (one_) {
    SharedTable result{.slots = 1, .valid = AllSet(protocol_, 1)};
    for (BitColumn& column : ends_.bits) column = column.Rows(rows_ - 1, 1);
    for (RingColumn& column : ends_.rings) column = column.Rows(rows_ - 1, 1);
    Distribute(1, result);
    return result;
  }
  BitColumn is_group = mpc::SegmentEnds(protocol_, same_group_);
  CARE_ASSIGN_OR_RETURN(is_group, protocol_.And(is_group, protocol_.Not(invalid_)));
  CARE_ASSIGN_OR_RETURN(BitColumn valid, MoveGroupsToFront(is_group, std::min(groups, rows_), openings));
  SharedTable result{.slots = groups, .valid = Resized(protocol_, valid, groups)};
  if (dense_) result.valid = Resized(protocol_, ends_.bits[occurs_], groups);
  Distribute(groups, result);
  return result;
}

absl::StatusOr<BitColumn> SortedGroups::MoveGroupsToFront(const BitColumn& is_group, std::size_t kept, std::span<const Disclosure> openings) {
  if (openings.size() > 2) {
    const mpc::CompactBound bound{.rows = kept, .overflow = openings[2], .what = "groups, by the references that are declared"};
    CARE_ASSIGN_OR_RETURN(mpc::CompactRows moved, mpc::CompactTo(protocol_, bound, is_group, ends_, openings[1]));
    ends_ = std::move(moved.columns);
    return std::move(moved.valid);
  }
  CARE_ASSIGN_OR_RETURN(mpc::CompactRows moved, mpc::Compact(protocol_, is_group, ends_, openings[1]));
  ends_ = std::move(moved.columns);
  for (BitColumn& column : ends_.bits) column = column.Rows(0, kept);
  for (RingColumn& column : ends_.rings) column = column.Rows(0, kept);
  return moved.valid.Rows(0, kept);
}

// A flag as a plane of all rows to be sorted; null where every row counts.
absl::StatusOr<std::optional<BitColumn>> SortedGroups::FlagOfRows(const GroupFlags::Key& key, bool must_exist) {
  CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, flags_.Of(protocol_, key));
  if (!flag && !(must_exist && dense_)) return flag;
  return Resized(protocol_, flag.value_or(AllSet(protocol_, table_.slots)), rows_);
}

absl::Status SortedGroups::CarryFlag(const GroupFlags::Key& key, bool must_exist) {
  if (flag_at_.contains(key)) return absl::OkStatus();
  CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, FlagOfRows(key, must_exist));
  if (!flag) return absl::OkStatus();
  flag_at_[key] = block_.bits.size();
  block_.bits.push_back(*flag);
  return absl::OkStatus();
}

absl::Status SortedGroups::CarryBits(ColumnId column) {
  if (bits_at_.contains(column)) return absl::OkStatus();
  CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol_, context_.plan, table_, column));
  bits_at_[column] = block_.bits.size();
  block_.bits.push_back(Resized(protocol_, *bits, rows_));
  return absl::OkStatus();
}

// A column that follows from the keys: any row of the group has it.
absl::Status SortedGroups::CarryValue(ColumnId column) {
  CARE_RETURN_IF_ERROR(CarryBits(column));
  if (const std::optional<BitColumn>& not_null = table_.columns.at(column).not_null) {
    not_null_at_[column] = block_.bits.size();
    block_.bits.push_back(*not_null);
  }
  return absl::OkStatus();
}

absl::Status SortedGroups::Carry(const AggregateCall& call) {
  // What the sort orders by is in its key.
  const bool adds_up = call.function == AggregateFunction::kSum ||
                       call.function == AggregateFunction::kCount ||
                       call.function == AggregateFunction::kCountStar;
  if (IsOrdered(call) && (call.distinct || !adds_up)) return absl::OkStatus();
  CARE_RETURN_IF_ERROR(CarryFlag(KeyOf(call), WantsExtreme(call.function)));
  if (WantsExtreme(call.function)) return CarryBits(*ArgumentOf(call));
  if (call.function != AggregateFunction::kSum) return absl::OkStatus();
  const ColumnId argument = *ArgumentOf(call);
  const SharedValue& value = table_.columns.at(argument);
  if (!value.ring) return CarryBits(argument);
  if (!ring_at_.contains(argument)) {
    ring_at_[argument] = block_.rings.size();
    block_.rings.push_back(Resized(protocol_, *value.ring, rows_));
  }
  return absl::OkStatus();
}

absl::Status SortedGroups::Sort(const Disclosure& opening) {
  std::vector<BitColumn> low_to_high;
  if (sort_.value) {
    const GroupFlags::Key key = flags_.KeyOf(sort_.value, sort_.filter);
    CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol_, context_.plan, table_, *sort_.value));
    CARE_ASSIGN_OR_RETURN(const std::optional<BitColumn> flag, FlagOfRows(key, true));
    BitColumn value = Resized(protocol_, *bits, rows_);
    if (flag) {
      CARE_ASSIGN_OR_RETURN(value, protocol_.And(value, *flag));
    }
    value_bits_ = value.width();
    low_to_high.push_back(std::move(value));
    has_flag_ = flag.has_value();
    if (flag) low_to_high.push_back(*flag);
  }
  unsigned key_bits = 0;
  if (!one_) {
    for (std::size_t k = node_.group_by.size(); k-- > 0;) {
      CARE_ASSIGN_OR_RETURN(const std::vector<BitColumn> planes, KeyPlanes(k));
      for (const BitColumn& column : planes) {
        key_bits += column.width();
        low_to_high.push_back(column);
      }
    }
    const BitColumn more = AllSet(protocol_, extra_);
    low_to_high.push_back(protocol_.Not(BitColumn::JoinRows({&table_.valid, &more})));
  }
  if (dense_) {
    occurs_in_block_ = block_.bits.size();
    block_.bits.push_back(Resized(protocol_, AllSet(protocol_, table_.slots), rows_));
  }
  CARE_ASSIGN_OR_RETURN(mpc::SortedRows sorted, mpc::SortRows(protocol_, JoinedPlanes(low_to_high), block_,
                                                              opening, {.link = context_.link}));
  block_ = std::move(sorted.columns);
  const unsigned ordered = value_bits_ + (has_flag_ ? 1 : 0);
  value_ = sorted.key.Planes(0, value_bits_);
  if (has_flag_) value_flag_ = sorted.key.Planes(value_bits_, 1);
  if (one_) {
    same_group_ = ContinuesAlways();
    return SetSameValue(sorted.key.Planes(0, ordered));
  }
  key_ = sorted.key.Planes(ordered, key_bits);
  invalid_ = sorted.key.Planes(ordered + key_bits, 1);
  CARE_ASSIGN_OR_RETURN(same_group_,
                        mpc::ContinuesSegment(protocol_, sorted.key.Planes(ordered, key_bits + 1)));
  return SetSameValue(sorted.key.Planes(0, ordered));
}

BitColumn SortedGroups::ContinuesAlways() const {
  mpc::BitPlanes ones(rows_, 1);
  for (std::size_t row = 1; row < rows_; ++row) ones.Set(row, 0, true);
  return protocol_.PublicBits(ones);
}

// Only calls with DISTINCT ask whether a row repeats the value before.
absl::Status SortedGroups::SetSameValue(const BitColumn& ordered) {
  const bool asked = std::ranges::any_of(sort_.calls, [&](std::size_t i) {
    const AggregateCall& call = node_.calls[i].call;
    return call.distinct && IsOrdered(call) && !WantsExtreme(call.function);
  });
  if (!asked) return absl::OkStatus();
  CARE_ASSIGN_OR_RETURN(const BitColumn same, mpc::ContinuesSegment(protocol_, ordered));
  CARE_ASSIGN_OR_RETURN(const BitColumn again, protocol_.And(same, same_group_));
  first_ = protocol_.Not(again);
  if (value_flag_) {
    CARE_ASSIGN_OR_RETURN(first_, protocol_.And(first_, *value_flag_));
  }
  return absl::OkStatus();
}

// Bits, and a plane that is set where the key is NULL.
absl::StatusOr<std::vector<BitColumn>> SortedGroups::KeyPlanes(std::size_t k) {
  const ColumnId column = node_.group_by[k];
  CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol_, context_.plan, table_, column));
  const std::optional<BitColumn>& not_null = table_.columns.at(column).not_null;
  std::vector<BitColumn> planes = {*bits};
  if (not_null || dense_) {
    planes.push_back(not_null ? protocol_.Not(*not_null) : mpc::PublicZeroes(protocol_, table_.slots, 1));
  }
  if (dense_) {
    if (cell_keys_.columns.empty()) CARE_RETURN_IF_ERROR(SetCellKeys(context_, node_, cell_keys_));
    const SharedValue& cells = cell_keys_.columns.at(column);
    const BitColumn is_null =
        cells.not_null ? protocol_.Not(*cells.not_null) : mpc::PublicZeroes(protocol_, extra_, 1);
    planes[0] = BitColumn::JoinRows({&planes[0], &*cells.bits});
    planes[1] = BitColumn::JoinRows({&planes[1], &is_null});
  }
  return planes;
}

absl::Status SortedGroups::AddKeys() {
  if (dense_) {
    CARE_ASSIGN_OR_RETURN(BitColumn occurs,
                          mpc::RunningOr(protocol_, same_group_, block_.bits[occurs_in_block_]));
    occurs_ = AddBits(std::move(occurs));
    return absl::OkStatus();  // the caller knows the cells' keys
  }
  unsigned plane = 0;
  for (std::size_t k = node_.group_by.size(); k-- > 0;) {
    const ColumnId column = node_.group_by[k];
    AtEnd end{.column = column};
    const unsigned width = table_.columns.at(column).bits->width();
    end.bits = AddBits(key_.Planes(plane, width));
    plane += width;
    if (table_.columns.at(column).not_null) end.not_null = AddBits(protocol_.Not(key_.Planes(plane++, 1)));
    at_ends_.push_back(std::move(end));
  }
  for (const ColumnId column : determined_) {
    AtEnd end{.column = column};
    end.bits = AddBits(block_.bits[bits_at_.at(column)]);
    if (const auto not_null = not_null_at_.find(column); not_null != not_null_at_.end())
      end.not_null = AddBits(block_.bits[not_null->second]);
    at_ends_.push_back(std::move(end));
  }
  return absl::OkStatus();
}

void SortedGroups::Distribute(std::size_t groups, SharedTable& result) {
  for (const AtEnd& end : at_ends_) {
    SharedValue& value = result.columns[end.column];
    if (end.bits) {
      const BitColumn& bits = ends_.bits[*end.bits];
      value.bits = Resized(protocol_, end.parity ? mpc::XorNeighbours(protocol_, bits) : bits, groups);
      shapes_[end.column] = end.from;
    }
    if (end.not_null) value.not_null = Resized(protocol_, ends_.bits[*end.not_null], groups);
    if (end.ring) {
      RingColumn sum = mpc::SubtractNeighbours(protocol_, ends_.rings[*end.ring]);
      if (dense_ && end.of_extra != 0)
        sum = protocol_.Subtract(
            sum, protocol_.PublicRing(std::vector<std::uint64_t>(sum.rows(), end.of_extra)));
      value.ring = Resized(protocol_, sum, groups);
    }
  }
}

// Bits of calls as their own columns' shapes.
absl::Status SortedGroups::ReshapeCalls(SharedTable& result) {
  for (const std::size_t call : sort_.calls) {
    const ColumnId column = node_.calls[call].column;
    SharedValue& value = result.columns.at(column);
    if (!value.bits) continue;
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape target,
                          planner::ShapeOfColumn(context_.plan.columns[column]));
    CARE_ASSIGN_OR_RETURN(value.bits, Reshape(protocol_, *value.bits, shapes_.at(column), target));
    CARE_ASSIGN_OR_RETURN(value.bits, ZeroWhereNull(protocol_, *value.bits, value.not_null));
  }
  return absl::OkStatus();
}

absl::StatusOr<SharedTable> GroupBySort(TableContext& context, const GroupTableNode& node, SharedTable& table,
                                        const planner::GroupSort& sort, std::span<const ColumnId> determined,
                                        std::size_t groups, std::span<const Disclosure> openings) {
  SortedGroups sorted(context, node, table, sort, determined);
  CARE_ASSIGN_OR_RETURN(SharedTable result, sorted.Run(groups, openings));
  CARE_RETURN_IF_ERROR(sorted.ReshapeCalls(result));
  return result;
}

}  // namespace care::engine
