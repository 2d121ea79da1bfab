#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/same_rows.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

using Definitions = std::vector<std::pair<ColumnId, ExpressionPtr>>;

// A sum of columns and a constant, each column once.
struct LinearForm {
  std::map<ColumnId, int> columns;
  std::int64_t constant = 0;
};

bool AddTo(const ExpressionPtr& expression, int sign, LinearForm& form) {
  if (!expression->type.IsInteger()) return false;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    form.columns[column->column] += sign;
    return true;
  }
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    const auto* number = std::get_if<std::int64_t>(&literal->value);
    constexpr std::int64_t kMost = 1'000'000;
    if (number == nullptr || *number > kMost || *number < -kMost) return false;
    form.constant += sign * *number;
    return true;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return AddTo(cast->operand, sign, form);
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr || (call->function != Function::kAdd && call->function != Function::kSubtract)) return false;
  return AddTo(call->arguments[0], sign, form) &&
         AddTo(call->arguments[1], call->function == Function::kAdd ? sign : -sign, form);
}

class AdjacentJoin {
 public:
  AdjacentJoin(LogicalPlan& plan) : plan_(plan), same_(plan.columns) {}

  std::optional<LogicalPtr> Rewrite(const JoinNode& join) {
    if (join.kind != JoinKind::kInner || !FindWindow(join.left) || !same_.Match(*join.left, *join.right)) return std::nullopt;
    if (!ReadCondition(join)) return std::nullopt;
    WindowNode window = *window_;
    Definitions found;  // what becomes of the right side's columns
    for (ColumnId column : OutputColumns(*join.right)) {
      const ColumnId here = *same_.Of(column);
      if (partition_.count(here) != 0) {
        found.emplace_back(column, MakeColumn(here, plan_.columns[here].type));
      } else if (here == number_) {
        const DataType type = plan_.columns[here].type;
        found.emplace_back(column, MakeCall(Function::kAdd, {MakeColumn(here, type), MakeLiteral(distance_, type)}, type));
      } else {
        const ExpressionPtr argument = SubstituteColumns(MakeColumn(here, plan_.columns[here].type), definitions_);
        if (!IsSubset(ColumnsOf(argument), OutputSet(*window.child))) return std::nullopt;
        window.calls.push_back({column, Neighbour(argument, nullptr)});
        found.emplace_back(column, MakeColumn(column, argument->type));
      }
    }
    ColumnInfo info;
    info.name = "follows";
    info.type = kBooleanType;
    info.nullable = false;
    const ColumnId follows = plan_.AddColumn(std::move(info));
    window.calls.push_back(
        {follows, Neighbour(MakeLiteral(true, kBooleanType), MakeLiteral(false, kBooleanType))});
    std::vector<ExpressionPtr> conditions = {MakeColumn(follows, kBooleanType)};
    for (ColumnId column : partition_) {
      if (plan_.columns[column].nullable) conditions.push_back(NotNull(MakeColumn(column, plan_.columns[column].type)));
    }
    for (const ExpressionPtr& conjunct : rest_) conditions.push_back(SubstituteColumns(conjunct, found));
    std::vector<ColumnId> added;
    for (std::size_t i = window_->calls.size(); i < window.calls.size(); ++i) added.push_back(window.calls[i].column);
    LogicalPtr rows = MakeNode(std::move(window));
    for (auto project = projections_.rbegin(); project != projections_.rend(); ++project) {
      ProjectNode wider{rows, (*project)->columns};
      for (ColumnId column : added) wider.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
      rows = MakeNode(std::move(wider));
    }
    rows = MakeNode(FilterNode{rows, MakeConjunction(std::move(conditions))});
    ProjectNode both{rows, {}};
    for (ColumnId column : OutputColumns(*join.left)) both.columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
    for (const auto& [column, expression] : found) both.columns.push_back({column, expression});
    return MakeNode(std::move(both));
  }

 private:
  // Below projections alone: a filter would leave numbers out.
  bool FindWindow(const LogicalPtr& left) {
    const LogicalNode* node = left.get();
    while (const auto* project = std::get_if<ProjectNode>(&node->node)) {
      projections_.push_back(project);
      node = project->child.get();
    }
    window_ = std::get_if<WindowNode>(&node->node);
    if (window_ == nullptr) return false;
    for (auto project = projections_.rbegin(); project != projections_.rend(); ++project) {
      Definitions next;
      for (const NamedExpression& item : (*project)->columns)
        next.emplace_back(item.column, SubstituteColumns(item.expression, definitions_));
      definitions_ = std::move(next);
    }
    return true;
  }

  // The window's column that a column of the left side passes on.
  std::optional<ColumnId> Passed(ColumnId column) const {
    if (projections_.empty()) return column;
    for (const auto& [name, expression] : definitions_) {
      if (name != column) continue;
      const auto* passed = std::get_if<ColumnExpression>(&expression->node);
      return passed == nullptr ? std::nullopt : std::optional(passed->column);
    }
    return std::nullopt;
  }
  bool IsNumber(ColumnId column) const {
    return std::any_of(window_->calls.begin(), window_->calls.end(), [&](const NamedWindowCall& named) {
      return named.call.function == WindowFunction::kRowNumber && Passed(column) == named.column;
    });
  }

  // Equal partitions, and a number that is another plus a constant.
  bool ReadCondition(const JoinNode& join) {
    const std::set<ColumnId> left = OutputSet(*join.left), right = OutputSet(*join.right);
    std::set<ColumnId> equated;
    for (const ExpressionPtr& conjunct : SplitConjuncts(join.condition)) {
      const auto pairs = EquatedPairs(conjunct, *join.left, *join.right);
      if (pairs.size() == 1 && same_.Of(pairs[0].second) == pairs[0].first && Passed(pairs[0].first) &&
          Contains(window_->partition_by, *Passed(pairs[0].first))) {
        partition_.insert(pairs[0].first);
        equated.insert(*Passed(pairs[0].first));
        continue;
      }
      if (distance_ == 0 && ReadDistance(conjunct, left, right)) continue;
      rest_.push_back(conjunct);
    }
    return distance_ != 0 && equated.size() == window_->partition_by.size();
  }

  bool ReadDistance(const ExpressionPtr& conjunct, const std::set<ColumnId>& left, const std::set<ColumnId>& right) {
    const auto* call = std::get_if<CallExpression>(&conjunct->node);
    if (call == nullptr || call->function != Function::kEqual) return false;
    LinearForm form;
    if (!AddTo(call->arguments[0], 1, form) || !AddTo(call->arguments[1], -1, form) || form.columns.size() != 2) return false;
    std::optional<ColumnId> here, there;
    for (const auto& [column, factor] : form.columns) {
      if (factor != 1 && factor != -1) return false;
      if (left.count(column) != 0) here = column;
      if (right.count(column) != 0) there = column;
    }
    if (!here || !there || form.columns[*here] == form.columns[*there]) return false;
    if (same_.Of(*there) != here || !IsNumber(*here)) return false;
    // there * f - here * f + constant = 0
    distance_ = form.columns[*there] == 1 ? -form.constant : form.constant;
    number_ = *here;
    return distance_ != 0;
  }

  WindowCall Neighbour(const ExpressionPtr& argument, const ExpressionPtr& fallback) const {
    WindowCall call;
    call.function = distance_ > 0 ? WindowFunction::kLead : WindowFunction::kLag;
    call.distance = static_cast<std::uint64_t>(distance_ > 0 ? distance_ : -distance_);
    call.argument = argument;
    call.fallback = fallback;
    call.type = argument->type;
    call.position = argument->position;
    return call;
  }

  LogicalPlan& plan_;
  SameRows same_;
  std::vector<const ProjectNode*> projections_;  // of the left side, from the top
  const WindowNode* window_ = nullptr;
  Definitions definitions_;                      // the left side's columns in terms of the window's
  std::set<ColumnId> partition_;                 // the left side's columns of it
  ColumnId number_ = 0;
  std::int64_t distance_ = 0;
  std::vector<ExpressionPtr> rest_;
};

}  // namespace

LogicalPtr JoinAdjacentRows(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog) {
  if (ScannedParties(*node, catalog).size() < 2) return node;
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(JoinAdjacentRows(child, plan, catalog));
  const LogicalPtr rebuilt = WithChildren(node, std::move(children));
  const auto* join = std::get_if<JoinNode>(&rebuilt->node);
  if (join == nullptr) return rebuilt;
  return AdjacentJoin(plan).Rewrite(*join).value_or(rebuilt);
}

}  // namespace care::planner
