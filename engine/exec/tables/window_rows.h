// engine/exec/tables/window_rows.h
//
// Rows in the order of a window's keys, and the segments among them: partitions, and in these the rows that tie (peers).
// Internal to window_table.cc.
//
// Copies along segments cost rounds, not bits, so whoever wants one asks first (Want) and all that go the same way travel together.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"

namespace care::engine {

// Which row a value is taken from.
enum class WindowRow : std::uint8_t { kThis, kFirstOfPartition, kFirstPeer, kLastPeer };

class WindowRows {
 public:
  WindowRows(TableContext& context, const planner::WindowTableNode& node) : context_(context), node_(node) {}

  // Sorts the columns that are in `keep`.
  absl::Status Sort(SharedTable& table, const std::set<planner::ColumnId>& keep);

  std::size_t rows() const { return table_.slots; }
  SharedTable& table() { return table_; }
  bool has_partitions() const { return !node_.partition_by.empty(); }
  // 1 where a row is of the partition, or of the peers, of the row before. Rows that are not valid are no row's peers.
  const mpc::BitColumn& same_partition() const { return same_partition_; }
  absl::StatusOr<mpc::BitColumn> SamePeers();

  // A column of each row's `from`; the answer is there after Copy.
  struct Wanted {
    WindowRow from = WindowRow::kThis;
    unsigned plane = 0;
    unsigned width = 0;
  };
  Wanted Want(WindowRow from, const mpc::BitColumn& column);
  absl::Status Copy();
  mpc::BitColumn Copied(const Wanted& wanted) const;

 private:
  TableContext& context_;
  const planner::WindowTableNode& node_;
  SharedTable table_;
  mpc::BitColumn order_, same_partition_;
  std::optional<mpc::BitColumn> same_peers_;
  std::vector<mpc::BitColumn> asked_[4];  // by WindowRow
  mpc::BitColumn copied_[4];
};

}  // namespace care::engine
