#include "engine/exec/tables/group_rows.h"

#include "engine/exec/tables/table_rows.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"

namespace care::engine {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;

GroupFlags::Key GroupFlags::KeyOf(std::optional<planner::ColumnId> argument,
                                  std::optional<planner::ColumnId> filter) const {
  if (argument && !table_.columns.at(*argument).not_null) argument.reset();
  return {argument, filter};
}

absl::StatusOr<std::optional<BitColumn>> GroupFlags::Of(Protocol& protocol, const Key& key) {
  if (const auto made = made_.find(key); made != made_.end()) return made->second;
  std::optional<BitColumn> flag = base_;
  const auto meet = [&](const BitColumn& plane) -> absl::Status {
    if (!flag) {
      flag = plane;
      return absl::OkStatus();
    }
    CARE_ASSIGN_OR_RETURN(flag, protocol.And(*flag, plane));
    return absl::OkStatus();
  };
  if (key.first) CARE_RETURN_IF_ERROR(meet(*table_.columns.at(*key.first).not_null));
  // A NULL's bit is zero: a filter that is unknown is not true.
  if (key.second) CARE_RETURN_IF_ERROR(meet(*table_.columns.at(*key.second).bits));
  made_[key] = flag;
  return flag;
}

absl::StatusOr<RingColumn> UnsignedToRing(Protocol& protocol, const BitColumn& bits,
                                          const mpc::LinkSpeed& link) {
  if (bits.width() <= 2) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> planes, protocol.BitsToRing(bits));
    return planes.size() == 1 ? planes[0] : protocol.Add(planes[0], protocol.MultiplyPublic(planes[1], 2));
  }
  const auto time = [&](mpc::CompareDepth depth) {
    return mpc::Microseconds(mpc::IntegersToRingCost(bits.rows(), bits.width(), mpc::kDefaultRing, depth),
                             link);
  };
  const bool ripples = time(mpc::CompareDepth::kRipple) < time(mpc::CompareDepth::kTree);
  return protocol.IntegersToRing(bits, mpc::kDefaultRing,
                                 ripples ? mpc::CompareDepth::kRipple : mpc::CompareDepth::kTree);
}

absl::StatusOr<BitColumn> Largest(Protocol& protocol, BitColumn values, std::size_t cells) {
  CARE_CHECK(cells > 0 && values.rows() % cells == 0);
  std::size_t rows = values.rows() / cells;
  if (rows == 0) return mpc::PublicConstant(protocol, cells, values.width(), 0);
  while (rows > 1) {
    const std::size_t half = rows / 2;
    const BitColumn first = values.Rows(0, half * cells);
    const BitColumn second = values.Rows(half * cells, half * cells);
    CARE_ASSIGN_OR_RETURN(const BitColumn less, mpc::LessThanBits(protocol, first, second));
    CARE_ASSIGN_OR_RETURN(const BitColumn larger, mpc::Mux(protocol, less, second, first));
    const BitColumn rest = values.Rows(2 * half * cells, (rows - 2 * half) * cells);
    values = BitColumn::JoinRows({&larger, &rest});
    rows -= half;
  }
  return values;
}

}  // namespace care::engine
