#include "engine/exec/tables/join_lookup.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/local/join_keys.h"
#include "engine/exec/local/row_operations.h"
#include "engine/exec/tables/share_table.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/join.h"
#include "planner/physical/share_orders.h"

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

// Row i is row source[i], or zero.
EncodedTable RowsAt(const EncodedTable& table, const std::vector<RowNumber>& source, std::size_t slots) {
  const std::size_t stride = (table.bits.width() + 63) / 64;
  std::vector<std::uint64_t> all(table.bits.rows() * stride), chosen(slots * stride, 0);
  table.bits.ToRows(all, stride);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] != kNoRow) std::copy_n(all.begin() + static_cast<std::ptrdiff_t>(source[i] * stride), stride, chosen.begin() + static_cast<std::ptrdiff_t>(i * stride));
  }
  EncodedTable result{.bits = stride == 0 ? BitPlanes(slots, 0) : BitPlanes::FromRows(chosen, stride, slots, table.bits.width()), .rings = {}};
  for (const std::vector<std::uint64_t>& ring : table.rings) {
    std::vector<std::uint64_t>& of_slots = result.rings.emplace_back(slots, 0);
    for (std::size_t i = 0; i < source.size(); ++i) of_slots[i] = source[i] == kNoRow ? 0 : ring[source[i]];
  }
  return result;
}

absl::StatusOr<mpc::LookupArm> ArmOf(const TableContext& context, const ColumnBatch& batch,
                                     const std::vector<planner::ShareColumn>& columns, const std::vector<ColumnId>& keys,
                                     bool repeats_are_fine) {
  CARE_ASSIGN_OR_RETURN(ClearKeys clear, KeysOf(batch, keys));
  std::vector<RowNumber> rows;
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
  for (const RowNumber row : rows) arm.keys.push_back(clear.keys[row]);
  if (rows.size() == batch.rows) {
    arm.bits = std::move(encoded.bits);
    arm.rings = std::move(encoded.rings);
    return arm;
  }
  encoded = RowsAt(encoded, rows, rows.size());
  arm.bits = std::move(encoded.bits);
  arm.rings = std::move(encoded.rings);
  return arm;
}

// The left's distinct keys, and whose each row is. Rows without a key share one that finds nothing.
struct RowsUnderKeys {
  mpc::LookupSpine spine;
  std::vector<std::uint32_t> key_of_row;     // by key, as mpc::Spread wants it
  std::vector<std::uint32_t> place_of_slot;  // where each slot's row stands then; empty if there already
};

RowsUnderKeys PutUnderKeys(const ClearKeys& clear, std::size_t slots, bool stands_by_key) {
  RowsUnderKeys result;
  const std::size_t rows = clear.keys.size();
  const auto is_new_beside_its_neighbour = [&](std::size_t row) {
    return row == 0 || clear.present[row] != clear.present[row - 1] ||
           (clear.present[row] != 0 && clear.keys[row] != clear.keys[row - 1]);
  };
  const auto add_key_of = [&](std::size_t row) {
    result.spine.keys.push_back(clear.keys[row]);
    result.spine.present.push_back(clear.present[row]);
  };
  std::vector<std::uint32_t> key_of_row(rows);
  if (stands_by_key) {
    for (std::size_t row = 0; row < rows; ++row) {
      if (is_new_beside_its_neighbour(row)) add_key_of(row);
      key_of_row[row] = static_cast<std::uint32_t>(result.spine.keys.size() - 1);
    }
    result.key_of_row = std::move(key_of_row);
    return result;
  }
  ByJoinKey<std::uint32_t> number_of_key;
  std::optional<std::uint32_t> no_key;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto next = static_cast<std::uint32_t>(result.spine.keys.size());
    std::uint32_t number = next;
    if (clear.present[row] != 0) {
      number = number_of_key.emplace(clear.keys[row], next).first->second;
    } else {
      number = no_key.value_or(next);
      no_key = number;
    }
    if (number == next) add_key_of(row);
    key_of_row[row] = number;
  }
  // A counting sort; empty slots follow.
  std::vector<std::uint32_t> next_place(result.spine.keys.size() + 1, 0);
  for (const std::uint32_t key : key_of_row) ++next_place[key + 1];
  std::partial_sum(next_place.begin(), next_place.end(), next_place.begin());
  result.place_of_slot.resize(slots);
  result.key_of_row.resize(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint32_t place = next_place[key_of_row[row]]++;
    result.place_of_slot[row] = place;
    result.key_of_row[place] = key_of_row[row];
  }
  for (std::size_t slot = rows; slot < slots; ++slot) result.place_of_slot[slot] = static_cast<std::uint32_t>(slot);
  return result;
}

// Whether the right may hold a key in several rows: where it is only asked whether there is one.
bool RepeatsAreFine(const JoinTablesNode& node) {
  return !node.residual && (node.kind == planner::JoinKind::kSemi || node.kind == planner::JoinKind::kAnti);
}

bool IsFresh(const TableContext& context, const JoinTablesNode& node) {
  return std::holds_alternative<planner::ShareTableNode>(context.plan.nodes[node.right]);
}

std::vector<ColumnId> RightKeys(const JoinTablesNode& node) {
  std::vector<ColumnId> keys;
  for (const auto& [left, right] : node.keys) keys.push_back(right);
  return keys;
}

}  // namespace

absl::StatusOr<JoinMatches> MatchByLookup(TableContext& context, const JoinTablesNode& node,
                                          const SharedTable& left, const SharedTable& right,
                                          const std::set<ColumnId>& from_right) {
  Protocol& protocol = context.protocol;
  if (left.order == kNoParty || right.order == kNoParty || left.order == right.order || !IsFresh(context, node))
    return absl::InternalError("a private lookup needs the keys of two owners");
  const std::vector<ColumnId> left_keys = planner::LeftKeys(node), right_keys = RightKeys(node);
  const std::vector<planner::ShareColumn> columns =
      ColumnsBrought(std::get<planner::ShareTableNode>(context.plan.nodes[node.right]), from_right);
  CARE_ASSIGN_OR_RETURN(const EncodedShape brought, EncodedShapeOf(context.plan, columns));
  const bool distinct = planner::LeftKeysAreDistinct(context.plan, node);
  const std::size_t most_keys = distinct ? left.slots : std::min<std::size_t>(node.left_keys, left.slots);
  const mpc::LookupShape shape{.arm = right.order,
                               .spine = left.order,
                               .helper = node.helper,
                               .arm_bound = right.slots,
                               .spine_rows = most_keys,
                               .payload_bits = brought.planes,
                               .payload_rings = brought.rings};
  std::optional<mpc::LookupArm> arm;
  if (protocol.Holds(right.order)) {
    CARE_ASSIGN_OR_RETURN(arm, ArmOf(context, *right.batch, columns, right_keys, RepeatsAreFine(node)));
  }
  std::optional<ClearKeys> clear;
  if (protocol.Holds(left.order)) {
    CARE_ASSIGN_OR_RETURN(clear, KeysOf(*left.batch, left_keys));
  }
  mpc::Joined joined;
  if (distinct) {
    mpc::LookupSpine spine;
    if (clear) {
      spine = {std::move(clear->keys), std::move(clear->present)};
      spine.keys.resize(left.slots);
      spine.present.resize(left.slots, 0);
    }
    CARE_ASSIGN_OR_RETURN(joined,
                          mpc::LookupJoin(protocol, shape, arm ? &*arm : nullptr, clear ? &spine : nullptr));
  } else {
    const bool stands_by_key = planner::StandsBy(context.plan, node.left, left_keys);
    RowsUnderKeys rows;
    if (clear) {
      rows = PutUnderKeys(*clear, left.slots, stands_by_key);
      if (rows.spine.keys.size() > most_keys) {
        return absl::FailedPreconditionError(
            absl::StrCat(context.title(left_keys[0]), ": there are more different values than the ", most_keys,
                         " that the federation file allows by its references and ranges; correct the rows, or the declaration"));
      }
      rows.spine.keys.resize(most_keys);
      rows.spine.present.resize(most_keys, 0);
    }
    const bool here = protocol.Holds(left.order);
    CARE_ASSIGN_OR_RETURN(joined, mpc::LookupJoinRows(protocol, shape, arm ? &*arm : nullptr, here ? &rows.spine : nullptr,
                                                      here ? &rows.key_of_row : nullptr, left.slots));
    if (!stands_by_key) {
      Protocol::Columns block{{std::move(joined.matched)}, std::move(joined.rings)};
      if (brought.planes > 0) block.bits.push_back(std::move(joined.bits));
      CARE_ASSIGN_OR_RETURN(Protocol::Columns in_order,
                            protocol.GatherByOwner(left.order, here ? &rows.place_of_slot : nullptr, left.slots, block));
      joined.matched = std::move(in_order.bits[0]);
      if (brought.planes > 0) joined.bits = std::move(in_order.bits[1]);
      joined.rings = std::move(in_order.rings);
    }
  }

  JoinMatches matches{.bits_are_masked = true};
  CARE_ASSIGN_OR_RETURN(matches.matched, protocol.And(joined.matched, left.valid));
  SharedTable found;
  CARE_RETURN_IF_ERROR(TakeEncoded(context.plan, columns, joined.bits, std::move(joined.rings), found));
  matches.columns = std::move(found.columns);
  return matches;
}

absl::StatusOr<JoinMatches> MatchByOwner(TableContext& context, const JoinTablesNode& node, const SharedTable& left,
                                         const SharedTable& right, const std::set<ColumnId>& from_right) {
  Protocol& protocol = context.protocol;
  if (left.order == kNoParty || left.order != right.order || !IsFresh(context, node))
    return absl::InternalError("a join by its owner needs both sides of one owner");
  const std::vector<planner::ShareColumn> columns =
      ColumnsBrought(std::get<planner::ShareTableNode>(context.plan.nodes[node.right]), from_right);
  CARE_ASSIGN_OR_RETURN(const EncodedShape shape, EncodedShapeOf(context.plan, columns));
  const bool here = protocol.Holds(left.order);
  BitPlanes matched(here ? left.slots : 0, 1);
  EncodedTable encoded;
  if (here) {
    CARE_ASSIGN_OR_RETURN(const ClearKeys left_keys, KeysOf(*left.batch, planner::LeftKeys(node)));
    CARE_ASSIGN_OR_RETURN(const ClearKeys right_keys, KeysOf(*right.batch, RightKeys(node)));
    ByJoinKey<RowNumber> row_of_key;
    for (std::size_t row = 0; row < right_keys.keys.size(); ++row) {
      if (right_keys.present[row] == 0) continue;
      if (!row_of_key.emplace(right_keys.keys[row], static_cast<RowNumber>(row)).second && !RepeatsAreFine(node)) {
        return absl::FailedPreconditionError(absl::StrCat(
            context.title(RightKeys(node)[0]), ": a key that must be unique for a join is in several rows"));
      }
    }
    std::vector<RowNumber> found(left_keys.keys.size(), kNoRow);
    for (std::size_t row = 0; row < found.size(); ++row) {
      const auto match = left_keys.present[row] == 0 ? row_of_key.end() : row_of_key.find(left_keys.keys[row]);
      if (match == row_of_key.end()) continue;
      found[row] = match->second;
      matched.Set(row, 0, true);
    }
    CARE_ASSIGN_OR_RETURN(encoded, EncodeTable(context.plan, columns, *right.batch, right.slots, context.title));
    encoded = RowsAt(encoded, found, left.slots);
  }
  JoinMatches matches{.bits_are_masked = true};
  CARE_ASSIGN_OR_RETURN(matches.matched, protocol.InputBits(left.order, here ? &matched : nullptr, left.slots, 1));
  CARE_ASSIGN_OR_RETURN(matches.matched, protocol.And(matches.matched, left.valid));
  BitColumn bits;
  if (shape.planes > 0) {
    CARE_ASSIGN_OR_RETURN(bits, protocol.InputBits(left.order, here ? &encoded.bits : nullptr, left.slots, shape.planes));
  }
  std::vector<mpc::RingColumn> rings;
  for (unsigned i = 0; i < shape.rings; ++i) {
    CARE_ASSIGN_OR_RETURN(mpc::RingColumn ring, protocol.InputRing(left.order, here ? &encoded.rings[i] : nullptr, left.slots));
    rings.push_back(std::move(ring));
  }
  SharedTable found;
  CARE_RETURN_IF_ERROR(TakeEncoded(context.plan, columns, bits, std::move(rings), found));
  matches.columns = std::move(found.columns);
  return matches;
}

}  // namespace care::engine
