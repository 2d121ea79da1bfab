#include "mpc/relational/sort.h"

#include <algorithm>
#include <bit>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/sort_plan.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/comparison_sort.h"
#include "mpc/relational/radix_sort.h"
#include "mpc/relational/row_numbers.h"
#include "mpc/share/compared_rows.h"

namespace care::mpc {
namespace {

struct BlockWidth {
  unsigned bits = 0;
  unsigned rings = 0;
};

BlockWidth WidthOf(const Protocol::Columns& columns) {
  BlockWidth width{0, static_cast<unsigned>(columns.rings.size())};
  for (const BitColumn& column : columns.bits) width.bits += column.width();
  return width;
}

// Fewer rounds, more bits.
absl::StatusOr<BitColumn> LessByTree(Protocol& protocol, const ComparedRows& rows, std::span<const RowRun> runs) {
  const auto [left, right] = rows.Gather(runs);
  return LessThanBits(protocol, left, right);
}

}  // namespace

BitColumn SortKey(const Protocol& protocol, const std::vector<SortColumn>& columns) {
  std::vector<BitColumn> low_to_high;
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    low_to_high.push_back(column->descending ? protocol.Not(*column->bits) : *column->bits);
    if (column->is_null == nullptr) continue;
    // NULLs tie with each other: their bits are all zero, or all one.
    low_to_high.push_back(column->nulls_first ? protocol.Not(*column->is_null) : *column->is_null);
  }
  std::vector<const BitColumn*> pointers;
  for (const BitColumn& column : low_to_high) pointers.push_back(&column);
  return BitColumn::JoinPlanes(pointers);
}

Disclosure SortDisclosure(std::uint32_t id, std::uint64_t rows, std::string what) {
  // Far above what any shuffle needs; the number of comparisons is public anyhow. Over a distant link the last batch
  // compares more than all that came before, up to all rows with all.
  const std::uint64_t all_pairs = rows < 2 ? 0 : rows * (rows - 1) / 2;
  const std::uint64_t most = (rows + 64) * (2 * RowNumberBits(rows) + 64) + std::min(all_pairs, kMostFinishPairs);
  return {.id = id,
          .what = std::move(what),
          .recipient = kNoParty,
          .max_values = most,
          .rule = "comparisons or places of shuffled rows: the order of a uniformly random permutation"};
}

absl::StatusOr<SortedRows> SortRows(Protocol& protocol, const BitColumn& key,
                                    const Protocol::Columns& columns, const Disclosure& disclosure,
                                    const SortOptions& options) {
  const std::size_t rows = key.rows();
  const BlockWidth beside = WidthOf(columns);
  const SortPlan plan = PlanSort(rows, key.width(), beside.bits, beside.rings, options.link, options.first_ranks);
  if (plan.method == SortPlan::Method::kRadix) {
    CARE_ASSIGN_OR_RETURN(const BitColumn numbers, RadixOrder(protocol, key, disclosure));
    Protocol::Columns block = columns;
    block.bits.push_back(key);
    CARE_ASSIGN_OR_RETURN(MovedRows moved, GatherSecretly(protocol, numbers, block, disclosure));
    SortedRows sorted;
    sorted.key = std::move(moved.columns.bits.back());
    moved.columns.bits.pop_back();
    sorted.columns = std::move(moved.columns);
    sorted.order = std::move(moved.order);
    sorted.cost = plan.cost;
    return sorted;
  }
  Protocol::Columns block = columns;
  const BitColumn numbers = RowNumbers(protocol, rows);
  block.bits.push_back(BitColumn::JoinPlanes({&numbers, &key}));
  CARE_ASSIGN_OR_RETURN(Protocol::Shuffled shuffled, protocol.Shuffle(block));
  ComparedRows key_rows(shuffled.columns.bits.back());
  shuffled.columns.bits.pop_back();

  SortedRows sorted;
  sorted.cost = ShuffleCost(rows, beside.bits + key_rows.width(), beside.rings);
  const LessBatch less = [&](std::span<const RowRun> runs) -> absl::StatusOr<BitPlanes> {
    const ComparisonBatch batch = PlanComparisons(PairCount(runs), key_rows.width(), options.link);
    sorted.cost += batch.cost;
    CARE_ASSIGN_OR_RETURN(const BitColumn result, batch.ripples ? protocol.LessThanRows(key_rows, runs)
                                                                : LessByTree(protocol, key_rows, runs));
    auto opened = protocol.Open(result, disclosure);
    if (!opened.ok()) return opened.status();
    return **std::move(opened);
  };
  const RowMoves moves = {.reorder = [&](std::size_t first, std::span<const std::uint32_t> source) {
                            key_rows.Reorder(first, source);
                          },
                          .split = [&](const RowSplit& split) { key_rows.Split(split); }};
  sorted.order.shuffle = std::move(shuffled.permutation);
  CARE_ASSIGN_OR_RETURN(sorted.order.opened,
                        ComparisonSort(rows, less, moves, {options.first_ranks, plan.finish_pairs}));
  sorted.key = key_rows.Column(numbers.width(), key.width());
  sorted.columns = GatherPublic(shuffled.columns, sorted.order.opened);
  return sorted;
}

}  // namespace care::mpc
