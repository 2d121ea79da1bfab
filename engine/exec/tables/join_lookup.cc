#include "engine/exec/tables/join_lookup.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/local/join_keys.h"
#include "engine/exec/tables/share_table.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/join.h"
#include "mpc/relational/segment_layout.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::BitPlanes;
using mpc::Protocol;
using planner::ColumnId;
using planner::JoinTablesNode;

// Plans look up by columns of fragments alone: whoever sent this plan was wrong, not this process.
absl::StatusOr<const Column*> CellsOf(const ColumnBatch& batch, ColumnId column) {
  const int place = batch.FindColumn(connectors::ColumnName(column));
  if (place < 0) return absl::InternalError("a lookup's key is not a column of its owner's fragment");
  return &batch.columns[static_cast<std::size_t>(place)];
}

// The rows' keys in canonical form, and which rows have one.
struct ClearKeys {
  std::vector<mpc::JoinKey> keys;
  std::vector<std::uint8_t> present;
};
absl::StatusOr<ClearKeys> KeysOf(const ColumnBatch& batch, const std::vector<ColumnId>& columns) {
  ClearKeys result{{}, std::vector<std::uint8_t>(batch.rows, 1)};
  std::vector<std::vector<mpc::JoinKey>> parts;
  for (const ColumnId column : columns) {
    CARE_ASSIGN_OR_RETURN(const Column* cells, CellsOf(batch, column));
    parts.push_back(CanonicalKeys(*cells));
    for (std::size_t row = 0; row < batch.rows; ++row) result.present[row] &= cells->IsNull(row) ? 0 : 1;
  }
  result.keys = parts.size() == 1 ? std::move(parts[0]) : CombineKeys(parts);
  return result;
}

// What of the right travels: of its columns those that somebody reads, in the forms in which their owner would share them.
std::vector<planner::ShareColumn> ColumnsBrought(const planner::ShareTableNode& share, const std::set<ColumnId>& from_right) {
  std::vector<planner::ShareColumn> columns;
  for (const planner::ShareColumn& column : share.columns) {
    if (from_right.contains(column.column)) columns.push_back(column);
  }
  return columns;
}

BitPlanes RowsOf(const BitPlanes& planes, const std::vector<std::uint32_t>& rows) {
  const std::size_t stride = (planes.width() + 63) / 64;
  std::vector<std::uint64_t> all(planes.rows() * stride), chosen(rows.size() * stride);
  planes.ToRows(all, stride);
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(&all[rows[i] * stride], stride, &chosen[i * stride]);
  return BitPlanes::FromRows(chosen, stride, rows.size(), planes.width());
}

absl::StatusOr<mpc::LookupArm> ArmOf(const TableContext& context, const ColumnBatch& batch,
                                     const std::vector<planner::ShareColumn>& columns, const std::vector<ColumnId>& keys,
                                     bool repeats_are_fine) {
  CARE_ASSIGN_OR_RETURN(ClearKeys clear, KeysOf(batch, keys));
  std::vector<std::uint32_t> rows;
  ByJoinKey<std::uint32_t> seen;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    if (clear.present[row] == 0) continue;
    if (!seen.emplace(clear.keys[row], 0).second) {
      if (repeats_are_fine) continue;
      return absl::FailedPreconditionError(
          absl::StrCat(context.title(keys[0]), ": a key that must be unique for a join is in several rows"));
    }
    rows.push_back(static_cast<std::uint32_t>(row));
  }
  CARE_ASSIGN_OR_RETURN(EncodedTable encoded, EncodeTable(context.plan, columns, batch, batch.rows, context.title));
  mpc::LookupArm arm;
  for (const std::uint32_t row : rows) arm.keys.push_back(clear.keys[row]);
  if (rows.size() == batch.rows) {
    arm.bits = std::move(encoded.bits);
    arm.rings = std::move(encoded.rings);
    return arm;
  }
  arm.bits = encoded.bits.width() == 0 ? BitPlanes(rows.size(), 0) : RowsOf(encoded.bits, rows);
  for (const std::vector<std::uint64_t>& ring : encoded.rings) {
    std::vector<std::uint64_t>& chosen = arm.rings.emplace_back();
    for (const std::uint32_t row : rows) chosen.push_back(ring[row]);
  }
  return arm;
}

bool Repeats(const ClearKeys& clear) {
  ByJoinKey<std::uint32_t> seen;
  for (std::size_t row = 0; row < clear.keys.size(); ++row) {
    if (clear.present[row] != 0 && !seen.emplace(clear.keys[row], 0).second) return true;
  }
  return false;
}

// The left's rows under their distinct keys, and where each slot's row stands.
struct RowsUnderKeys {
  mpc::LookupSpine spine;
  mpc::SegmentLayout layout;
  std::vector<std::uint32_t> place_of_slot;
};
RowsUnderKeys PutUnderKeys(const ClearKeys& clear, std::size_t slots) {
  RowsUnderKeys result;
  result.spine.keys.resize(slots);
  result.spine.present.assign(slots, 0);
  ByJoinKey<std::uint32_t> number_of_key;
  std::vector<std::uint32_t> key_of_row;
  std::optional<std::uint32_t> no_key;
  std::uint32_t next = 0;
  for (std::size_t row = 0; row < clear.keys.size(); ++row) {
    if (clear.present[row] == 0) {
      if (!no_key) no_key = next++;
      key_of_row.push_back(*no_key);
      continue;
    }
    const auto [found, added] = number_of_key.emplace(clear.keys[row], next);
    if (added) {
      result.spine.keys[next] = clear.keys[row];
      result.spine.present[next++] = 1;
    }
    key_of_row.push_back(found->second);
  }
  result.layout = mpc::LayOutSegments(key_of_row, slots, slots);
  result.place_of_slot = result.layout.slot_of_row;
  // Empty slots take places of nobody: from the end, where all that nobody needs stands.
  for (std::uint32_t place = static_cast<std::uint32_t>(2 * slots); result.place_of_slot.size() < slots;)
    result.place_of_slot.push_back(--place);
  return result;
}

}  // namespace

absl::StatusOr<JoinMatches> MatchByLookup(TableContext& context, const JoinTablesNode& node,
                                          const SharedTable& left, const SharedTable& right,
                                          const std::set<ColumnId>& from_right) {
  Protocol& protocol = context.protocol;
  if (left.order == kNoParty || right.order == kNoParty || left.order == right.order ||
      !std::holds_alternative<planner::ShareTableNode>(context.plan.nodes[node.right]))
    return absl::InternalError("a private lookup needs the keys of two owners");
  std::vector<ColumnId> left_keys, right_keys;
  for (const auto& [l, r] : node.keys) {
    left_keys.push_back(l);
    right_keys.push_back(r);
  }
  const std::vector<planner::ShareColumn> columns =
      ColumnsBrought(std::get<planner::ShareTableNode>(context.plan.nodes[node.right]), from_right);
  CARE_ASSIGN_OR_RETURN(const EncodedShape brought, EncodedShapeOf(context.plan, columns));
  const mpc::LookupShape shape{.arm = right.order,
                               .spine = left.order,
                               .helper = node.helper,
                               .arm_bound = right.slots,
                               .spine_rows = left.slots,
                               .payload_bits = brought.planes,
                               .payload_rings = brought.rings};
  std::optional<mpc::LookupArm> arm;
  if (protocol.Holds(right.order)) {
    CARE_ASSIGN_OR_RETURN(arm, ArmOf(context, *right.batch, columns, right_keys,
                                     !node.residual && (node.kind == planner::JoinKind::kSemi ||
                                                        node.kind == planner::JoinKind::kAnti)));
  }
  std::optional<ClearKeys> clear;
  if (protocol.Holds(left.order)) {
    CARE_ASSIGN_OR_RETURN(clear, KeysOf(*left.batch, left_keys));
  }
  mpc::Joined joined;
  if (node.left_distinct) {
    // Before anything is sent: equal keys would show the helper that they are.
    if (clear && Repeats(*clear)) {
      return absl::FailedPreconditionError(
          absl::StrCat(context.title(left_keys[0]), ": a key that is declared unique is in several rows"));
    }
    mpc::LookupSpine spine;
    if (clear) {
      spine = {std::move(clear->keys), std::move(clear->present)};
      spine.keys.resize(left.slots);
      spine.present.resize(left.slots, 0);
    }
    CARE_ASSIGN_OR_RETURN(joined,
                          mpc::LookupJoin(protocol, shape, arm ? &*arm : nullptr, clear ? &spine : nullptr));
  } else {
    RowsUnderKeys rows;
    if (clear) rows = PutUnderKeys(*clear, left.slots);
    CARE_ASSIGN_OR_RETURN(
        const mpc::Joined under_keys,
        mpc::LookupJoinRows(protocol, shape, arm ? &*arm : nullptr, clear ? &rows.spine : nullptr,
                            clear ? &rows.layout : nullptr, left.slots));
    Protocol::Columns block{{under_keys.matched}, under_keys.rings};
    if (brought.planes > 0) block.bits.push_back(under_keys.bits);
    CARE_ASSIGN_OR_RETURN(
        Protocol::Columns in_order,
        protocol.GatherByOwner(left.order, clear ? &rows.place_of_slot : nullptr, left.slots, block));
    joined.matched = std::move(in_order.bits[0]);
    if (brought.planes > 0) joined.bits = std::move(in_order.bits[1]);
    joined.rings = std::move(in_order.rings);
  }

  JoinMatches matches{.bits_are_masked = true};
  CARE_ASSIGN_OR_RETURN(matches.matched, protocol.And(joined.matched, left.valid));
  SharedTable found;
  CARE_RETURN_IF_ERROR(TakeEncoded(context.plan, columns, joined.bits, std::move(joined.rings), found));
  matches.columns = std::move(found.columns);
  return matches;
}

}  // namespace care::engine
