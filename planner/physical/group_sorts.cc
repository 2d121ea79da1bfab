#include "planner/physical/group_sorts.h"

#include <algorithm>
#include <numeric>

#include "engine/types/check.h"

namespace care::planner {
namespace {

bool NeedsOrder(const AggregateCall& call) {
  switch (call.function) {
    case AggregateFunction::kCount:
    case AggregateFunction::kSum:
      return call.distinct;
    case AggregateFunction::kPercentileDiscrete:
    case AggregateFunction::kPercentileContinuous:
      return true;
    default:
      return false;
  }
}

bool LikesOrder(const AggregateCall& call) {
  return call.function == AggregateFunction::kMin || call.function == AggregateFunction::kMax;
}

bool Orders(const GroupSort& sort, const AggregateCall& call) {
  return sort.value && sort.value == ColumnOf(call.argument) && sort.filter == ColumnOf(call.filter);
}

}  // namespace

std::optional<ColumnId> ColumnOf(const ExpressionPtr& expression) {
  if (!expression) return std::nullopt;
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  CARE_CHECK(column != nullptr);
  return column->column;
}

std::uint64_t CellsOf(const GroupTableNode& group) {
  return std::accumulate(group.domains.begin(), group.domains.end(), std::uint64_t{1},
                         [](std::uint64_t cells, const auto& domain) { return cells * domain.size(); });
}

GroupSorts SortsOf(const GroupTableNode& group) {
  GroupSorts plan;
  for (std::size_t i = 0; i < group.calls.size(); ++i) {
    const AggregateCall& call = group.calls[i].call;
    if (!NeedsOrder(call)) continue;
    GroupSort* shared = nullptr;
    for (GroupSort& sort : plan.sorts) shared = Orders(sort, call) ? &sort : shared;
    if (shared == nullptr) {
      plan.sorts.push_back({ColumnOf(call.argument), ColumnOf(call.filter), {}});
      shared = &plan.sorts.back();
    }
    shared->calls.push_back(i);
  }
  const bool compares = std::any_of(group.calls.begin(), group.calls.end(),
                                    [](const NamedAggregate& aggregate) { return LikesOrder(aggregate.call); });
  plan.by_cells = group.method == TableGroupMethod::kDense && plan.sorts.empty() && !group.sorts_cells &&
                  CellsOf(group) <= (compares ? kMostTournaments : kMostFlaggedCells);
  const bool folds = plan.by_cells || group.method == TableGroupMethod::kOneGroup;
  if (!folds && plan.sorts.empty()) {
    plan.sorts.emplace_back();
    for (const NamedAggregate& aggregate : group.calls) {
      if (!LikesOrder(aggregate.call)) continue;
      plan.sorts[0].value = ColumnOf(aggregate.call.argument);
      plan.sorts[0].filter = ColumnOf(aggregate.call.filter);
      break;
    }
  }
  for (std::size_t i = 0; i < group.calls.size(); ++i) {
    const AggregateCall& call = group.calls[i].call;
    if (NeedsOrder(call)) continue;
    GroupSort* ordered = nullptr;
    for (GroupSort& sort : plan.sorts) ordered = LikesOrder(call) && Orders(sort, call) ? &sort : ordered;
    if (ordered != nullptr) {
      ordered->calls.push_back(i);
    } else if (folds) {
      plan.folded.push_back(i);
    } else {
      plan.sorts[0].calls.push_back(i);
    }
  }
  return plan;
}

bool IsSumOrCount(const AggregateCall& call) {
  return !call.distinct && (call.function == AggregateFunction::kCountStar || call.function == AggregateFunction::kCount ||
                            call.function == AggregateFunction::kSum);
}

bool WantsLeast(AggregateFunction function) {
  return function == AggregateFunction::kMin || function == AggregateFunction::kBoolAnd;
}

bool WantsExtreme(AggregateFunction function) {
  return WantsLeast(function) || function == AggregateFunction::kMax || function == AggregateFunction::kBoolOr;
}

bool SumsByBits(std::uint64_t cells, unsigned width) {
  // A digit of a cell takes two ANDs where a flag in the ring takes 64 bits, and as much again multiplied.
  constexpr unsigned kMostDigits = 16;
  constexpr std::uint64_t kMostPlanes = 128;
  return width <= kMostDigits && cells * width <= kMostPlanes;
}

std::uint64_t CellsAcross(std::uint64_t cells, const std::vector<std::uint64_t>& sums_of_flag) {
  std::uint64_t best = cells, least = cells * sums_of_flag.size();
  for (std::uint64_t across = 1; across < cells; ++across) {
    const std::uint64_t lefts = (cells + across - 1) / across;
    std::uint64_t columns = across;
    for (const std::uint64_t sums : sums_of_flag) columns += lefts * (1 + sums);
    if (columns < least) {
      best = across;
      least = columns;
    }
  }
  return best;
}

std::uint64_t FoldBlockRows(std::uint64_t slots, const mpc::LinkSpeed& link) {
  constexpr std::uint64_t kRows = std::uint64_t{1} << 15;
  constexpr std::uint64_t kNear = 1000;  // microseconds a round
  return link.round_us <= kNear ? kRows : std::max<std::uint64_t>(slots, 1);
}

std::uint64_t SortedRowsOf(const GroupTableNode& group, std::uint64_t input_slots) {
  return input_slots + (group.method == TableGroupMethod::kDense ? CellsOf(group) : 0);
}

}  // namespace care::planner
