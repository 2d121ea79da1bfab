#include "engine/exec/tables/join_matches.h"

#include <utility>

#include "engine/exec/tables/table_evaluator.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using planner::JoinKind;

// Whether a left row has a match in any block.
absl::StatusOr<BitColumn> InAnyBlock(Protocol& protocol, BitColumn flags, std::size_t blocks,
                                     std::size_t slots) {
  if (blocks == 0) return mpc::PublicZeroes(protocol, slots, 1);
  while (blocks > 1) {
    const std::size_t half = blocks / 2;
    CARE_ASSIGN_OR_RETURN(const BitColumn folded, mpc::Or(protocol, flags.Rows(0, half * slots),
                                                          flags.Rows(half * slots, half * slots)));
    const BitColumn rest = flags.Rows(2 * half * slots, (blocks - 2 * half) * slots);
    flags = BitColumn::JoinRows({&folded, &rest});
    blocks -= half;
  }
  return flags;
}

// Whether a right row, of which there is one a block, has a match among the left's slots.
absl::StatusOr<BitColumn> InAnySlot(Protocol& protocol, const BitColumn& flags, std::size_t blocks,
                                    std::size_t slots) {
  // The block's slots become blocks of their own.
  std::vector<std::uint32_t> source(flags.rows());
  for (std::size_t i = 0; i < source.size(); ++i)
    source[i] = static_cast<std::uint32_t>(i % blocks * slots + i / blocks);
  return InAnyBlock(protocol, Gathered(flags, source), slots, blocks);
}

// NULL where not matched.
absl::Status MakeNullWhereNotMatched(Protocol& protocol, const BitColumn& matched, bool masked,
                                     SharedValue& value) {
  if (!value.not_null) {
    value.not_null = matched;
  } else if (!masked) {
    CARE_ASSIGN_OR_RETURN(value.not_null, protocol.And(*value.not_null, matched));
  }
  if (!masked && value.bits) {
    CARE_ASSIGN_OR_RETURN(value.bits, protocol.And(*value.bits, matched));
  }
  return absl::OkStatus();
}

// The right's rows behind the left's: the left's columns are NULL there, the right's are themselves.
void AppendRight(const Protocol& protocol, const SharedTable& right, const BitColumn& unmatched,
                 SharedTable& table) {
  for (auto& [column, value] : table.columns) {
    const auto own = right.columns.find(column);
    const bool is_right = own != right.columns.end();
    BitColumn there = is_right ? own->second.not_null.value_or(AllSet(protocol, right.slots))
                               : mpc::PublicZeroes(protocol, right.slots, 1);
    const BitColumn before = value.not_null.value_or(AllSet(protocol, table.slots));
    value.not_null = BitColumn::JoinRows({&before, &there});
    if (value.bits) {
      const BitColumn bits =
          is_right ? *own->second.bits : mpc::PublicZeroes(protocol, right.slots, value.bits->width());
      value.bits = BitColumn::JoinRows({&*value.bits, &bits});
    }
    if (value.ring) {
      value.ring = is_right ? mpc::RingColumn::JoinRows({&*value.ring, &*own->second.ring})
                            : Resized(protocol, *value.ring, table.slots + right.slots);
    }
  }
  table.valid = BitColumn::JoinRows({&table.valid, &unmatched});
  table.slots += right.slots;
}

// Forms that the right's rows and the left's slots both have.
void KeepCommonForms(const SharedTable& right, SharedTable& table) {
  for (auto& [column, value] : table.columns) {
    const auto own = right.columns.find(column);
    if (own == right.columns.end()) continue;
    if (!own->second.bits) value.bits.reset();
    if (!own->second.ring) value.ring.reset();
  }
}

}  // namespace

absl::StatusOr<SharedTable> FinishJoin(TableContext& context, const planner::JoinTablesNode& node,
                                       const SharedTable& left, const SharedTable& right,
                                       const std::set<planner::ColumnId>& reads, JoinMatches matches) {
  Protocol& protocol = context.protocol;
  const std::size_t slots = left.slots * matches.blocks;
  SharedTable joined{.slots = slots, .valid = matches.matched};
  for (const auto& [column, value] : left.columns) {
    if (!reads.contains(column)) continue;
    SharedValue& copy = joined.columns[column];
    if (value.bits) copy.bits = RepeatRows(*value.bits, matches.blocks);
    if (value.ring) copy.ring = RepeatRows(*value.ring, matches.blocks);
    if (value.not_null) copy.not_null = RepeatRows(*value.not_null, matches.blocks);
  }
  std::vector<planner::ColumnId> of_right;
  for (auto& [column, value] : matches.columns) {
    joined.columns[column] = std::move(value);
    of_right.push_back(column);
  }

  bool masked = matches.bits_are_masked;
  if (node.residual) {
    CARE_ASSIGN_OR_RETURN(const BitColumn passes,
                          TableEvaluator(protocol, context.plan, joined, context.link).IsTrue(node.residual));
    CARE_ASSIGN_OR_RETURN(matches.matched, protocol.And(matches.matched, passes));
    matches.fills_first = false;
    masked = false;
    joined.valid = matches.matched;
  }
  if (matches.blocks == 1 && left.slots == slots) {
    joined.order = left.order;
    joined.batch = left.batch;
  }
  if (node.kind == JoinKind::kInner || node.kind == JoinKind::kCross) return joined;

  // What the left's rows hear of their matches.
  BitColumn any = matches.matched.Rows(0, left.slots);
  if (!matches.fills_first) {
    CARE_ASSIGN_OR_RETURN(any, InAnyBlock(protocol, matches.matched, matches.blocks, left.slots));
  }
  if (node.kind == JoinKind::kSemi || node.kind == JoinKind::kAnti) {
    SharedTable kept{.slots = left.slots, .valid = any, .order = left.order, .batch = left.batch};
    // A match is between valid rows, so that the difference is an exclusive or.
    if (node.kind == JoinKind::kAnti) kept.valid = protocol.Xor(left.valid, any);
    for (const auto& [column, value] : left.columns) {
      if (reads.contains(column)) kept.columns[column] = value;
    }
    return kept;
  }

  // kLeft, kFull: a row without any match stands in the first block.
  const BitColumn alone = protocol.Xor(left.valid, any);
  const BitColumn first = protocol.Xor(matches.matched.Rows(0, left.slots), alone);
  const BitColumn others = matches.matched.Rows(left.slots, slots - left.slots);
  joined.valid = BitColumn::JoinRows({&first, &others});
  for (const planner::ColumnId column : of_right)
    CARE_RETURN_IF_ERROR(MakeNullWhereNotMatched(protocol, matches.matched, masked, joined.columns.at(column)));
  if (node.kind != JoinKind::kFull) return joined;

  if (!matches.right_matched) {
    CARE_ASSIGN_OR_RETURN(matches.right_matched,
                          InAnySlot(protocol, matches.matched, matches.blocks, left.slots));
  }
  KeepCommonForms(right, joined);
  AppendRight(protocol, right, protocol.Xor(right.valid, *matches.right_matched), joined);
  joined.order = kNoParty;
  joined.batch = nullptr;
  return joined;
}

}  // namespace care::engine
