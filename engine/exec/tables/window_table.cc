#include "engine/exec/tables/window_table.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/exec/tables/group_rows.h"
#include "engine/exec/tables/table_rows.h"
#include "engine/exec/tables/value_forms.h"
#include "engine/exec/tables/window_rows.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "planner/physical/columns_read.h"
#include "planner/physical/group_sorts.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;
using planner::ColumnId;
using planner::SharedValueShape;
using planner::WindowCall;
using planner::WindowFunction;

class WindowCalls {
 public:
  WindowCalls(TableContext& context, WindowRows& rows)
      : context_(context), protocol_(context.protocol), rows_(rows), n_(rows.rows()) {}

  absl::Status Run(const std::vector<planner::NamedWindowCall>& calls) {
    std::vector<Pending> pending;
    for (const planner::NamedWindowCall& named : calls) {
      CARE_ASSIGN_OR_RETURN(Pending started, Start(named));
      pending.push_back(std::move(started));
    }
    CARE_RETURN_IF_ERROR(rows_.Copy());
    for (Pending& started : pending) {
      CARE_ASSIGN_OR_RETURN(SharedValue value, Finish(started));
      rows_.table().columns[started.column] = std::move(value);
    }
    return absl::OkStatus();
  }

 private:
  // A call whose copies are under way.
  struct Pending {
    ColumnId column = 0;
    SharedValueShape shape;                      // of the result
    std::optional<SharedValue> done;             // needs no copy
    std::optional<WindowRows::Wanted> value;     // in `from`; of counts and sums modulo 2^width
    std::optional<WindowRows::Wanted> before;    // what was counted before the partition
    std::optional<WindowRows::Wanted> not_null;
    SharedValueShape from;
  };

  absl::StatusOr<Pending> Start(const planner::NamedWindowCall& named) {
    const WindowCall& call = named.call;
    Pending pending{.column = named.column};
    CARE_ASSIGN_OR_RETURN(pending.shape, planner::ShapeOfColumn(context_.plan.columns[named.column]));
    switch (call.function) {
      case WindowFunction::kRowNumber:
        CountRows(WindowRow::kThis, pending);
        return pending;
      case WindowFunction::kRank:
        CountRows(WindowRow::kFirstPeer, pending);
        return pending;
      case WindowFunction::kCountStar:
        CountRows(WindowRow::kLastPeer, pending);
        return pending;
      case WindowFunction::kDenseRank: {
        CARE_ASSIGN_OR_RETURN(const BitColumn ties, rows_.SamePeers());
        CARE_RETURN_IF_ERROR(CountFlags(protocol_.Not(ties), WindowRow::kThis, pending));
        return pending;
      }
      case WindowFunction::kCount: {
        const std::optional<BitColumn>& not_null = Argument(call).not_null;
        if (!not_null) {
          CountRows(WindowRow::kLastPeer, pending);
        } else {
          CARE_RETURN_IF_ERROR(CountFlags(*not_null, WindowRow::kLastPeer, pending));
        }
        return pending;
      }
      case WindowFunction::kSum:
        CARE_RETURN_IF_ERROR(StartSum(call, pending));
        return pending;
      case WindowFunction::kMin:
      case WindowFunction::kMax:
        CARE_RETURN_IF_ERROR(StartExtreme(call, pending));
        return pending;
      case WindowFunction::kFirstValue:
      case WindowFunction::kLastValue:
        CARE_RETURN_IF_ERROR(StartCopied(call, pending));
        return pending;
      case WindowFunction::kLag:
      case WindowFunction::kLead: {
        CARE_ASSIGN_OR_RETURN(pending.done, Neighbour(call, pending.shape));
        return pending;
      }
      case WindowFunction::kAverage:
        break;
    }
    return absl::InternalError("a window's average is not made of sums");
  }

  SharedValue& Argument(const WindowCall& call) { return rows_.table().columns.at(*planner::ColumnOf(call.argument)); }
  absl::StatusOr<SharedValueShape> ShapeOf(const planner::ExpressionPtr& column) const {
    return planner::ShapeOfColumn(context_.plan.columns[*planner::ColumnOf(column)]);
  }

  // Row i as i + shift, modulo 2^width.
  BitColumn RowNumbers(std::uint64_t shift, unsigned width) const {
    std::vector<std::uint64_t> numbers(n_);
    const std::uint64_t mask = width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
    for (std::size_t i = 0; i < n_; ++i) numbers[i] = (i + shift) & mask;
    return protocol_.PublicBits(mpc::BitPlanes::FromIntegers(numbers, width));
  }

  // Rows of the partition up to and with the row that is named.
  void CountRows(WindowRow up_to, Pending& pending) {
    const unsigned width = pending.shape.width;
    pending.from = pending.shape;
    pending.value = rows_.Want(up_to, RowNumbers(1 - static_cast<std::uint64_t>(pending.shape.base), width));
    if (rows_.has_partitions()) pending.before = rows_.Want(WindowRow::kFirstOfPartition, RowNumbers(0, width));
  }

  absl::Status CountFlags(const BitColumn& flags, WindowRow up_to, Pending& pending) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ones, protocol_.BitsToRing(flags));
    return SumUpTo(ones[0], up_to, pending);
  }

  // Of all rows before, and then less what was there before the partition: modulo 2^width, so that the sum over all rows may
  // be as large as it likes.
  absl::Status SumUpTo(const RingColumn& values, WindowRow up_to, Pending& pending) {
    pending.from = pending.shape;
    pending.from.base = 0;
    CARE_ASSIGN_OR_RETURN(const BitColumn sums, protocol_.RingToBits(protocol_.PrefixSum(values), pending.shape.width));
    pending.value = rows_.Want(up_to, sums);
    if (rows_.has_partitions())
      pending.before = rows_.Want(WindowRow::kFirstOfPartition, mpc::ShiftDown(protocol_, sums, 1));
    return absl::OkStatus();
  }

  absl::Status StartSum(const WindowCall& call, Pending& pending) {
    const SharedValue& argument = Argument(call);
    std::optional<RingColumn> flags;
    if (argument.not_null) {
      CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ones, protocol_.BitsToRing(*argument.not_null));
      flags = ones[0];
      CARE_RETURN_IF_ERROR(WantAny(*argument.not_null, pending));
    }
    if (argument.ring) {
      if (!flags) return SumUpTo(*argument.ring, WindowRow::kLastPeer, pending);
      CARE_ASSIGN_OR_RETURN(const RingColumn masked, protocol_.Multiply(*argument.ring, *flags));
      return SumUpTo(masked, WindowRow::kLastPeer, pending);
    }
    // Bits of a NULL are zero; the base counts where there is a value.
    CARE_ASSIGN_OR_RETURN(const SharedValueShape shape, ShapeOf(call.argument));
    CARE_ASSIGN_OR_RETURN(RingColumn values, UnsignedToRing(protocol_, *argument.bits, context_.link));
    if (shape.base != 0) {
      const RingColumn each = flags ? *flags : protocol_.PublicRing(std::vector<std::uint64_t>(n_, 1));
      values = protocol_.Add(values, protocol_.MultiplyPublic(each, static_cast<std::uint64_t>(shape.base)));
    }
    return SumUpTo(values, WindowRow::kLastPeer, pending);
  }

  // Whether the flag is set in a row of the frame.
  absl::Status WantAny(const BitColumn& flag, Pending& pending) {
    CARE_ASSIGN_OR_RETURN(const BitColumn any, mpc::RunningOr(protocol_, rows_.same_partition(), flag));
    pending.not_null = rows_.Want(WindowRow::kLastPeer, any);
    return absl::OkStatus();
  }

  absl::Status StartExtreme(const WindowCall& call, Pending& pending) {
    const SharedValue& argument = Argument(call);
    CARE_ASSIGN_OR_RETURN(pending.from, ShapeOf(call.argument));
    const bool least = call.function == WindowFunction::kMin;
    // The greatest of the values, or of their complements; what is NULL is the least there is.
    BitColumn bits = least ? protocol_.Not(*argument.bits) : *argument.bits;
    if (argument.not_null) {
      CARE_ASSIGN_OR_RETURN(bits, protocol_.And(bits, *argument.not_null));
      CARE_RETURN_IF_ERROR(WantAny(*argument.not_null, pending));
    }
    CARE_ASSIGN_OR_RETURN(const BitColumn extreme, mpc::RunningMaximum(protocol_, rows_.same_partition(), bits));
    pending.value = rows_.Want(WindowRow::kLastPeer, least ? protocol_.Not(extreme) : extreme);
    return absl::OkStatus();
  }

  absl::Status StartCopied(const WindowCall& call, Pending& pending) {
    const SharedValue& argument = Argument(call);
    CARE_ASSIGN_OR_RETURN(pending.from, ShapeOf(call.argument));
    const WindowRow from =
        call.function == WindowFunction::kFirstValue ? WindowRow::kFirstOfPartition : WindowRow::kLastPeer;
    pending.value = rows_.Want(from, *argument.bits);
    if (argument.not_null) pending.not_null = rows_.Want(from, *argument.not_null);
    return absl::OkStatus();
  }

  // Whether the partition has a row `distance` rows before: in as many rounds as the distance has bits.
  absl::StatusOr<BitColumn> Reaches(std::uint64_t distance) {
    if (distance == 0) return AllSet(protocol_, n_);
    if (distance >= n_) return mpc::PublicZeroes(protocol_, n_, 1);
    CARE_ASSIGN_OR_RETURN(const BitColumn half, distance == 1 ? rows_.same_partition() : Reaches(distance / 2));
    if (distance == 1) return half;
    CARE_ASSIGN_OR_RETURN(const BitColumn even,
                          protocol_.And(half, mpc::ShiftDown(protocol_, half, static_cast<std::size_t>(distance / 2))));
    if (distance % 2 == 0) return even;
    return protocol_.And(rows_.same_partition(), mpc::ShiftDown(protocol_, even, 1));
  }

  absl::StatusOr<SharedValue> Neighbour(const WindowCall& call, const SharedValueShape& shape) {
    const auto distance = static_cast<std::size_t>(std::min<std::uint64_t>(call.distance, n_));
    const bool back = call.function == WindowFunction::kLag;
    CARE_ASSIGN_OR_RETURN(BitColumn there, Reaches(distance));
    if (!back) there = mpc::ShiftUp(protocol_, there, distance);
    const auto shifted = [&](const BitColumn& column) {
      return back ? mpc::ShiftDown(protocol_, column, distance) : mpc::ShiftUp(protocol_, column, distance);
    };
    const SharedValue& argument = Argument(call);
    CARE_ASSIGN_OR_RETURN(const SharedValueShape from, ShapeOf(call.argument));
    CARE_ASSIGN_OR_RETURN(const BitColumn bits, Reshape(protocol_, *argument.bits, from, shape));
    SharedValue result;
    if (call.fallback == nullptr) {
      result.not_null = there;
      if (argument.not_null) {
        CARE_ASSIGN_OR_RETURN(result.not_null, protocol_.And(there, shifted(*argument.not_null)));
      }
      result.bits = shifted(bits);
    } else {
      const SharedValue& fallback = rows_.table().columns.at(*planner::ColumnOf(call.fallback));
      CARE_ASSIGN_OR_RETURN(const SharedValueShape fallback_shape, ShapeOf(call.fallback));
      CARE_ASSIGN_OR_RETURN(const BitColumn otherwise, Reshape(protocol_, *fallback.bits, fallback_shape, shape));
      CARE_ASSIGN_OR_RETURN(result.bits, mpc::Mux(protocol_, there, shifted(bits), otherwise));
      if (argument.not_null || fallback.not_null) {
        const BitColumn all = AllSet(protocol_, n_);
        CARE_ASSIGN_OR_RETURN(result.not_null, mpc::Mux(protocol_, there, shifted(argument.not_null.value_or(all)),
                                                        fallback.not_null.value_or(all)));
      }
    }
    CARE_ASSIGN_OR_RETURN(result.bits, ZeroWhereNull(protocol_, *result.bits, result.not_null));
    return result;
  }

  absl::StatusOr<SharedValue> Finish(const Pending& pending) {
    if (pending.done) return *pending.done;
    SharedValue result;
    BitColumn bits = rows_.Copied(*pending.value);
    if (pending.before) {
      const BitColumn before = rows_.Copied(*pending.before);
      const std::array<const BitColumn*, 2> inputs{&bits, &before};
      CARE_ASSIGN_OR_RETURN(bits, protocol_.Evaluate(mpc::SubtractCircuit(bits.width(), mpc::CompareDepth::kTree), inputs));
    }
    if (pending.not_null) result.not_null = rows_.Copied(*pending.not_null);
    CARE_ASSIGN_OR_RETURN(bits, Reshape(protocol_, bits, pending.from, pending.shape));
    CARE_ASSIGN_OR_RETURN(result.bits, ZeroWhereNull(protocol_, bits, result.not_null));
    return result;
  }

  TableContext& context_;
  Protocol& protocol_;
  WindowRows& rows_;
  const std::size_t n_;
};

}  // namespace

absl::StatusOr<SharedTable> WindowTable(TableContext& context, const planner::WindowTableNode& node,
                                        planner::NodeId id) {
  SharedTable& table = context.tables.at(node.input);
  const std::set<ColumnId> later = planner::ColumnsReadAfter(context.plan, id);
  std::set<ColumnId> keep = later;
  for (const planner::NamedWindowCall& named : node.calls) {
    for (const planner::ExpressionPtr& part : {named.call.argument, named.call.fallback}) {
      const std::optional<ColumnId> column = planner::ColumnOf(part);
      if (!column) continue;
      keep.insert(*column);
      // Of a SUM either form will do, of a COUNT none is asked.
      if (named.call.function == WindowFunction::kSum && table.columns.at(*column).ring) continue;
      if (named.call.function == WindowFunction::kCount) continue;
      CARE_RETURN_IF_ERROR(BitsOf(context.protocol, context.plan, table, *column).status());
    }
  }
  WindowRows rows(context, node);
  CARE_RETURN_IF_ERROR(rows.Sort(table, keep));
  CARE_RETURN_IF_ERROR(WindowCalls(context, rows).Run(node.calls));
  SharedTable result = std::move(rows.table());
  std::erase_if(result.columns, [&](const auto& column) { return !later.contains(column.first); });
  return result;
}

}  // namespace care::engine
