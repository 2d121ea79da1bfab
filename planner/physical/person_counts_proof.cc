#include "planner/physical/person_counts_proof.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/str_cat.h"
#include "planner/physical/fragment_checks.h"
#include "planner/physical/table_shape.h"

namespace care::planner {
namespace {

using ColumnSet = std::set<ColumnId>;

ColumnSet CommonTo(const ColumnSet& a, const ColumnSet& b) {
  ColumnSet common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(common, common.end()));
  return common;
}

bool IsNullLiteral(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal != nullptr && IsNull(literal->value);
}

// Whether an expression's value is the row's person or NULL, given which columns are.
bool IsSubjectExpression(const ExpressionPtr& expression, const std::function<bool(ColumnId)>& is_subject) {
  if (expression == nullptr || IsNullLiteral(expression)) return true;
  const auto all = [&](const std::vector<ExpressionPtr>& parts) {
    return std::ranges::all_of(
        parts, [&](const ExpressionPtr& part) { return IsSubjectExpression(part, is_subject); });
  };
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node))
    return is_subject(column->column);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node))
    return IsSubjectExpression(cast->operand, is_subject);
  if (const auto* call = std::get_if<CallExpression>(&expression->node))
    return call->function == Function::kCoalesce && all(call->arguments);
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    return IsSubjectExpression(chosen->otherwise, is_subject) &&
           std::ranges::all_of(chosen->branches, [&](const auto& branch) {
             return IsSubjectExpression(branch.result, is_subject);
           });
  }
  return false;
}

// What is missing for an expression to be such a count, given what is of its columns; `one_person`: a row is about somebody.
std::string WhyNotCount(const ExpressionPtr& expression, bool one_person,
                        const std::function<std::string(ColumnId)>& why_not) {
  if (expression == nullptr || IsNullLiteral(expression)) return "";
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* integer = std::get_if<std::int64_t>(&literal->value);
    const bool few = integer != nullptr && (*integer <= 0 || (*integer == 1 && one_person));
    return few ? "" : "it is a constant";
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return why_not(column->column);
  if (const auto* cast = std::get_if<CastExpression>(&expression->node))
    return WhyNotCount(cast->operand, one_person, why_not);
  std::vector<ExpressionPtr> choices;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    for (const CaseExpression::Branch& branch : chosen->branches) choices.push_back(branch.result);
    choices.push_back(chosen->otherwise);
  } else if (const auto* call = std::get_if<CallExpression>(&expression->node);
             call != nullptr &&
             (call->function == Function::kCoalesce || call->function == Function::kLeast)) {
    choices = call->arguments;
  } else {
    return "it is computed from other values";
  }
  for (const ExpressionPtr& choice : choices) {
    if (std::string why = WhyNotCount(choice, one_person, why_not); !why.empty()) return why;
  }
  return "";
}

const ExpressionPtr* Introduced(const std::vector<NamedExpression>& items, ColumnId column) {
  const auto found = std::ranges::find(items, column, &NamedExpression::column);
  return found == items.end() ? nullptr : &found->expression;
}

std::optional<ColumnId> ArgumentOf(const AggregateCall& call) {
  if (call.argument == nullptr) return std::nullopt;
  const auto* column = std::get_if<ColumnExpression>(&call.argument->node);
  return column == nullptr ? std::nullopt : std::optional<ColumnId>(column->column);
}

// The only input of a node that yields its rows, or some of them, as they are; nothing for other nodes.
std::optional<NodeId> RowsOf(const PhysicalNode& node) {
  if (const auto* share = std::get_if<ShareTableNode>(&node)) return share->local;
  if (const auto* gather = std::get_if<GatherPartitionsNode>(&node)) return gather->input;
  if (const auto* derive = std::get_if<DeriveTableNode>(&node)) return derive->input;
  if (const auto* filter = std::get_if<FilterTableNode>(&node)) return filter->input;
  if (const auto* window = std::get_if<WindowTableNode>(&node)) return window->input;
  if (const auto* top = std::get_if<TopTableNode>(&node)) return top->input;
  if (const auto* compact = std::get_if<CompactTableNode>(&node)) return compact->input;
  return std::nullopt;
}

constexpr const char* kDropped = "rows are dropped by their values between counting and the gate";
constexpr const char* kAddedTwice = "counts of the same persons may be added up";
constexpr const char* kNotApart = "rows are counted of which two may be about one person";
constexpr const char* kOtherColumn = "what is counted is not the person of a row";

}  // namespace

// --- Who a row is about.

bool PersonCountsProof::IsSubjectOf(const LogicalNode& node, ColumnId column) const {
  const std::vector<LogicalPtr> children = ChildrenOf(node);
  const auto of_child = [&](const LogicalNode& child) {
    return [this, &child](ColumnId below) { return IsSubjectOf(child, below); };
  };
  if (const auto* scan = std::get_if<ScanNode>(&node.node)) {
    const int subject = catalog_.tables[scan->table].subject_column;
    return subject >= 0 && std::ranges::any_of(scan->columns, [&](const ScanNode::Output& output) {
             return output.column == column && output.table_column == subject;
           });
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    const ExpressionPtr* expression = Introduced(project->columns, column);
    return expression != nullptr && IsSubjectExpression(*expression, of_child(*project->child));
  }
  if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    const auto at = std::ranges::find(operation->columns, column) - operation->columns.begin();
    for (std::size_t i = 0; i < operation->inputs.size(); ++i) {
      if (at == static_cast<std::ptrdiff_t>(operation->columns.size()) ||
          !IsSubjectOf(*operation->inputs[i], operation->input_columns[i][at]))
        return false;
    }
    return true;
  }
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    return std::ranges::find(aggregate->group_by, column) != aggregate->group_by.end() &&
           IsSubjectOf(*aggregate->child, column);
  }
  return std::ranges::any_of(children, [&](const LogicalPtr& child) { return IsSubjectOf(*child, column); });
}

bool PersonCountsProof::IsSubject(NodeId id, ColumnId column) const {
  const PhysicalNode& node = plan_.nodes[id];
  if (const auto* local = std::get_if<LocalNode>(&node)) return IsSubjectOf(*local->fragment, column);
  if (const auto* derive = std::get_if<DeriveTableNode>(&node)) {
    if (const ExpressionPtr* expression = Introduced(derive->columns, column))
      return IsSubjectExpression(*expression,
                                 [&](ColumnId below) { return IsSubject(derive->input, below); });
  }
  if (const std::optional<NodeId> rows = RowsOf(node))
    return columns_[*rows].contains(column) && IsSubject(*rows, column);
  if (const auto* group = std::get_if<GroupTableNode>(&node)) {
    const bool passes = std::ranges::find(group->group_by, column) != group->group_by.end() ||
                        std::ranges::find(group->determined, column) != group->determined.end();
    return passes && IsSubject(group->input, column);
  }
  if (const auto* join = std::get_if<JoinTablesNode>(&node)) {
    return (columns_[join->left].contains(column) && IsSubject(join->left, column)) ||
           (columns_[join->right].contains(column) && IsSubject(join->right, column));
  }
  if (const auto* concat = std::get_if<ConcatTablesNode>(&node)) {
    const auto at = std::ranges::find(concat->columns, column) - concat->columns.begin();
    for (std::size_t i = 0; i < concat->inputs.size(); ++i) {
      if (!IsSubject(concat->inputs[i], concat->input_columns[i][at])) return false;
    }
    return true;
  }
  return false;
}

bool PersonCountsProof::HasSubject(NodeId node) const {
  return std::ranges::any_of(columns_[node], [&](ColumnId column) { return IsSubject(node, column); });
}

// --- Which rows are different.

bool PersonCountsProof::HasOneRow(NodeId node) const { return SlotsOf(plan_, node) == 1 && RunsOf(plan_, node) == 1; }

bool PersonCountsProof::KeepsLeftOnce(const JoinTablesNode& join) const {
  if (join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti) return true;
  if (join.method == JoinMethod::kProduct && HasOneRow(join.right)) return true;
  if (join.method != JoinMethod::kProduct && join.most_matches == 1) return true;
  ColumnSet keys;
  for (const auto& [left, right] : join.keys) keys.insert(right);
  return !keys.empty() && TellsApart(join.right, keys);
}

bool PersonCountsProof::KeepsRightOnce(const JoinTablesNode& join) const {
  if (join.method == JoinMethod::kProduct && HasOneRow(join.left)) return true;
  ColumnSet keys;
  for (const auto& [left, right] : join.keys) keys.insert(left);
  return !keys.empty() && TellsApart(join.left, keys);
}

bool PersonCountsProof::JoinTellsApart(const JoinTablesNode& join, const ColumnSet& columns) const {
  if (join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti) return TellsApart(join.left, columns);
  ColumnSet of_both = columns;
  if (join.kind == JoinKind::kInner) {
    for (const auto& [left, right] : join.keys) {
      if (columns.contains(left)) of_both.insert(right);
      if (columns.contains(right)) of_both.insert(left);
    }
  }
  const bool left = TellsApart(join.left, CommonTo(of_both, columns_[join.left]));
  const bool right = TellsApart(join.right, CommonTo(of_both, columns_[join.right]));
  if (left && right) return true;
  if (join.kind == JoinKind::kFull) return false;
  return (left && KeepsLeftOnce(join)) || (right && join.kind == JoinKind::kInner && KeepsRightOnce(join));
}

bool PersonCountsProof::TellsApart(NodeId id, const ColumnSet& columns) const {
  const PhysicalNode& node = plan_.nodes[id];
  if (const auto* local = std::get_if<LocalNode>(&node))
    return local->row_bound == 1 || TellsRowsApart(*local->fragment, columns, catalog_);
  if (const auto* join = std::get_if<JoinTablesNode>(&node)) return JoinTellsApart(*join, columns);
  if (const auto* group = std::get_if<GroupTableNode>(&node)) {
    const bool has_keys = std::ranges::all_of(group->group_by, [&](ColumnId key) { return columns.contains(key); });
    return (has_keys && !partitions_.is_partial[id]) ||
           TellsApart(group->input, CommonTo(columns, columns_[group->input]));
  }
  if (const auto* derive = std::get_if<DeriveTableNode>(&node)) {
    // Of a full join's row either side may be the one that is there.
    const auto* join = std::get_if<JoinTablesNode>(&plan_.nodes[derive->input]);
    for (ColumnId column : columns) {
      const ExpressionPtr* expression = Introduced(derive->columns, column);
      const auto* call = expression == nullptr ? nullptr : std::get_if<CallExpression>(&(*expression)->node);
      if (call == nullptr || call->function != Function::kCoalesce || join == nullptr) continue;
      ColumnSet either;
      for (const ExpressionPtr& argument : call->arguments) {
        if (const auto* part = std::get_if<ColumnExpression>(&argument->node)) either.insert(part->column);
      }
      const bool equated = std::ranges::any_of(join->keys, [&](const auto& key) {
        return either.contains(key.first) && either.contains(key.second) &&
               TellsApart(join->left, {key.first}) && TellsApart(join->right, {key.second});
      });
      if (equated) return true;
    }
  }
  if (const auto* window = std::get_if<WindowTableNode>(&node)) {
    // Numbers tell the rows of a partition apart.
    const auto held = [&](ColumnId column) { return columns.contains(column); };
    const bool numbered = std::ranges::any_of(window->calls, [&](const NamedWindowCall& named) {
      return named.call.function == WindowFunction::kRowNumber && held(named.column);
    });
    if (numbered && std::ranges::all_of(window->partition_by, held)) return true;
  }
  const std::optional<NodeId> rows = RowsOf(node);
  return rows.has_value() && TellsApart(*rows, CommonTo(columns, columns_[*rows]));
}

bool PersonCountsProof::OnePersonARow(NodeId node) const {
  return std::ranges::any_of(
      columns_[node], [&](ColumnId column) { return IsSubject(node, column) && TellsApart(node, {column}); });
}

bool PersonCountsProof::IsFromJoin(NodeId id, ColumnId column) const {
  while (!std::holds_alternative<JoinTablesNode>(plan_.nodes[id])) {
    const std::optional<NodeId> rows = RowsOf(plan_.nodes[id]);
    // Computed here.
    if (!rows || !columns_[*rows].contains(column)) return false;
    id = *rows;
  }
  return true;
}

bool PersonCountsProof::PersonsApart(NodeId id, ColumnId count) const {
  const PhysicalNode& node = plan_.nodes[id];
  // A row about one person may bring a count of others from a table that it was joined with.
  if (!IsFromJoin(id, count) && OnePersonARow(id)) return true;
  if (const auto* join = std::get_if<JoinTablesNode>(&node)) {
    if (columns_[join->left].contains(count)) return KeepsLeftOnce(*join) && PersonsApart(join->left, count);
    return KeepsRightOnce(*join) && PersonsApart(join->right, count);
  }
  if (const auto* group = std::get_if<GroupTableNode>(&node)) {
    if (group->method == TableGroupMethod::kOneGroup && !partitions_.is_partial[id]) return true;
    for (const NamedAggregate& named : group->calls) {
      if (named.column == count && ArgumentOf(named.call))
        return PersonsApart(group->input, *ArgumentOf(named.call));
    }
    return PersonsApart(group->input, count);
  }
  if (const auto* local = std::get_if<LocalNode>(&node)) {
    const LogicalNode* rows = local->fragment.get();
    while (const auto* project = std::get_if<ProjectNode>(&rows->node)) rows = project->child.get();
    const auto* aggregate = std::get_if<AggregateNode>(&rows->node);
    if (aggregate == nullptr) return false;
    const std::vector<ColumnId> below = OutputColumns(*aggregate->child);
    return std::ranges::any_of(below, [&](ColumnId column) {
      return IsSubjectOf(*aggregate->child, column) && TellsRowsApart(*aggregate->child, {column}, catalog_);
    });
  }
  if (const auto* derive = std::get_if<DeriveTableNode>(&node)) {
    if (const ExpressionPtr* expression = Introduced(derive->columns, count)) {
      ColumnSet used;
      CollectColumns(*expression, used);
      return std::ranges::all_of(used, [&](ColumnId column) { return PersonsApart(derive->input, column); });
    }
  }
  const std::optional<NodeId> rows = RowsOf(node);
  return rows.has_value() && PersonsApart(*rows, count);
}

bool PersonCountsProof::PartsAreApart(const GroupTableNode& group, ColumnId part) const {
  const auto* gather = std::get_if<GatherPartitionsNode>(&plan_.nodes[group.input]);
  const auto* parts = gather == nullptr ? nullptr : std::get_if<GroupTableNode>(&plan_.nodes[gather->input]);
  // One row at most of each partition in a group.
  if (parts == nullptr || parts->group_by != group.group_by) return false;
  const auto named = std::ranges::find(parts->calls, part, &NamedAggregate::column);
  if (named == parts->calls.end()) return false;
  const AggregateFunction function = named->call.function;
  const bool counts = function == AggregateFunction::kCount || function == AggregateFunction::kCountStar;
  if (counts && OnePersonARow(parts->input)) return true;
  const std::optional<ColumnId> argument = ArgumentOf(named->call);
  if (!argument) return false;
  const bool counts_distinct = function == AggregateFunction::kCount && named->call.distinct;
  return counts_distinct ? partitions_.columns[parts->input].contains(*argument) : PersonsApart(parts->input, *argument);
}

// --- Counting.

std::string PersonCountsProof::WhyNotInFragment(const AggregateNode& aggregate,
                                                const AggregateCall& call) const {
  const std::optional<ColumnId> argument = ArgumentOf(call);
  const bool of_subject =
      call.argument != nullptr && IsSubjectExpression(call.argument, [&](ColumnId column) {
        return IsSubjectOf(*aggregate.child, column);
      });
  if (call.function == AggregateFunction::kCount && call.distinct) return of_subject ? "" : kOtherColumn;
  const ColumnSet keys(aggregate.group_by.begin(), aggregate.group_by.end());
  const bool single = TellsRowsApart(*aggregate.child, keys, catalog_);
  const std::vector<ColumnId> below = OutputColumns(*aggregate.child);
  const bool apart =
      single || std::ranges::any_of(below, [&](ColumnId column) {
        return IsSubjectOf(*aggregate.child, column) && TellsRowsApart(*aggregate.child, {column}, catalog_);
      });
  // Of groups of one row the count is one at most: of what they are joined with, each row is about somebody.
  if (call.function == AggregateFunction::kCount || call.function == AggregateFunction::kCountStar)
    return apart ? "" : kNotApart;
  const bool picks = call.function == AggregateFunction::kMin || call.function == AggregateFunction::kMax;
  if (call.function != AggregateFunction::kSum && !picks) return "it is another aggregate";
  if (!argument) return "it is computed from other values";
  if (!picks && !apart) return kAddedTwice;
  return WhyNotInFragment(*aggregate.child, *argument, Rows::kOfParts);
}

std::string PersonCountsProof::WhyNotInFragment(const LogicalNode& node, ColumnId count, Rows rows) const {
  if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const NamedAggregate& named : aggregate->calls) {
      if (named.column == count) return WhyNotInFragment(*aggregate, named.call);
    }
    return WhyNotInFragment(*aggregate->child, count, rows);
  }
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    const ExpressionPtr* expression = Introduced(project->columns, count);
    if (expression == nullptr) return "it is nowhere counted";
    const std::vector<ColumnId> below = OutputColumns(*project->child);
    const bool one_person =
        std::ranges::any_of(below, [&](ColumnId column) { return IsSubjectOf(*project->child, column); });
    return WhyNotCount(*expression, one_person,
                       [&](ColumnId column) { return WhyNotInFragment(*project->child, column, rows); });
  }
  if (const auto* join = std::get_if<JoinNode>(&node.node)) {
    const std::vector<ColumnId> left = OutputColumns(*join->left);
    return WhyNotInFragment(std::ranges::find(left, count) != left.end() ? *join->left : *join->right, count,
                            rows);
  }
  if (const auto* window = std::get_if<WindowNode>(&node.node))
    return WhyNotInFragment(*window->child, count, rows);
  const bool drops =
      std::holds_alternative<FilterNode>(node.node) || std::holds_alternative<LimitNode>(node.node);
  if (drops && rows == Rows::kOfParts) return WhyNotInFragment(*ChildrenOf(node)[0], count, rows);
  return drops ? kDropped : "it is nowhere counted";
}

std::string PersonCountsProof::WhyNot(const GroupTableNode& group, const NamedAggregate& named,
                                      Rows rows) const {
  const AggregateCall& call = named.call;
  const std::optional<ColumnId> argument = ArgumentOf(call);
  if (call.function == AggregateFunction::kCountStar) return OnePersonARow(group.input) ? "" : kNotApart;
  if (!argument) return "it is computed from other values";
  if (call.function == AggregateFunction::kCount) {
    if (!IsSubject(group.input, *argument)) return kOtherColumn;
    return call.distinct || OnePersonARow(group.input) ? "" : kNotApart;
  }
  const bool picks = call.function == AggregateFunction::kMin || call.function == AggregateFunction::kMax;
  if ((call.function != AggregateFunction::kSum || call.distinct) && !picks) return "it is another aggregate";
  ColumnSet keys(group.group_by.begin(), group.group_by.end());
  keys.insert(group.determined.begin(), group.determined.end());
  if (!picks && !TellsApart(group.input, keys) && !PersonsApart(group.input, *argument) && !PartsAreApart(group, *argument)) return kAddedTwice;
  // A count that keeps its name is put into another slot, with its group.
  return WhyNot(group.input, *argument, named.column == *argument ? rows : Rows::kOfParts);
}

std::string PersonCountsProof::WhyNot(NodeId id, ColumnId count, Rows rows) const {
  const PhysicalNode& node = plan_.nodes[id];
  if (const auto* local = std::get_if<LocalNode>(&node))
    return WhyNotInFragment(*local->fragment, count, rows);
  if (const auto* group = std::get_if<GroupTableNode>(&node)) {
    for (const NamedAggregate& named : group->calls) {
      if (named.column == count) return WhyNot(*group, named, rows);
    }
    return WhyNot(group->input, count, rows);
  }
  if (const auto* derive = std::get_if<DeriveTableNode>(&node)) {
    if (const ExpressionPtr* expression = Introduced(derive->columns, count))
      return WhyNotCount(*expression, HasSubject(derive->input),
                         [&](ColumnId column) { return WhyNot(derive->input, column, rows); });
    return WhyNot(derive->input, count, rows);
  }
  if (const auto* share = std::get_if<ShareTableNode>(&node)) return WhyNot(share->local, count, rows);
  if (const auto* window = std::get_if<WindowTableNode>(&node)) return WhyNot(window->input, count, rows);
  if (const auto* gather = std::get_if<GatherPartitionsNode>(&node)) return WhyNot(gather->input, count, rows);
  if (const auto* join = std::get_if<JoinTablesNode>(&node)) {
    const bool drops = join->kind == JoinKind::kSemi || join->kind == JoinKind::kAnti;
    if (drops && rows == Rows::kOfGroups) return kDropped;
    return WhyNot(columns_[join->left].contains(count) ? join->left : join->right, count, rows);
  }
  if (const auto* concat = std::get_if<ConcatTablesNode>(&node)) {
    const auto at = std::ranges::find(concat->columns, count) - concat->columns.begin();
    for (std::size_t i = 0; i < concat->inputs.size(); ++i) {
      if (std::string why = WhyNot(concat->inputs[i], concat->input_columns[i][at], rows); !why.empty())
        return why;
    }
    return "";
  }
  const bool drops = std::holds_alternative<FilterTableNode>(node) ||
                     std::holds_alternative<TopTableNode>(node) ||
                     std::holds_alternative<CompactTableNode>(node);
  if (drops && rows == Rows::kOfParts) return WhyNot(*RowsOf(node), count, rows);
  return drops ? kDropped : "it is nowhere counted";
}

}  // namespace care::planner
