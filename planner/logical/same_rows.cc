#include "planner/logical/same_rows.h"

#include <algorithm>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

using Definitions = std::vector<std::pair<ColumnId, ExpressionPtr>>;

}  // namespace

bool SameRows::Match(const LogicalNode& a, const LogicalNode& b) {
  if (a.node.index() != b.node.index()) return false;
  const std::vector<LogicalPtr> of_a = ChildrenOf(a), of_b = ChildrenOf(b);
  if (of_a.size() != of_b.size()) return false;
  for (std::size_t i = 0; i < of_a.size(); ++i) {
    if (!Match(*of_a[i], *of_b[i])) return false;
  }
  return std::visit(
      [&](const auto& part) { return MatchPart(part, std::get<std::decay_t<decltype(part)>>(b.node)); },
      a.node);
}

std::optional<ColumnId> SameRows::Of(ColumnId column) const {
  const auto found = columns_of_.find(column);
  return found == columns_of_.end() ? std::nullopt : std::optional(found->second);
}

bool SameRows::MatchPart(const FilterNode& a, const FilterNode& b) { return Same(a.predicate, b.predicate); }

bool SameRows::MatchPart(const JoinNode& a, const JoinNode& b) {
  if (a.kind != b.kind || (a.condition == nullptr) != (b.condition == nullptr)) return false;
  return a.condition == nullptr || Same(a.condition, b.condition);
}

bool SameRows::SameCalls(const AggregateCall& a, const AggregateCall& b) const {
  return a.function == b.function && a.distinct == b.distinct && a.descending == b.descending &&
         a.fraction == b.fraction && a.type == b.type && Same(a.argument, b.argument) &&
         Same(a.second, b.second) && Same(a.filter, b.filter);
}

bool SameRows::MatchPart(const AggregateNode& a, const AggregateNode& b) {
  if (a.group_by.size() != b.group_by.size()) return false;
  for (ColumnId column : b.group_by) {
    const std::optional<ColumnId> of = Of(column);
    if (!of || !Contains(a.group_by, *of)) return false;
  }
  return std::all_of(b.calls.begin(), b.calls.end(), [&](const NamedAggregate& named) {
    return std::any_of(a.calls.begin(), a.calls.end(), [&](const NamedAggregate& other) {
      if (!SameCalls(other.call, named.call)) return false;
      columns_of_[named.column] = other.column;
      return true;
    });
  });
}

bool SameRows::MatchPart(const DistinctNode& a, const DistinctNode& b) {
  return OutputColumns(*a.child).size() == OutputColumns(*b.child).size();
}

bool SameRows::MatchPart(const ValuesNode& a, const ValuesNode& b) {
  if (a.columns.size() != b.columns.size() || a.rows != b.rows) return false;
  for (std::size_t i = 0; i < a.columns.size(); ++i) {
    if (columns_[a.columns[i]].type != columns_[b.columns[i]].type) return false;
    columns_of_[b.columns[i]] = a.columns[i];
  }
  return true;
}

bool SameRows::Same(const ExpressionPtr& a, const ExpressionPtr& b) const {
  if (a == nullptr || b == nullptr) return a == b;
  Definitions names;
  for (ColumnId column : ColumnsOf(b)) {
    const std::optional<ColumnId> of = Of(column);
    if (!of) return false;
    names.emplace_back(column, MakeColumn(*of, columns_[*of].type));
  }
  return SameExpression(a, SubstituteColumns(b, names));
}

bool SameRows::MatchPart(const ScanNode& a, const ScanNode& b) {
  if (a.table != b.table) return false;
  return std::all_of(b.columns.begin(), b.columns.end(), [&](const ScanNode::Output& output) {
    return std::any_of(a.columns.begin(), a.columns.end(), [&](const ScanNode::Output& other) {
      if (other.table_column != output.table_column) return false;
      columns_of_[output.column] = other.column;
      return true;
    });
  });
}

bool SameRows::MatchPart(const ProjectNode& a, const ProjectNode& b) {
  return std::all_of(b.columns.begin(), b.columns.end(), [&](const NamedExpression& item) {
    return std::any_of(a.columns.begin(), a.columns.end(), [&](const NamedExpression& other) {
      if (!Same(other.expression, item.expression)) return false;
      columns_of_[item.column] = other.column;
      return true;
    });
  });
}

bool SameRows::MatchPart(const SetOperationNode& a, const SetOperationNode& b) {
  if (a.kind != b.kind || a.all != b.all) return false;
  // Rows of the other kinds are whole.
  if ((a.kind != sql::SetOperationKind::kUnion || !a.all) && a.columns.size() != b.columns.size())
    return false;
  for (std::size_t i = 0; i < b.columns.size(); ++i) {
    bool found = false;
    for (std::size_t j = 0; j < a.columns.size() && !found; ++j) {
      found = true;
      for (std::size_t input = 0; input < b.inputs.size(); ++input)
        found = found && Of(b.input_columns[input][i]) == a.input_columns[input][j];
      if (found) columns_of_[b.columns[i]] = a.columns[j];
    }
    if (!found) return false;
  }
  return true;
}

bool SameRows::MatchPart(const WindowNode& a, const WindowNode& b) {
  if (a.partition_by.size() != b.partition_by.size() || a.order_by.size() != b.order_by.size()) return false;
  for (ColumnId column : b.partition_by) {
    const std::optional<ColumnId> of = Of(column);
    if (!of || !Contains(a.partition_by, *of)) return false;
  }
  for (std::size_t i = 0; i < a.order_by.size(); ++i) {
    const SortKey &x = a.order_by[i], &y = b.order_by[i];
    if (x.descending != y.descending || x.nulls_first != y.nulls_first || !Same(x.expression, y.expression))
      return false;
  }
  return std::all_of(b.calls.begin(), b.calls.end(), [&](const NamedWindowCall& named) {
    return std::any_of(a.calls.begin(), a.calls.end(), [&](const NamedWindowCall& other) {
      if (other.call.function != named.call.function || other.call.distance != named.call.distance ||
          other.call.rows != named.call.rows)
        return false;
      if (!Same(other.call.argument, named.call.argument) || !Same(other.call.fallback, named.call.fallback))
        return false;
      columns_of_[named.column] = other.column;
      return true;
    });
  });
}

}  // namespace care::planner
