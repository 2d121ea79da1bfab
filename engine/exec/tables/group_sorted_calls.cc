// What each call of a sorted GROUP BY leaves in its group's last row: a sum over all rows so far, what ran along the segment, or
// the parity of the one row that has its value.
#include <utility>
#include <vector>

#include "engine/exec/tables/group_percentile.h"
#include "engine/exec/tables/sorted_groups.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::RingColumn;
using planner::AggregateCall;
using planner::AggregateFunction;
using planner::ColumnId;

}  // namespace

std::optional<BitColumn> SortedGroups::FlagAt(const GroupFlags::Key& key) const {
  const auto found = flag_at_.find(key);
  return found == flag_at_.end() ? std::nullopt : std::optional(block_.bits[found->second]);
}

absl::StatusOr<RingColumn> SortedGroups::FlagRing(const std::optional<BitColumn>& flag) {
  if (!flag) return protocol_.PublicRing(std::vector<std::uint64_t>(rows_, 1));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> rings, protocol_.BitsToRing(*flag));
  return rings[0];
}

absl::StatusOr<std::optional<std::size_t>> SortedGroups::AnyOf(const std::optional<BitColumn>& flag) {
  if (!flag) return std::optional<std::size_t>();
  CARE_ASSIGN_OR_RETURN(BitColumn any, mpc::RunningOr(protocol_, same_group_, *flag));
  return std::optional(AddBits(std::move(any)));
}

absl::Status SortedGroups::AddCall(const planner::NamedAggregate& named) {
  const AggregateCall& call = named.call;
  AtEnd end{.column = named.column};
  if (call.function == AggregateFunction::kPercentileDiscrete) {
    CARE_RETURN_IF_ERROR(AddRanked(call, end));
  } else if (call.function == AggregateFunction::kPercentileContinuous) {
    CARE_RETURN_IF_ERROR(AddInterpolated(call, end));
  } else if (WantsExtreme(call.function)) {
    CARE_RETURN_IF_ERROR(AddExtreme(call, end));
  } else if (call.distinct && IsOrdered(call)) {
    CARE_RETURN_IF_ERROR(AddDistinct(call, end));
  } else if (call.function == AggregateFunction::kSum) {
    CARE_RETURN_IF_ERROR(AddSum(call, end));
  } else {
    const std::optional<BitColumn> flag = FlagAt(KeyOf(call));
    CARE_ASSIGN_OR_RETURN(const RingColumn ones, FlagRing(flag));
    end.ring = AddRing(ones);
    end.of_extra = flag ? 0 : 1;
  }
  if (end.bits) {
    CARE_ASSIGN_OR_RETURN(end.from, planner::ShapeOfColumn(context_.plan.columns[*ArgumentOf(call)]));
  }
  at_ends_.push_back(std::move(end));
  return absl::OkStatus();
}

absl::Status SortedGroups::AddSum(const AggregateCall& call, AtEnd& end) {
  const std::optional<BitColumn> flag = FlagAt(KeyOf(call));
  CARE_ASSIGN_OR_RETURN(end.not_null, AnyOf(flag));
  const ColumnId argument = *ArgumentOf(call);
  if (const auto ring = ring_at_.find(argument); ring != ring_at_.end()) {
    RingColumn value = block_.rings[ring->second];
    if (flag) {
      CARE_ASSIGN_OR_RETURN(const RingColumn ones, FlagRing(flag));
      CARE_ASSIGN_OR_RETURN(value, protocol_.Multiply(value, ones));
    }
    end.ring = AddRing(value);
    return absl::OkStatus();
  }
  return AddSumOfBits(block_.bits[bits_at_.at(argument)], argument, flag, end);
}

// The sum of value - base, and base times the count.
absl::Status SortedGroups::AddSumOfBits(BitColumn bits, ColumnId argument, const std::optional<BitColumn>& flag,
                                        AtEnd& end) {
  CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape,
                        planner::ShapeOfColumn(context_.plan.columns[argument]));
  if (flag) {
    CARE_ASSIGN_OR_RETURN(bits, protocol_.And(bits, *flag));
  }
  CARE_ASSIGN_OR_RETURN(RingColumn value, UnsignedToRing(protocol_, bits, context_.link));
  if (shape.base != 0) {
    CARE_ASSIGN_OR_RETURN(const RingColumn ones, FlagRing(flag));
    value = protocol_.Add(value, protocol_.MultiplyPublic(ones, static_cast<std::uint64_t>(shape.base)));
    if (!flag) end.of_extra = static_cast<std::uint64_t>(shape.base);
  }
  end.ring = AddRing(value);
  return absl::OkStatus();
}

absl::Status SortedGroups::AddDistinct(const AggregateCall& call, AtEnd& end) {
  if (call.function == AggregateFunction::kCount) {
    CARE_ASSIGN_OR_RETURN(const RingColumn ones, FlagRing(first_));
    end.ring = AddRing(ones);
    return absl::OkStatus();
  }
  CARE_ASSIGN_OR_RETURN(end.not_null, AnyOf(value_flag_));
  return AddSumOfBits(value_, *ArgumentOf(call), first_, end);
}

absl::Status SortedGroups::AddExtreme(const AggregateCall& call, AtEnd& end) {
  const bool least = WantsLeast(call.function);
  if (IsOrdered(call) && !least) {
    end.bits = AddBits(value_);
    if (value_flag_) end.not_null = AddBits(*value_flag_);
    return absl::OkStatus();
  }
  if (IsOrdered(call)) {
    // The first row of the segment that counts: those that do not stand before it.
    BitColumn first = protocol_.Not(same_group_);
    if (value_flag_) {
      CARE_ASSIGN_OR_RETURN(const BitColumn counted_before,
                            protocol_.And(same_group_, mpc::ShiftDown(protocol_, *value_flag_, 1)));
      CARE_ASSIGN_OR_RETURN(first, protocol_.And(*value_flag_, protocol_.Not(counted_before)));
      end.not_null = AddBits(*value_flag_);  // in the last row: any
    }
    return AddOneRow(first, end);
  }
  const std::optional<BitColumn> flag = FlagAt(KeyOf(call));
  BitColumn bits = block_.bits[bits_at_.at(*ArgumentOf(call))];
  if (least) bits = protocol_.Not(bits);
  if (flag) {
    CARE_ASSIGN_OR_RETURN(bits, protocol_.And(bits, *flag));
  }
  CARE_ASSIGN_OR_RETURN(BitColumn extreme, mpc::RunningMaximum(protocol_, same_group_, bits));
  CARE_ASSIGN_OR_RETURN(end.not_null, AnyOf(flag));
  if (least) {
    extreme = protocol_.Not(extreme);
    // Of no rows it would be all ones.
    if (flag) {
      CARE_ASSIGN_OR_RETURN(extreme, protocol_.And(extreme, ends_.bits[*end.not_null]));
    }
  }
  end.bits = AddBits(std::move(extreme));
  return absl::OkStatus();
}

absl::Status SortedGroups::AddOneRow(const BitColumn& row, AtEnd& end) {
  CARE_ASSIGN_OR_RETURN(const BitColumn value, protocol_.And(value_, row));
  end.bits = AddBits(protocol_.PrefixXor(value));
  end.parity = true;
  return absl::OkStatus();
}

absl::Status SortedGroups::AddRanked(const AggregateCall& call, AtEnd& end) {
  CARE_ASSIGN_OR_RETURN(const BitColumn row, RowOfPercentile(context_, same_group_, value_flag_,
                                                             call.fraction, call.descending));
  if (value_flag_) end.not_null = AddBits(*value_flag_);
  return AddOneRow(row, end);
}

absl::Status SortedGroups::AddInterpolated(const AggregateCall& call, AtEnd& end) {
  CARE_ASSIGN_OR_RETURN(const planner::SharedValueShape shape,
                        planner::ShapeOfColumn(context_.plan.columns[*ArgumentOf(call)]));
  CARE_ASSIGN_OR_RETURN(const RingColumn weights, WeightsOfPercentile(context_, same_group_, value_flag_, call.fraction,
                                                                      call.descending));
  CARE_ASSIGN_OR_RETURN(RingColumn value, UnsignedToRing(protocol_, value_, context_.link));
  value = protocol_.Add(value, protocol_.PublicRing(std::vector<std::uint64_t>(rows_, static_cast<std::uint64_t>(shape.base))));
  CARE_ASSIGN_OR_RETURN(value, protocol_.Multiply(value, weights));
  if (value_flag_) end.not_null = AddBits(*value_flag_);
  end.ring = AddRing(value);
  return absl::OkStatus();
}

}  // namespace care::engine
