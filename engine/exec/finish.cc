#include "engine/exec/finish.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/exec/local/scalar.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::ColumnId;
using planner::ExpressionPtr;

struct Row {
  std::map<ColumnId, Value> values;
  std::set<ColumnId> hidden;
};

bool NeedsHidden(const ExpressionPtr& expression, const Row& row) {
  std::set<ColumnId> used;
  planner::CollectColumns(expression, used);
  return std::any_of(used.begin(), used.end(),
                     [&](ColumnId column) { return row.hidden.count(column) != 0; });
}

absl::StatusOr<Value> Evaluate(const ExpressionPtr& expression, const Row& row) {
  return EvaluateScalar(expression, [&](ColumnId column) -> absl::StatusOr<Value> {
    const auto found = row.values.find(column);
    if (found == row.values.end())
      return absl::InternalError("a released expression names an unknown column");
    return found->second;
  });
}

absl::StatusOr<Value> ResultOf(const planner::FinishCall& call, const OpenedCells& opened, std::size_t cell) {
  const std::int64_t count = opened.by_measure[call.count_measure][cell];
  switch (call.function) {
    case planner::AggregateFunction::kCountStar:
    case planner::AggregateFunction::kCount:
      return Value(count);
    case planner::AggregateFunction::kSum: {
      if (count == 0) return Value(Null{});
      const std::int64_t sum = opened.by_measure[call.sum_measure][cell];
      if (call.type.kind == TypeKind::kBigInt) return Value(sum);
      return Value(Decimal{sum, call.scale});
    }
    case planner::AggregateFunction::kAverage: {
      if (count == 0) return Value(Null{});
      CARE_ASSIGN_OR_RETURN(const Decimal average,
                            AverageOf(Decimal{opened.by_measure[call.sum_measure][cell], call.scale}, count));
      return Value(average);
    }
    default:
      return absl::InternalError("the plan releases an aggregate that the recipient cannot finish");
  }
}

absl::StatusOr<std::vector<Row>> ReleasedRows(const planner::PhysicalPlan& plan,
                                              const planner::CellsNode& cells, const OpenedCells& opened,
                                              std::uint32_t threshold) {
  std::vector<Row> rows;
  for (std::size_t cell = 0; cell < opened.survives.size(); ++cell) {
    bool hidden = !opened.survives[cell];
    if (hidden && threshold <= 1) {
      // Nothing is suppressed, so a hidden cell is an empty one: no group, or the one row of no groups.
      if (!cells.groups.empty()) continue;
      hidden = false;
    }
    Row row;
    std::size_t rest = cell;
    for (auto group = cells.groups.rbegin(); group != cells.groups.rend(); ++group) {
      const std::size_t code = rest % group->size();
      rest /= group->size();
      row.values[group->column] = code < group->values.size() ? group->values[code] : Value(Null{});
    }
    for (const planner::FinishCall& call : plan.calls) {
      if (hidden) {
        row.values[call.column] = Null{};
        row.hidden.insert(call.column);
      } else {
        CARE_ASSIGN_OR_RETURN(row.values[call.column], ResultOf(call, opened, cell));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

class Finisher {
 public:
  Finisher(const planner::PhysicalPlan& plan, const planner::CellsNode& cells, const OpenedCells& opened,
           std::uint32_t threshold)
      : plan_(plan), cells_(cells), opened_(opened), threshold_(threshold) {}

  absl::StatusOr<std::vector<Row>> Run(const planner::LogicalPtr& node) {
    if (const auto* release = std::get_if<planner::ReleaseNode>(&node->node)) {
      CARE_ASSIGN_OR_RETURN(std::vector<Row> rows, ReleasedRows(plan_, cells_, opened_, threshold_));
      // The plan may group by a derived column; the query's own ids name the same values, in order.
      const auto& top = std::get<planner::AggregateNode>(release->child->node);
      for (Row& row : rows) {
        for (std::size_t i = 0; i < top.group_by.size(); ++i)
          row.values[top.group_by[i]] = row.values[cells_.groups[i].column];
      }
      return rows;
    }
    if (const auto* filter = std::get_if<planner::FilterNode>(&node->node)) return RunFilter(*filter);
    if (const auto* project = std::get_if<planner::ProjectNode>(&node->node)) return RunProject(*project);
    if (const auto* sort = std::get_if<planner::SortNode>(&node->node)) return RunSort(*sort);
    if (const auto* limit = std::get_if<planner::LimitNode>(&node->node)) return RunLimit(*limit);
    if (const auto* distinct = std::get_if<planner::DistinctNode>(&node->node)) return RunDistinct(*distinct);
    return absl::InternalError("an operator above the release cannot run on released rows");
  }

 private:
  absl::StatusOr<std::vector<Row>> RunFilter(const planner::FilterNode& filter) {
    CARE_ASSIGN_OR_RETURN(std::vector<Row> rows, Run(filter.child));
    std::vector<Row> kept;
    for (Row& row : rows) {
      // Whether a hidden cell passes is itself hidden: it stays, marked.
      if (NeedsHidden(filter.predicate, row)) {
        kept.push_back(std::move(row));
        continue;
      }
      CARE_ASSIGN_OR_RETURN(const Value truth, Evaluate(filter.predicate, row));
      const auto* passes = std::get_if<bool>(&truth);
      if (passes != nullptr && *passes) kept.push_back(std::move(row));
    }
    return kept;
  }

  absl::StatusOr<std::vector<Row>> RunProject(const planner::ProjectNode& project) {
    CARE_ASSIGN_OR_RETURN(const std::vector<Row> rows, Run(project.child));
    std::vector<Row> projected;
    for (const Row& row : rows) {
      Row next;
      for (const planner::NamedExpression& item : project.columns) {
        if (NeedsHidden(item.expression, row)) {
          next.values[item.column] = Null{};
          next.hidden.insert(item.column);
        } else {
          CARE_ASSIGN_OR_RETURN(next.values[item.column], Evaluate(item.expression, row));
        }
      }
      projected.push_back(std::move(next));
    }
    return projected;
  }

  absl::StatusOr<std::vector<Row>> RunSort(const planner::SortNode& sort) {
    CARE_ASSIGN_OR_RETURN(std::vector<Row> rows, Run(sort.child));
    struct Keyed {
      std::vector<Value> keys;
      std::vector<bool> hidden;
      Row row;
    };
    std::vector<Keyed> keyed;
    for (Row& row : rows) {
      Keyed entry;
      for (const planner::SortKey& key : sort.keys) {
        const bool hidden = NeedsHidden(key.expression, row);
        entry.hidden.push_back(hidden);
        if (hidden) {
          entry.keys.emplace_back(Null{});
        } else {
          CARE_ASSIGN_OR_RETURN(Value value, Evaluate(key.expression, row));
          entry.keys.push_back(std::move(value));
        }
      }
      entry.row = std::move(row);
      keyed.push_back(std::move(entry));
    }
    std::stable_sort(keyed.begin(), keyed.end(), [&](const Keyed& a, const Keyed& b) {
      for (std::size_t i = 0; i < sort.keys.size(); ++i) {
        if (a.hidden[i] != b.hidden[i]) return static_cast<bool>(b.hidden[i]);
        const bool a_null = IsNull(a.keys[i]);
        const bool b_null = IsNull(b.keys[i]);
        if (a_null != b_null) return a_null == sort.keys[i].nulls_first;
        if (a_null) continue;
        const int order = CompareValues(a.keys[i], b.keys[i]);
        if (order != 0) return sort.keys[i].descending ? order > 0 : order < 0;
      }
      return false;
    });
    rows.clear();
    for (Keyed& entry : keyed) rows.push_back(std::move(entry.row));
    return rows;
  }

  absl::StatusOr<std::vector<Row>> RunLimit(const planner::LimitNode& limit) {
    CARE_ASSIGN_OR_RETURN(std::vector<Row> rows, Run(limit.child));
    const std::size_t begin = std::min<std::size_t>(limit.offset, rows.size());
    const std::size_t count =
        limit.limit ? std::min<std::size_t>(*limit.limit, rows.size() - begin) : rows.size() - begin;
    return std::vector<Row>(rows.begin() + begin, rows.begin() + begin + count);
  }

  absl::StatusOr<std::vector<Row>> RunDistinct(const planner::DistinctNode& distinct) {
    CARE_ASSIGN_OR_RETURN(std::vector<Row> rows, Run(distinct.child));
    std::vector<Row> kept;
    for (Row& row : rows) {
      const bool seen = row.hidden.empty() && std::any_of(kept.begin(), kept.end(), [&](const Row& other) {
                          return other.hidden.empty() && other.values == row.values;
                        });
      if (!seen) kept.push_back(std::move(row));
    }
    return kept;
  }

  const planner::PhysicalPlan& plan_;
  const planner::CellsNode& cells_;
  const OpenedCells& opened_;
  std::uint32_t threshold_;
};

}  // namespace

absl::StatusOr<ReleasedTable> Finish(const planner::PhysicalPlan& plan, const planner::CellsNode& cells,
                                     const OpenedCells& opened, std::uint32_t threshold) {
  CARE_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                        Finisher(plan, cells, opened, threshold).Run(plan.finish));
  ReleasedTable table;
  table.columns = plan.output;
  bool any_hidden = false;
  for (const Row& row : rows) {
    std::vector<Value> values;
    std::vector<bool> hidden;
    for (const planner::OutputColumn& column : plan.output) {
      values.push_back(row.values.at(column.column));
      hidden.push_back(row.hidden.count(column.column) != 0);
      any_hidden = any_hidden || hidden.back();
    }
    table.rows.push_back(std::move(values));
    table.suppressed.push_back(std::move(hidden));
  }
  if (any_hidden) {
    table.notes.push_back(
        absl::StrCat("suppressed: fewer than ", threshold,
                     " persons, or hidden so that such a cell cannot be computed from the others"));
  }
  return table;
}

}  // namespace care::engine
