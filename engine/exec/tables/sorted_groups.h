// engine/exec/tables/sorted_groups.h
//
// The state of one sort of a GROUP BY (group_sorted.h says how it works): first the block that travels beside the sort's key and
// where in it each column and flag is, then what each call leaves in its group's last row and where that is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/exec/tables/group_rows.h"
#include "engine/exec/tables/shared_table.h"
#include "planner/physical/group_sorts.h"
#include "planner/physical/shared_value.h"

namespace care::engine {

class SortedGroups {
 public:
  // All must outlive it.
  SortedGroups(TableContext& context, const planner::GroupTableNode& node, SharedTable& table,
               const planner::GroupSort& sort, std::span<const planner::ColumnId> determined);

  absl::StatusOr<SharedTable> Run(std::size_t groups, std::span<const Disclosure> openings);
  // Bits of calls as their own columns' shapes.
  absl::Status ReshapeCalls(SharedTable& result);

 private:
  // What a call leaves in its group's last row, as positions in ends_.
  struct AtEnd {
    planner::ColumnId column = 0;
    std::optional<std::size_t> bits, not_null, ring;
    bool parity = false;             // the bits are parities of all rows so far, not the segment's
    std::uint64_t of_extra = 0;      // what the row that a cell adds has added to the ring
    planner::SharedValueShape from;  // of the bits
  };

  std::optional<planner::ColumnId> ArgumentOf(const planner::AggregateCall& call) const {
    return planner::ColumnOf(call.argument);
  }
  GroupFlags::Key KeyOf(const planner::AggregateCall& call) const {
    return flags_.KeyOf(ArgumentOf(call), planner::ColumnOf(call.filter));
  }
  bool IsOrdered(const planner::AggregateCall& call) const {
    return sort_.value && sort_.value == ArgumentOf(call) && sort_.filter == planner::ColumnOf(call.filter);
  }
  std::size_t AddBits(mpc::BitColumn column) {
    ends_.bits.push_back(std::move(column));
    return ends_.bits.size() - 1;
  }
  std::size_t AddRing(const mpc::RingColumn& rows) {
    ends_.rings.push_back(protocol_.PrefixSum(rows));
    return ends_.rings.size() - 1;
  }

  // --- group_sorted.cc: before the sort, the sort, and at the groups.
  absl::StatusOr<mpc::BitColumn> MoveGroupsToFront(const mpc::BitColumn& is_group, std::size_t kept, std::span<const Disclosure> openings);
  absl::StatusOr<std::optional<mpc::BitColumn>> FlagOfRows(const GroupFlags::Key& key, bool must_exist);
  absl::Status CarryFlag(const GroupFlags::Key& key, bool must_exist);
  absl::Status CarryBits(planner::ColumnId column);
  absl::Status CarryValue(planner::ColumnId column);
  absl::Status Carry(const planner::AggregateCall& call);
  absl::Status Sort(const Disclosure& opening);
  mpc::BitColumn ContinuesAlways() const;
  absl::Status SetSameValue(const mpc::BitColumn& ordered);
  absl::StatusOr<std::vector<mpc::BitColumn>> KeyPlanes(std::size_t k);
  absl::Status AddKeys();
  void Distribute(std::size_t groups, SharedTable& result);

  // --- group_sorted_calls.cc: what a call leaves.
  std::optional<mpc::BitColumn> FlagAt(const GroupFlags::Key& key) const;
  absl::StatusOr<mpc::RingColumn> FlagRing(const std::optional<mpc::BitColumn>& flag);
  absl::StatusOr<std::optional<std::size_t>> AnyOf(const std::optional<mpc::BitColumn>& flag);
  absl::Status AddCall(const planner::NamedAggregate& named);
  absl::Status AddSum(const planner::AggregateCall& call, AtEnd& end);
  absl::Status AddSumOfBits(mpc::BitColumn bits, planner::ColumnId argument, const std::optional<mpc::BitColumn>& flag,
                            AtEnd& end);
  absl::Status AddDistinct(const planner::AggregateCall& call, AtEnd& end);
  absl::Status AddExtreme(const planner::AggregateCall& call, AtEnd& end);
  absl::Status AddOneRow(const mpc::BitColumn& row, AtEnd& end);
  absl::Status AddRanked(const planner::AggregateCall& call, AtEnd& end);
  absl::Status AddInterpolated(const planner::AggregateCall& call, AtEnd& end);

  TableContext& context_;
  mpc::Protocol& protocol_;
  const planner::GroupTableNode& node_;
  SharedTable& table_;
  const planner::GroupSort& sort_;
  const std::span<const planner::ColumnId> determined_;
  const bool dense_, one_;
  const std::size_t extra_, rows_;  // rows that cells add; all rows
  GroupFlags flags_;
  SharedTable cell_keys_;

  // What travels beside the key, and where in it; sorted after Sort.
  mpc::Protocol::Columns block_;
  std::map<GroupFlags::Key, std::size_t> flag_at_;
  std::map<planner::ColumnId, std::size_t> bits_at_, not_null_at_, ring_at_;
  std::size_t occurs_in_block_ = 0, occurs_ = 0;

  mpc::BitColumn key_, invalid_, same_group_;
  mpc::BitColumn value_;  // the ordered value; zero where it does not count
  std::optional<mpc::BitColumn> value_flag_;
  mpc::BitColumn first_;  // counts, and is not the value of the row before
  unsigned value_bits_ = 0;
  bool has_flag_ = false;

  mpc::Protocol::Columns ends_;
  std::vector<AtEnd> at_ends_;
  std::map<planner::ColumnId, planner::SharedValueShape> shapes_;
};

}  // namespace care::engine
