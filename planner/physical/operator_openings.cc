#include "planner/physical/operator_openings.h"

#include <algorithm>
#include <bit>
#include <string>

#include "mpc/cost/sort_plan.h"
#include "planner/physical/group_sorts.h"

namespace care::planner {
namespace {

// As mpc::SortDisclosure and CompactDisclosure (mpc/relational), which the planner does not link; a test compares them.
Disclosure Sort(std::uint64_t rows, std::string what) {
  const std::uint64_t all_pairs = rows < 2 ? 0 : rows * (rows - 1) / 2;
  const std::uint64_t bits = static_cast<std::uint64_t>(std::bit_width(std::max<std::uint64_t>(rows, 2) - 1));
  return {.what = std::move(what),
          .max_values = (rows + 64) * (2 * bits + 64) + std::min(all_pairs, mpc::kMostFinishPairs),
          .rule = "comparisons or places of shuffled rows: the order of a uniformly random permutation"};
}

Disclosure Compact(std::uint64_t rows, std::string what) {
  return {.what = std::move(what),
          .max_values = rows,
          .rule = "places of shuffled rows: a uniformly random permutation"};
}

Disclosure Overflow(std::string what) {
  return {.what = std::move(what), .max_values = 1, .rule = "one bit; if it is set the query ends"};
}

}  // namespace

bool NeedsMatchBound(const JoinTablesNode& join) {
  if (join.method != JoinMethod::kSort) return false;
  return (join.kind != JoinKind::kSemi && join.kind != JoinKind::kAnti) || join.residual != nullptr;
}

std::vector<Disclosure> JoinOpenings(const JoinTablesNode& join, std::uint64_t left_slots,
                                     std::uint64_t right_slots) {
  if (join.method != JoinMethod::kSort) return {};
  std::vector<Disclosure> openings = {
      Sort(left_slots + right_slots, "comparisons of a join's shuffled rows")};
  if (NeedsMatchBound(join)) {
    openings.push_back(Overflow("whether a key of a joined table exceeds its declared rows"));
  }
  return openings;
}

bool NeedsGroupBound(const GroupTableNode& group, std::uint64_t slots) {
  return group.method == TableGroupMethod::kSorted && group.group_bound < std::max<std::uint64_t>(slots, 1);
}

std::vector<Disclosure> GroupOpenings(const GroupTableNode& group, std::uint64_t slots) {
  if (group.method == TableGroupMethod::kByOwner) return {};
  std::vector<Disclosure> openings;
  // A table without slots is grouped as one of a slot that holds nothing.
  const std::uint64_t rows = SortedRowsOf(group, std::max<std::uint64_t>(slots, 1));
  for (std::size_t i = 0; i < SortsOf(group).sorts.size(); ++i) {
    openings.push_back(Sort(rows, "comparisons of shuffled rows to be grouped"));
    if (group.method != TableGroupMethod::kOneGroup)
      openings.push_back(Compact(rows, "places of the groups' shuffled last rows"));
  }
  if (NeedsGroupBound(group, slots)) openings.push_back(Overflow("whether there are more groups than declared references allow"));
  return openings;
}

std::vector<Disclosure> WindowOpenings(std::uint64_t slots) {
  return {Sort(slots, "comparisons of shuffled rows to be put into windows")};
}

std::vector<Disclosure> TopOpenings(std::uint64_t slots) {
  return {Sort(slots, "comparisons of shuffled rows to be ordered")};
}

std::vector<Disclosure> CompactOpenings(std::uint64_t slots) {
  return {Compact(slots, "places of shuffled rows to be compacted"), Overflow("whether a join has more rows than declared keys allow")};
}

}  // namespace care::planner
