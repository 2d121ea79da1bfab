#include "planner/rules/decorrelate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/free_columns.h"
#include "planner/logical/row_facts.h"

namespace care::planner {
namespace {

const SubqueryExpression* SubqueryOf(const ExpressionPtr& expression) {
  return std::get_if<SubqueryExpression>(&expression->node);
}

bool NodeHasSubquery(const LogicalPtr& node) {
  bool found = false;
  MapExpressions(node, [&](const ExpressionPtr& expression) {
    found = found || HasSubquery(expression);
    return expression;
  });
  return found;
}

}  // namespace

absl::Status Decorrelator::Refuse(sql::SourcePosition position, std::string_view what, std::string_view hint) const {
  return sql::QueryError(sql_, position, absl::StrCat(std::string(what), " is not supported yet"),
                         hint.empty() ? "join the tables instead" : std::string(hint));
}

ColumnId Decorrelator::NewColumn(std::string_view name, DataType type, bool nullable) {
  ColumnInfo info;
  info.name = std::string(name);
  info.type = type;
  info.nullable = nullable;
  return plan_.AddColumn(std::move(info));
}

NamedAggregate Decorrelator::CountRows(ExpressionPtr filter) {
  AggregateCall call;
  call.function = AggregateFunction::kCountStar;
  call.filter = std::move(filter);
  call.type = kBigIntType;
  return {NewColumn("count", kBigIntType, false), std::move(call)};
}

LogicalPtr Decorrelator::WithColumns(LogicalPtr node, const std::vector<NamedExpression>& columns) const {
  ProjectNode project;
  for (ColumnId column : OutputColumns(*node)) project.columns.push_back({column, Column(column)});
  project.columns.insert(project.columns.end(), columns.begin(), columns.end());
  project.child = std::move(node);
  return MakeNode(std::move(project));
}

LogicalPtr Decorrelator::OnlyColumns(LogicalPtr node, const std::vector<ColumnId>& columns) const {
  if (OutputColumns(*node) == columns) return node;
  ProjectNode project{std::move(node), {}};
  for (ColumnId column : columns) project.columns.push_back({column, Column(column)});
  return MakeNode(std::move(project));
}

absl::StatusOr<LogicalPtr> Decorrelator::Rewrite(const LogicalPtr& node) {
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) {
    CARE_ASSIGN_OR_RETURN(LogicalPtr rewritten, Rewrite(child));
    children.push_back(std::move(rewritten));
  }
  const LogicalPtr rebuilt = WithChildren(node, std::move(children));
  if (!NodeHasSubquery(rebuilt)) return rebuilt;
  if (const auto* filter = std::get_if<FilterNode>(&rebuilt->node)) return RewriteFilter(filter->child, filter->predicate);
  if (const auto* join = std::get_if<JoinNode>(&rebuilt->node)) return RewriteJoin(*join);
  LogicalPtr child = ChildrenOf(*rebuilt)[0];
  absl::Status refused;
  const LogicalPtr lifted = MapExpressions(rebuilt, [&](const ExpressionPtr& expression) {
    if (!refused.ok() || !HasSubquery(expression)) return expression;
    absl::StatusOr<ExpressionPtr> value = Lift(expression, child);
    if (value.ok()) return *value;
    refused = value.status();
    return expression;
  });
  CARE_RETURN_IF_ERROR(refused);
  const bool defines_its_outputs =
      std::holds_alternative<ProjectNode>(node->node) || std::holds_alternative<AggregateNode>(node->node);
  LogicalPtr over = WithChildren(lifted, {std::move(child)});
  return defines_its_outputs ? over : OnlyColumns(std::move(over), OutputColumns(*rebuilt));
}

absl::StatusOr<LogicalPtr> Decorrelator::RewriteFilter(LogicalPtr child, const ExpressionPtr& predicate) {
  const std::vector<ColumnId> outputs = OutputColumns(*child);
  std::vector<ExpressionPtr> plain, subqueries;
  for (ExpressionPtr& conjunct : SplitConjuncts(predicate)) {
    (HasSubquery(conjunct) ? subqueries : plain).push_back(std::move(conjunct));
  }
  // What needs no join comes first, below the joins.
  if (!plain.empty()) child = MakeNode(FilterNode{std::move(child), MakeConjunction(std::move(plain))});
  std::vector<ExpressionPtr> conjuncts;
  for (const ExpressionPtr& conjunct : subqueries) {
    ExpressionPtr asked = conjunct;
    bool negated = false;
    for (const auto* call = std::get_if<CallExpression>(&asked->node); call != nullptr && call->function == Function::kNot;
         call = std::get_if<CallExpression>(&asked->node)) {
      negated = !negated;
      asked = ExpressionPtr(call->arguments[0]);
    }
    const SubqueryExpression* subquery = SubqueryOf(asked);
    const bool operand_is_plain = subquery != nullptr && (subquery->operand == nullptr || !HasSubquery(subquery->operand));
    if (subquery != nullptr && operand_is_plain && subquery->kind == SubqueryKind::kExists) {
      CARE_RETURN_IF_ERROR(Exists(*asked, negated, child, conjuncts));
    } else if (subquery != nullptr && operand_is_plain && subquery->kind == SubqueryKind::kIn) {
      CARE_RETURN_IF_ERROR(negated ? NotIn(*asked, child, conjuncts) : In(*asked, child, conjuncts));
    } else {
      CARE_ASSIGN_OR_RETURN(ExpressionPtr value, Lift(conjunct, child));
      conjuncts.push_back(std::move(value));
    }
  }
  if (!conjuncts.empty()) child = MakeNode(FilterNode{std::move(child), MakeConjunction(std::move(conjuncts))});
  return OnlyColumns(std::move(child), outputs);
}

absl::StatusOr<LogicalPtr> Decorrelator::RewriteJoin(const JoinNode& join) {
  JoinNode plain = join;
  std::vector<ExpressionPtr> stay, subqueries;
  for (ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
    (HasSubquery(conjunct) ? subqueries : stay).push_back(std::move(conjunct));
  }
  plain.condition = MakeConjunction(std::move(stay));
  if (join.kind == JoinKind::kInner || join.kind == JoinKind::kCross) {
    return RewriteFilter(MakeNode(std::move(plain)), MakeConjunction(std::move(subqueries)));
  }
  // Of a left join's ON, what asks of the right side alone only chooses which of its rows can match.
  const std::set<ColumnId> left = OutputSet(*join.left);
  for (const ExpressionPtr& conjunct : subqueries) {
    const std::set<ColumnId> read = ColumnsWithSubqueries(conjunct);
    const bool reads_left = std::any_of(read.begin(), read.end(), [&](ColumnId column) { return left.count(column) != 0; });
    if (join.kind != JoinKind::kLeft || reads_left) {
      return Refuse(conjunct->position, "a subquery in the ON clause of an outer join that reads its preserved side",
                    "compute it in a subquery in FROM");
    }
  }
  CARE_ASSIGN_OR_RETURN(plain.right, RewriteFilter(join.right, MakeConjunction(std::move(subqueries))));
  return MakeNode(std::move(plain));
}

}  // namespace care::planner
