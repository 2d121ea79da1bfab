// engine/exec/tables/group_rows.h
//
// What the calls of a GROUP BY take from their rows: which rows count (a flag), and the argument masked or not. Flags are made
// once for calls that share argument and filter.
//
// Slots that are not valid hold anything, so a flag says nothing there unless `base` is given, a plane that every flag is
// ANDed with.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

class GroupFlags {
 public:
  // Calls with the same key take the same rows. No key parts: all rows.
  using Key = std::pair<std::optional<planner::ColumnId>, std::optional<planner::ColumnId>>;

  GroupFlags(const SharedTable& table, std::optional<mpc::BitColumn> base)
      : table_(table), base_(std::move(base)) {}

  // Of rows where the argument (if it can be NULL) is not NULL and the filter is true.
  Key KeyOf(std::optional<planner::ColumnId> argument, std::optional<planner::ColumnId> filter) const;
  // Null: all rows. Rounds: 1 for each plane beyond the first.
  absl::StatusOr<std::optional<mpc::BitColumn>> Of(mpc::Protocol& protocol, const Key& key);

 private:
  const SharedTable& table_;
  std::optional<mpc::BitColumn> base_;
  std::map<Key, std::optional<mpc::BitColumn>> made_;
};

// Rows of unsigned integers in the ring, by the cheaper way over the link.
absl::StatusOr<mpc::RingColumn> UnsignedToRing(mpc::Protocol& protocol, const mpc::BitColumn& bits,
                                               const mpc::LinkSpeed& link);

// The largest of n / cells rows for each of `cells`, row i of cell g being row i * cells + g: a tournament.
// Rounds about log2 (n / cells) * (log2 W + 2).
absl::StatusOr<mpc::BitColumn> Largest(mpc::Protocol& protocol, mpc::BitColumn values, std::size_t cells);

}  // namespace care::engine
