#include "planner/logical/row_facts.h"
#include "planner/physical/fragment_checks.h"

#include <algorithm>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/column_facts.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

const ColumnId* AsColumn(const ExpressionPtr& expression) {
  const auto* column = std::get_if<ColumnExpression>(&expression->node);
  return column != nullptr ? &column->column : nullptr;
}

// The column pairs that a join's condition equates, left side first.
std::vector<std::pair<ColumnId, ColumnId>> EquatedColumns(const JoinNode& join) {
  std::vector<std::pair<ColumnId, ColumnId>> pairs;
  if (!join.condition) return pairs;
  const ColumnSet left = OutputSet(*join.left);
  const ColumnSet right = OutputSet(*join.right);
  for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) continue;
    const ColumnId* a = AsColumn(call->arguments[0]);
    const ColumnId* b = AsColumn(call->arguments[1]);
    if (a == nullptr || b == nullptr) continue;
    if (left.count(*a) != 0 && right.count(*b) != 0) pairs.emplace_back(*a, *b);
    if (left.count(*b) != 0 && right.count(*a) != 0) pairs.emplace_back(*b, *a);
  }
  return pairs;
}

class FragmentChecker {
 public:
  FragmentChecker(PartyId owner, const std::vector<ColumnInfo>& columns, const Catalog& catalog)
      : owner_(owner), columns_(columns), catalog_(catalog) {}

  absl::Status Check(const LogicalNode& node) {
    ColumnSet available;
    for (const LogicalPtr& child : ChildrenOf(node)) {
      if (child == nullptr) return absl::InternalError("a fragment lacks a part");
      CARE_RETURN_IF_ERROR(Check(*child));
      for (ColumnId column : OutputColumns(*child)) {
        if (!available.insert(column).second)
          return absl::InternalError("both sides of a join yield one column");
      }
    }
    CARE_RETURN_IF_ERROR(std::visit([&](const auto& part) { return CheckPart(part, available); }, node.node));
    const std::vector<ColumnId> outputs = OutputColumns(node);
    for (ColumnId column : outputs) {
      if (column >= columns_.size()) return absl::InternalError("a fragment yields an unknown column");
    }
    if (OutputSet(node).size() != outputs.size())
      return absl::InternalError("a fragment yields a column twice");
    return absl::OkStatus();
  }

  bool scans() const { return scans_; }

 private:
  absl::Status CheckExpression(const ExpressionPtr& expression, const ColumnSet& available) const {
    if (!expression) return absl::OkStatus();
    ColumnSet used;
    CollectColumns(expression, used);
    for (ColumnId column : used) {
      if (available.count(column) == 0)
        return absl::InternalError("a fragment uses a column that its input lacks");
    }
    if (const auto raising = FindRaising(expression, columns_)) {
      return absl::InternalError(absl::StrCat("a fragment can raise ", raising->why));
    }
    return absl::OkStatus();
  }

  absl::Status CheckPart(const ScanNode& scan, const ColumnSet&) {
    if (scan.table < 0 || static_cast<std::size_t>(scan.table) >= catalog_.tables.size()) {
      return absl::InternalError("a fragment scans an unknown table");
    }
    const CatalogTable& table = catalog_.tables[scan.table];
    if (table.owner != owner_) {
      return absl::InternalError(
          absl::StrCat("a fragment scans ", table.FullName(), ", which another party owns"));
    }
    for (const ScanNode::Output& output : scan.columns) {
      if (output.table_column < 0 || static_cast<std::size_t>(output.table_column) >= table.columns.size()) {
        return absl::InternalError(absl::StrCat("a fragment scans an unknown column of ", table.FullName()));
      }
      const CatalogColumn& column = table.columns[output.table_column];
      if (output.column >= columns_.size()) return absl::InternalError("a fragment yields an unknown column");
      const ColumnInfo& info = columns_[output.column];
      const ColumnInfo declared = InfoOf(catalog_, scan.table, output.table_column);
      const bool narrower = (info.min && (!declared.min || *info.min > *declared.min)) ||
                            (info.max && (!declared.max || *info.max < *declared.max));
      if (info.type != column.type || narrower || (column.nullable && !info.nullable)) {
        return absl::InternalError(absl::StrCat("the plan says more of ", table.FullName(), ".", column.name,
                                                " than the federation file"));
      }
    }
    scans_ = true;
    return absl::OkStatus();
  }
  absl::Status CheckPart(const FilterNode& filter, const ColumnSet& available) {
    return CheckExpression(filter.predicate, available);
  }
  absl::Status CheckPart(const ProjectNode& project, const ColumnSet& available) {
    for (const NamedExpression& item : project.columns) {
      CARE_RETURN_IF_ERROR(CheckExpression(item.expression, available));
      // A column id keeps its meaning wherever it travels.
      const ColumnId* passed = AsColumn(item.expression);
      if (available.count(item.column) != 0 && (passed == nullptr || *passed != item.column)) {
        return absl::InternalError("a fragment gives a column a second meaning");
      }
    }
    return absl::OkStatus();
  }
  absl::Status CheckPart(const JoinNode& join, const ColumnSet& available) {
    return CheckExpression(join.condition, available);
  }
  absl::Status CheckPart(const AggregateNode& aggregate, const ColumnSet& available) {
    for (ColumnId column : aggregate.group_by) {
      if (available.count(column) == 0)
        return absl::InternalError("a fragment groups by a column that its input lacks");
    }
    for (const NamedAggregate& named : aggregate.calls) {
      CARE_RETURN_IF_ERROR(CheckExpression(named.call.argument, available));
      CARE_RETURN_IF_ERROR(CheckExpression(named.call.second, available));
      CARE_RETURN_IF_ERROR(CheckExpression(named.call.filter, available));
    }
    return absl::OkStatus();
  }
  absl::Status CheckPart(const ReleaseNode&, const ColumnSet&) {
    return absl::InternalError("a fragment releases");
  }
  absl::Status CheckPart(const SortNode& sort, const ColumnSet& available) {
    for (const SortKey& key : sort.keys) CARE_RETURN_IF_ERROR(CheckExpression(key.expression, available));
    return absl::OkStatus();
  }
  absl::Status CheckPart(const LimitNode&, const ColumnSet&) { return absl::OkStatus(); }
  absl::Status CheckPart(const DistinctNode&, const ColumnSet&) { return absl::OkStatus(); }
  absl::Status CheckPart(const ValuesNode& values, const ColumnSet&) {
    for (const std::vector<Value>& row : values.rows) {
      if (row.size() != values.columns.size()) return absl::InternalError("a fragment's constants are no table");
    }
    return absl::OkStatus();
  }
  absl::Status CheckPart(const SetOperationNode& operation, const ColumnSet& available) {
    if (operation.inputs.size() != operation.input_columns.size())
      return absl::InternalError("a fragment's set operation lacks columns");
    for (const std::vector<ColumnId>& columns : operation.input_columns) {
      if (columns.size() != operation.columns.size())
        return absl::InternalError("a fragment's set operation mixes rows of different length");
      for (ColumnId column : columns) {
        if (available.count(column) == 0)
          return absl::InternalError("a fragment's set operation reads a column that its input lacks");
      }
    }
    return absl::OkStatus();
  }
  absl::Status CheckPart(const WindowNode& window, const ColumnSet& available) {
    for (ColumnId column : window.partition_by) {
      if (available.count(column) == 0)
        return absl::InternalError("a fragment's window reads a column that its input lacks");
    }
    for (const SortKey& key : window.order_by) CARE_RETURN_IF_ERROR(CheckExpression(key.expression, available));
    for (const NamedWindowCall& named : window.calls) {
      CARE_RETURN_IF_ERROR(CheckExpression(named.call.argument, available));
      CARE_RETURN_IF_ERROR(CheckExpression(named.call.fallback, available));
    }
    return absl::OkStatus();
  }
  absl::Status CheckPart(const GroupingSetsNode&, const ColumnSet&) {
    return absl::InternalError("a fragment computes grouping sets");
  }

  PartyId owner_;
  const std::vector<ColumnInfo>& columns_;
  const Catalog& catalog_;
  bool scans_ = false;
};

}  // namespace

absl::Status CheckFragment(const LogicalNode& fragment, PartyId owner, const std::vector<ColumnInfo>& columns,
                           const Catalog& catalog) {
  FragmentChecker checker(owner, columns, catalog);
  CARE_RETURN_IF_ERROR(checker.Check(fragment));
  return checker.scans() ? absl::OkStatus() : absl::InternalError("a fragment scans no table");
}

std::optional<BaseColumn> TraceColumn(const LogicalNode& node, ColumnId column, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    for (const ScanNode::Output& output : scan->columns) {
      if (output.column == column) return BaseColumn{scan->table, output.table_column};
    }
    return std::nullopt;
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      const ColumnId* passed = AsColumn(item.expression);
      if (item.column == column && passed != nullptr) return TraceColumn(*project->child, *passed, catalog);
    }
    return std::nullopt;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    const auto& keys = aggregate->group_by;
    if (std::find(keys.begin(), keys.end(), column) == keys.end()) return std::nullopt;
    return TraceColumn(*aggregate->child, column, catalog);
  }
  for (const LogicalPtr& child : ChildrenOf(node)) {
    if (OutputSet(*child).count(column) != 0) return TraceColumn(*child, column, catalog);
  }
  return std::nullopt;
}

namespace {

// The same in every row: it makes no groups.
bool IsConstantIn(const LogicalNode& node, ColumnId column) {
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      if (item.column != column) continue;
      const ColumnId* passed = AsColumn(item.expression);
      return passed != nullptr ? IsConstantIn(*project->child, *passed) : std::holds_alternative<LiteralExpression>(item.expression->node);
    }
    return false;
  }
  const bool keeps_values = std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<SortNode>(node.node) ||
                            std::holds_alternative<LimitNode>(node.node) || std::holds_alternative<DistinctNode>(node.node);
  return keeps_values && IsConstantIn(*ChildrenOf(node)[0], column);
}

}  // namespace

bool TellsRowsApart(const LogicalNode& node, ColumnSet columns, const Catalog& catalog) {
  // The rows of several sets, of which each has a name for the totals.
  if (std::holds_alternative<GroupingSetsNode>(node.node)) return false;
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) {
    for (std::size_t a = 0; a < values->rows.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        bool same = true;
        for (std::size_t i = 0; i < values->columns.size(); ++i)
          same = same && (columns.count(values->columns[i]) == 0 || values->rows[a][i] == values->rows[b][i]);
        if (same) return false;
      }
    }
    return true;
  }
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    std::set<int> held;
    for (const ScanNode::Output& output : scan->columns) {
      if (columns.count(output.column) != 0) held.insert(output.table_column);
    }
    const CatalogTable& table = catalog.tables[scan->table];
    // Of one row there are no two.
    if (table.row_bound <= 1) return true;
    const auto& keys = table.unique_keys;
    return std::any_of(keys.begin(), keys.end(), [&](const std::vector<int>& key) {
      return std::all_of(key.begin(), key.end(), [&](int part) { return held.count(part) != 0; });
    });
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    ColumnSet below;
    for (const NamedExpression& item : project->columns) {
      const ColumnId* passed = AsColumn(item.expression);
      if (columns.count(item.column) != 0 && passed != nullptr) below.insert(*passed);
    }
    return TellsRowsApart(*project->child, below, catalog);
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    ColumnSet groups(aggregate->group_by.begin(), aggregate->group_by.end());
    std::erase_if(groups, [&](ColumnId group) { return IsConstantIn(*aggregate->child, group); });
    const ColumnSet held = Within(columns, groups);
    return held == groups || TellsRowsApart(*aggregate->child, held, catalog);
  }
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    const ColumnSet left = OutputSet(*join->left);
    const ColumnSet right = OutputSet(*join->right);
    if (join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti) {
      return TellsRowsApart(*join->left, Within(columns, left), catalog);
    }
    if (join->kind == JoinKind::kFull) return false;
    ColumnSet left_equated, right_equated;
    for (const auto& [a, b] : EquatedColumns(*join)) {
      left_equated.insert(a);
      right_equated.insert(b);
      if (join->kind != JoinKind::kInner) continue;
      if (columns.count(a) != 0) columns.insert(b);
      if (columns.count(b) != 0) columns.insert(a);
    }
    // Each row of one side, told apart by the columns, meets at most one of the other.
    const bool one_right = TellsRowsApart(*join->right, right_equated, catalog);
    if (one_right && TellsRowsApart(*join->left, Within(columns, left), catalog)) return true;
    const bool one_left = TellsRowsApart(*join->left, left_equated, catalog);
    return join->kind == JoinKind::kInner && one_left &&
           TellsRowsApart(*join->right, Within(columns, right), catalog);
  }
  if (std::holds_alternative<DistinctNode>(node.node) && Within(OutputSet(node), columns) == OutputSet(node))
    return true;
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return children.size() == 1 && TellsRowsApart(*children[0], columns, catalog);
}

bool NeverNull(const LogicalNode& node, ColumnId column, const Catalog& catalog) {
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    for (const ScanNode::Output& output : scan->columns) {
      if (output.column == column) return !catalog.tables[scan->table].columns[output.table_column].nullable;
    }
    return false;
  }
  if (const auto* filter = std::get_if<FilterNode>(&node.node)) {
    for (const ExpressionPtr& conjunct : SplitConjuncts(filter->predicate)) {
      const auto* call = std::get_if<CallExpression>(&conjunct->node);
      if (call == nullptr || call->function != Function::kIsNotNull) continue;
      const ColumnId* tested = AsColumn(call->arguments[0]);
      if (tested != nullptr && *tested == column) return true;
    }
    return NeverNull(*filter->child, column, catalog);
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      const ColumnId* passed = AsColumn(item.expression);
      if (item.column == column && passed != nullptr) return NeverNull(*project->child, *passed, catalog);
    }
    return false;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    const auto& keys = aggregate->group_by;
    return std::find(keys.begin(), keys.end(), column) != keys.end() &&
           NeverNull(*aggregate->child, column, catalog);
  }
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    if (OutputSet(*join->left).count(column) != 0) {
      return join->kind != JoinKind::kFull && NeverNull(*join->left, column, catalog);
    }
    const bool kept = join->kind == JoinKind::kInner || join->kind == JoinKind::kCross;
    return kept && NeverNull(*join->right, column, catalog);
  }
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  return children.size() == 1 && NeverNull(*children[0], column, catalog);
}

}  // namespace care::planner
