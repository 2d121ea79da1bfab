#include "engine/exec/local/window_values.h"

#include "engine/exec/local/value_accumulator.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::AggregateFunction;
using planner::WindowFunction;

AggregateFunction AggregateOf(WindowFunction function) {
  switch (function) {
    case WindowFunction::kCountStar:
      return AggregateFunction::kCountStar;
    case WindowFunction::kCount:
      return AggregateFunction::kCount;
    case WindowFunction::kSum:
      return AggregateFunction::kSum;
    case WindowFunction::kAverage:
      return AggregateFunction::kAverage;
    case WindowFunction::kMin:
      return AggregateFunction::kMin;
    case WindowFunction::kMax:
      return AggregateFunction::kMax;
    default:
      CARE_CHECK(false);
  }
}

class Window {
 public:
  Window(const planner::WindowCall& call, const WindowOrder& order, const std::vector<Value>& arguments,
         const std::vector<Value>& fallbacks)
      : call_(call),
        order_(order),
        arguments_(arguments),
        fallbacks_(fallbacks),
        results_(order.rows.size()) {}

  absl::StatusOr<std::vector<Value>> Run() && {
    std::size_t begin = 0;
    while (begin < order_.rows.size()) {
      std::size_t end = begin + 1;
      while (end < order_.rows.size() && order_.new_partition[end] == 0) ++end;
      CARE_RETURN_IF_ERROR(RunPartition(begin, end));
      begin = end;
    }
    return std::move(results_);
  }

 private:
  Value& ResultAt(std::size_t position) { return results_[order_.rows[position]]; }
  const Value& ArgumentAt(std::size_t position) const { return arguments_[order_.rows[position]]; }
  std::size_t EndOfPeers(std::size_t begin, std::size_t end) const {
    std::size_t next = begin + 1;
    while (next < end && order_.new_peers[next] == 0) ++next;
    return next;
  }

  absl::Status RunPartition(std::size_t begin, std::size_t end) {
    if (call_.rows) return RunRows(*call_.rows, begin, end);
    switch (call_.function) {
      case WindowFunction::kRowNumber:
        for (std::size_t at = begin; at < end; ++at) ResultAt(at) = static_cast<std::int64_t>(at - begin + 1);
        return absl::OkStatus();
      case WindowFunction::kLag:
      case WindowFunction::kLead:
        for (std::size_t at = begin; at < end; ++at) {
          const bool back = call_.function == WindowFunction::kLag;
          const bool there = back ? call_.distance <= at - begin : call_.distance < end - at;
          if (there) {
            ResultAt(at) = ArgumentAt(back ? at - call_.distance : at + call_.distance);
          } else if (!fallbacks_.empty()) {
            ResultAt(at) = fallbacks_[order_.rows[at]];
          }
        }
        return absl::OkStatus();
      case WindowFunction::kFirstValue:
        for (std::size_t at = begin; at < end; ++at) ResultAt(at) = ArgumentAt(begin);
        return absl::OkStatus();
      case WindowFunction::kRank:
      case WindowFunction::kDenseRank:
      case WindowFunction::kLastValue:
      case WindowFunction::kCountStar:
      case WindowFunction::kCount:
      case WindowFunction::kSum:
      case WindowFunction::kAverage:
      case WindowFunction::kMin:
      case WindowFunction::kMax:
        return RunPeers(begin, end);
    }
    CARE_CHECK(false);
  }

  // Each row's frame anew: frames are short, and a value that leaves one cannot be taken back out of a MIN.
  absl::Status RunRows(const planner::RowsFrame& rows, std::size_t begin, std::size_t end) {
    const bool ends = call_.function == WindowFunction::kFirstValue || call_.function == WindowFunction::kLastValue;
    planner::AggregateCall aggregate;
    if (!ends) aggregate.function = AggregateOf(call_.function);
    aggregate.type = call_.type;
    for (std::size_t at = begin; at < end; ++at) {
      const auto [first, last] = rows.Within(at, begin, end);
      if (ends) {
        if (first < last) ResultAt(at) = ArgumentAt(call_.function == WindowFunction::kFirstValue ? first : last - 1);
        continue;
      }
      ValueAccumulator accumulator(aggregate);
      for (std::size_t row = first; row < last; ++row) {
        CARE_RETURN_IF_ERROR(accumulator.Add(arguments_.empty() ? Value(Null{}) : ArgumentAt(row)));
      }
      CARE_ASSIGN_OR_RETURN(ResultAt(at), accumulator.Result());
    }
    return absl::OkStatus();
  }

  // What is the same for all peers.
  absl::Status RunPeers(std::size_t begin, std::size_t end) {
    const bool ranks =
        call_.function == WindowFunction::kRank || call_.function == WindowFunction::kDenseRank;
    const bool accumulates = !ranks && call_.function != WindowFunction::kLastValue;
    planner::AggregateCall aggregate;
    if (accumulates) aggregate.function = AggregateOf(call_.function);
    aggregate.type = call_.type;
    ValueAccumulator accumulator(aggregate);
    std::int64_t dense = 0;
    for (std::size_t at = begin; at < end;) {
      const std::size_t next = EndOfPeers(at, end);
      ++dense;
      Value value;
      if (ranks) {
        value = call_.function == WindowFunction::kRank ? static_cast<std::int64_t>(at - begin + 1) : dense;
      } else if (call_.function == WindowFunction::kLastValue) {
        value = ArgumentAt(next - 1);
      } else {
        for (std::size_t peer = at; peer < next; ++peer) {
          CARE_RETURN_IF_ERROR(accumulator.Add(arguments_.empty() ? Value(Null{}) : ArgumentAt(peer)));
        }
        CARE_ASSIGN_OR_RETURN(value, accumulator.Result());
      }
      for (std::size_t peer = at; peer < next; ++peer) ResultAt(peer) = value;
      at = next;
    }
    return absl::OkStatus();
  }

  const planner::WindowCall& call_;
  const WindowOrder& order_;
  const std::vector<Value>& arguments_;
  const std::vector<Value>& fallbacks_;
  std::vector<Value> results_;
};

}  // namespace

absl::StatusOr<std::vector<Value>> ComputeWindow(const planner::WindowCall& call, const WindowOrder& order,
                                                 const std::vector<Value>& arguments,
                                                 const std::vector<Value>& fallbacks) {
  return Window(call, order, arguments, fallbacks).Run();
}

}  // namespace care::engine
