#include "engine/exec/tables/join_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/exec/tables/join_lookup.h"
#include "engine/exec/tables/join_matches.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/sort_plan.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/sort_join.h"
#include "planner/physical/columns_read.h"
#include "planner/physical/operator_openings.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using planner::ColumnId;
using planner::JoinKind;
using planner::JoinMethod;

std::set<ColumnId> ReadAbove(const TableContext& context, const planner::JoinTablesNode& node,
                             planner::NodeId id) {
  std::set<ColumnId> reads = planner::ColumnsReadAfter(context.plan, id);
  if (node.residual) planner::CollectColumns(node.residual, reads);
  return reads;
}

// Both sides' keys in bits of one shape, and which rows have one.
absl::Status BringToCommonKeys(TableContext& context, const planner::JoinTablesNode& node, SharedTable& left,
                               SharedTable& right, mpc::JoinSide& left_side, mpc::JoinSide& right_side) {
  Protocol& protocol = context.protocol;
  left_side.valid = left.valid;
  right_side.valid = right.valid;
  std::vector<BitColumn> left_keys, right_keys;
  for (const auto& [left_column, right_column] : node.keys) {
    CARE_ASSIGN_OR_RETURN(const BitColumn* left_bits, BitsOf(protocol, context.plan, left, left_column));
    CARE_ASSIGN_OR_RETURN(const BitColumn* right_bits, BitsOf(protocol, context.plan, right, right_column));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape left_shape,
                          planner::ShapeOfColumn(context.plan.columns[left_column]));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape right_shape,
                          planner::ShapeOfColumn(context.plan.columns[right_column]));
    CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape common, CommonShape(left_shape, right_shape));
    CARE_ASSIGN_OR_RETURN(BitColumn left_key, Reshape(protocol, *left_bits, left_shape, common));
    CARE_ASSIGN_OR_RETURN(BitColumn right_key, Reshape(protocol, *right_bits, right_shape, common));
    left_keys.push_back(std::move(left_key));
    right_keys.push_back(std::move(right_key));
    for (const auto& [table, column, side] :
         {std::tuple{&left, left_column, &left_side}, std::tuple{&right, right_column, &right_side}}) {
      const std::optional<BitColumn>& not_null = table->columns.at(column).not_null;
      if (not_null) {
        CARE_ASSIGN_OR_RETURN(side->valid, protocol.And(side->valid, *not_null));
      }
    }
  }
  left_side.key = JoinedPlanes(left_keys);
  right_side.key = JoinedPlanes(right_keys);
  return absl::OkStatus();
}

// What travels to the left's slots. Bits go through the sort; a value that is there as a ring alone becomes bits.
class Payload {
 public:
  static absl::StatusOr<Payload> Of(TableContext& context, SharedTable& right,
                                    const std::set<ColumnId>& reads) {
    Payload payload;
    std::vector<BitColumn> planes = {};
    for (auto& [column, value] : right.columns) {
      if (!reads.contains(column)) continue;
      Part part{column, 0, false, value.not_null.has_value()};
      if (!value.bits && !planner::ShapeOfColumn(context.plan.columns[column]).ok()) {
        // Nothing is known of its range: the whole integer.
        CARE_ASSIGN_OR_RETURN(BitColumn whole, context.protocol.RingToBits(*value.ring, mpc::kDefaultRing));
        part.whole_integer = true;
        planes.push_back(std::move(whole));
      } else {
        CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(context.protocol, context.plan, right, column));
        planes.push_back(*bits);
      }
      part.width = planes.back().width();
      if (part.not_null) planes.push_back(*value.not_null);
      payload.parts_.push_back(part);
    }
    payload.bits_ =
        planes.empty() ? BitColumn(right.slots, 0, right.valid.part_count()) : JoinedPlanes(planes);
    return payload;
  }

  const BitColumn& bits() const { return bits_; }

  absl::Status Restore(TableContext& context, const BitColumn& arrived, JoinMatches& matches) const {
    unsigned plane = 0;
    for (const Part& part : parts_) {
      SharedValue& value = matches.columns[part.column];
      BitColumn bits = arrived.Planes(plane, part.width);
      plane += part.width;
      if (part.whole_integer) {
        CARE_ASSIGN_OR_RETURN(
            value.ring, context.protocol.IntegersToRing(bits, mpc::kDefaultRing, mpc::CompareDepth::kTree));
      } else {
        value.bits = std::move(bits);
      }
      if (part.not_null) value.not_null = arrived.Planes(plane++, 1);
    }
    return absl::OkStatus();
  }

 private:
  struct Part {
    ColumnId column;
    unsigned width;
    bool whole_integer, not_null;
  };
  std::vector<Part> parts_;
  BitColumn bits_;
};

absl::StatusOr<JoinMatches> MatchBySort(TableContext& context, const planner::JoinTablesNode& node,
                                        SharedTable& left, SharedTable& right,
                                        const std::set<ColumnId>& reads) {
  // The operator's left side is the one that brings something: here the right.
  mpc::JoinSide left_side, right_side;
  CARE_RETURN_IF_ERROR(BringToCommonKeys(context, node, left, right, left_side, right_side));
  CARE_ASSIGN_OR_RETURN(const Payload payload, Payload::Of(context, right, reads));
  const mpc::JoinBound bound = {
      .most_matches = node.most_matches,
      .overflow = planner::NeedsMatchBound(node) ? context.disclosures[1] : Disclosure{},
      .what = "rows of a joined table",
      .repeats_are_fine = !planner::NeedsMatchBound(node)};
  CARE_ASSIGN_OR_RETURN(const mpc::SortJoinResult found,
                        mpc::SortJoin(context.protocol, right_side, payload.bits(), left_side, bound,
                                      context.disclosures[0], context.link));
  JoinMatches matches{.blocks = node.most_matches, .bits_are_masked = true};
  std::vector<const BitColumn*> matched, arrived;
  for (const mpc::SortJoinResult::Slot& slot : found.slots) {
    matched.push_back(&slot.matched);
    arrived.push_back(&slot.payload);
  }
  matches.matched = BitColumn::JoinRows(matched);
  matches.right_matched = found.left_matched;
  CARE_RETURN_IF_ERROR(payload.Restore(context, BitColumn::JoinRows(arrived), matches));
  return matches;
}

// Every left slot beside every right slot. Without right slots there is one, of nothing, for the rows that find no match.
absl::StatusOr<JoinMatches> MatchAll(TableContext& context, const SharedTable& left, const SharedTable& right,
                                     const std::set<ColumnId>& reads) {
  CARE_CHECK(right.slots > 0);
  JoinMatches matches{.blocks = right.slots, .fills_first = right.slots == 1};
  const auto spread = [&](const auto& column) {
    // Slot b * left + i is right slot b.
    std::vector<std::uint32_t> source(left.slots * right.slots);
    for (std::size_t i = 0; i < source.size(); ++i) source[i] = static_cast<std::uint32_t>(i / left.slots);
    return right.slots == 1 ? RepeatRow(column, 0, left.slots) : Gathered(column, source);
  };
  CARE_ASSIGN_OR_RETURN(matches.matched,
                        context.protocol.And(RepeatRows(left.valid, right.slots), spread(right.valid)));
  for (const auto& [column, value] : right.columns) {
    if (!reads.contains(column)) continue;
    SharedValue& there = matches.columns[column];
    if (value.bits) there.bits = spread(*value.bits);
    if (value.ring) there.ring = spread(*value.ring);
    if (value.not_null) there.not_null = spread(*value.not_null);
  }
  return matches;
}

}  // namespace

absl::StatusOr<SharedTable> JoinTables(TableContext& context, const planner::JoinTablesNode& node,
                                       planner::NodeId id) {
  if (node.kind == JoinKind::kFull && node.residual && !node.keys.empty()) {
    return absl::InternalError("the planner let a FULL JOIN pass that takes more than equalities");
  }
  for (const auto& [left_key, right_key] : node.keys) {
    // Stored integers of different scales say different numbers.
    const DataType &a = context.plan.columns[left_key].type, &b = context.plan.columns[right_key].type;
    if ((a.kind == TypeKind::kNumeric ? a.scale : 0) != (b.kind == TypeKind::kNumeric ? b.scale : 0)) {
      return absl::InternalError("the planner let a join of numbers of different scales pass");
    }
  }
  SharedTable& left = context.tables.at(node.left);
  SharedTable& right = context.tables.at(node.right);
  std::set<ColumnId> reads = ReadAbove(context, node, id);
  const bool only_whether = (node.kind == JoinKind::kSemi || node.kind == JoinKind::kAnti) && !node.residual;
  const std::set<ColumnId> from_right = only_whether ? std::set<ColumnId>{} : reads;
  switch (node.method) {
    case JoinMethod::kProduct: {
      if (right.slots == 0) AddEmptySlot(context.protocol, right);
      CARE_ASSIGN_OR_RETURN(JoinMatches matches, MatchAll(context, left, right, from_right));
      return FinishJoin(context, node, left, right, reads, std::move(matches));
    }
    case JoinMethod::kLookup: {
      CARE_ASSIGN_OR_RETURN(JoinMatches matches, MatchByLookup(context, node, left, right, from_right));
      return FinishJoin(context, node, left, right, reads, std::move(matches));
    }
    case JoinMethod::kByOwner: {
      CARE_ASSIGN_OR_RETURN(JoinMatches matches, MatchByOwner(context, node, left, right, from_right));
      return FinishJoin(context, node, left, right, reads, std::move(matches));
    }
    case JoinMethod::kSort:
      break;
  }
  CARE_ASSIGN_OR_RETURN(JoinMatches matches, MatchBySort(context, node, left, right, from_right));
  return FinishJoin(context, node, left, right, reads, std::move(matches));
}

}  // namespace care::engine
