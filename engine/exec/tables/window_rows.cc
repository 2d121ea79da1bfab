#include "engine/exec/tables/window_rows.h"

#include <map>
#include <set>
#include <utility>

#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"

namespace care::engine {

using mpc::BitColumn;
using mpc::Protocol;
using planner::ColumnId;

absl::Status WindowRows::Sort(SharedTable& input, const std::set<ColumnId>& keep) {
  Protocol& protocol = context_.protocol;
  // From the lowest plane: the order, the partition, and whether there is no row.
  struct KeyPart {
    unsigned plane = 0, width = 0;
    bool descending = false;
    std::optional<unsigned> null_plane;
    bool null_is_set = false;
  };
  std::map<ColumnId, KeyPart> in_key;
  std::vector<BitColumn> low_to_high;
  unsigned planes = 0;
  const auto add = [&](const planner::TableKey& key) -> absl::Status {
    CARE_ASSIGN_OR_RETURN(const BitColumn* bits, BitsOf(protocol, context_.plan, input, key.column));
    const std::optional<BitColumn>& not_null = input.columns.at(key.column).not_null;
    KeyPart part{.plane = planes, .width = bits->width(), .descending = key.descending};
    low_to_high.push_back(key.descending ? protocol.Not(*bits) : *bits);
    planes += part.width;
    if (not_null) {
      part.null_plane = planes++;
      part.null_is_set = !key.nulls_first;
      low_to_high.push_back(key.nulls_first ? *not_null : protocol.Not(*not_null));
    }
    in_key.emplace(key.column, part);
    return absl::OkStatus();
  };
  for (auto key = node_.order_by.rbegin(); key != node_.order_by.rend(); ++key) CARE_RETURN_IF_ERROR(add(*key));
  const unsigned order_planes = planes;
  for (const ColumnId column : node_.partition_by) CARE_RETURN_IF_ERROR(add({.column = column}));
  low_to_high.push_back(protocol.Not(input.valid));

  // What is in the key need not travel beside it.
  SharedTable beside{.slots = input.slots};
  for (const ColumnId column : keep) {
    const auto found = input.columns.find(column);
    if (found == input.columns.end()) continue;
    SharedValue value = found->second;
    if (in_key.contains(column)) {
      value.bits.reset();
      value.not_null.reset();
    }
    beside.columns[column] = std::move(value);
  }
  RowBlock block(beside, keep);
  CARE_ASSIGN_OR_RETURN(mpc::SortedRows sorted,
                        mpc::SortRows(protocol, JoinedPlanes(low_to_high), block.Take(), context_.disclosures[0],
                                      {.link = context_.link}));
  table_ = SharedTable{.slots = input.slots, .valid = protocol.Not(sorted.key.Planes(planes, 1))};
  block.Restore(sorted.columns, table_);
  for (const auto& [column, part] : in_key) {
    if (!keep.contains(column)) continue;
    SharedValue& value = table_.columns[column];
    const BitColumn bits = sorted.key.Planes(part.plane, part.width);
    value.bits = part.descending ? protocol.Not(bits) : bits;
    if (part.null_plane) {
      const BitColumn null = sorted.key.Planes(*part.null_plane, 1);
      value.not_null = part.null_is_set ? protocol.Not(null) : null;
    }
  }
  order_ = sorted.key.Planes(0, order_planes);
  CARE_ASSIGN_OR_RETURN(same_partition_, mpc::ContinuesSegment(protocol, sorted.key.Planes(order_planes, planes + 1 - order_planes)));
  return absl::OkStatus();
}

absl::StatusOr<BitColumn> WindowRows::SamePeers() {
  if (same_peers_) return *same_peers_;
  if (order_.width() == 0) {
    same_peers_ = same_partition_;
    return *same_peers_;
  }
  CARE_ASSIGN_OR_RETURN(const BitColumn ties, mpc::ContinuesSegment(context_.protocol, order_));
  CARE_ASSIGN_OR_RETURN(same_peers_, context_.protocol.And(ties, same_partition_));
  return *same_peers_;
}

WindowRows::Wanted WindowRows::Want(WindowRow from, const BitColumn& column) {
  Wanted wanted{.from = from, .width = column.width()};
  std::vector<BitColumn>& asked = asked_[static_cast<int>(from)];
  for (const BitColumn& before : asked) wanted.plane += before.width();
  asked.push_back(column);
  return wanted;
}

absl::Status WindowRows::Copy() {
  Protocol& protocol = context_.protocol;
  for (const WindowRow from : {WindowRow::kThis, WindowRow::kFirstOfPartition, WindowRow::kFirstPeer, WindowRow::kLastPeer}) {
    const std::vector<BitColumn>& asked = asked_[static_cast<int>(from)];
    if (asked.empty()) continue;
    const BitColumn columns = JoinedPlanes(asked);
    BitColumn& copied = copied_[static_cast<int>(from)];
    switch (from) {
      case WindowRow::kThis:
        copied = columns;
        break;
      case WindowRow::kFirstOfPartition: {
        CARE_ASSIGN_OR_RETURN(copied, mpc::CopyDown(protocol, same_partition_, columns));
        break;
      }
      case WindowRow::kFirstPeer: {
        CARE_ASSIGN_OR_RETURN(const BitColumn peers, SamePeers());
        CARE_ASSIGN_OR_RETURN(copied, mpc::CopyDown(protocol, peers, columns));
        break;
      }
      case WindowRow::kLastPeer: {
        CARE_ASSIGN_OR_RETURN(const BitColumn peers, SamePeers());
        CARE_ASSIGN_OR_RETURN(
            copied, mpc::CopyDown(protocol, Reversed(mpc::ShiftUp(protocol, peers, 1)), Reversed(columns)));
        copied = Reversed(copied);
        break;
      }
    }
  }
  return absl::OkStatus();
}

BitColumn WindowRows::Copied(const Wanted& wanted) const {
  return copied_[static_cast<int>(wanted.from)].Planes(wanted.plane, wanted.width);
}

}  // namespace care::engine
