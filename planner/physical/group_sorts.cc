#include "planner/physical/group_sorts.h"

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
  plan.by_cells =
      group.method == TableGroupMethod::kDense && plan.sorts.empty() && !group.sorts_cells && CellsOf(group) <= kMostFlaggedCells;
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

std::uint64_t SortedRowsOf(const GroupTableNode& group, std::uint64_t input_slots) {
  return input_slots + (group.method == TableGroupMethod::kDense ? CellsOf(group) : 0);
}

}  // namespace care::planner
