#include "planner/physical/sum_digits.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
namespace {

// The two scales that a value may have, and whether it has the larger; null where all rows have it.
struct Digits {
  std::uint8_t low = 0, high = 0;
  ExpressionPtr has_high;
};

class DigitsOf {
 public:
  explicit DigitsOf(const std::vector<ColumnInfo>& columns) : columns_(columns) {}

  std::optional<Digits> Of(const ExpressionPtr& expression) const {
    if (!ScaleVaries(expression, columns_)) {
      const std::uint8_t scale = RingScale(expression, columns_);
      return Digits{scale, scale, nullptr};
    }
    if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
      CaseExpression marks;
      std::vector<ExpressionPtr> results;
      for (const CaseExpression::Branch& branch : chosen->branches) {
        marks.branches.push_back({branch.condition, nullptr});
        results.push_back(branch.result);
      }
      results.push_back(chosen->otherwise);
      return OfAlternatives(std::move(marks), results);
    }
    const auto* call = std::get_if<CallExpression>(&expression->node);
    if (call == nullptr) return std::nullopt;
    if (call->function == Function::kCoalesce) {
      CaseExpression marks;
      for (std::size_t i = 0; i + 1 < call->arguments.size(); ++i) marks.branches.push_back({NotNull(call->arguments[i]), nullptr});
      return OfAlternatives(std::move(marks), call->arguments);
    }
    return OfArithmetic(*call);
  }

 private:
  std::optional<Digits> OfAlternatives(CaseExpression marks, const std::vector<ExpressionPtr>& results) const {
    std::vector<std::optional<Digits>> parts;
    std::optional<Digits> all;
    for (const ExpressionPtr& result : results) {
      // A NULL takes no part in a sum.
      if (IsNullLiteral(result)) {
        parts.emplace_back();
        continue;
      }
      std::optional<Digits> part = Of(result);
      if (!part) return std::nullopt;
      if (!all) all = Digits{part->low, part->high, nullptr};
      all->low = std::min(all->low, part->low);
      all->high = std::max(all->high, part->high);
      parts.push_back(std::move(part));
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
      ExpressionPtr mark = MakeLiteral(false, kBooleanType);
      if (parts[i]) {
        for (const std::uint8_t scale : {parts[i]->low, parts[i]->high}) {
          if (scale != all->low && scale != all->high) return std::nullopt;
        }
        if (parts[i]->low != parts[i]->high) mark = parts[i]->has_high;
        else if (parts[i]->high == all->high) mark = MakeLiteral(true, kBooleanType);
      }
      if (i < marks.branches.size()) marks.branches[i].result = std::move(mark);
      else marks.otherwise = std::move(mark);
    }
    all->has_high = std::make_shared<const Expression>(Expression{std::move(marks), kBooleanType, {}});
    return all;
  }

  // Of operands of which one varies.
  std::optional<Digits> OfArithmetic(const CallExpression& call) const {
    const bool multiplies = call.function == Function::kMultiply;
    if (!multiplies && call.function != Function::kAdd && call.function != Function::kSubtract && call.function != Function::kNegate)
      return std::nullopt;
    Digits all;
    for (const ExpressionPtr& argument : call.arguments) {
      const std::optional<Digits> part = Of(argument);
      if (!part || (part->has_high != nullptr && all.has_high != nullptr)) return std::nullopt;
      all.low = multiplies ? all.low + part->low : std::max(all.low, part->low);
      all.high = multiplies ? all.high + part->high : std::max(all.high, part->high);
      if (part->has_high != nullptr) all.has_high = part->has_high;
    }
    if (all.low == all.high) all.has_high = nullptr;
    return all;
  }

  const std::vector<ColumnInfo>& columns_;
};

absl::StatusOr<LogicalPtr> Marked(const ReleaseNode& release, const AggregateNode& aggregate, LogicalPlan& plan,
                                  std::string_view sql) {
  AggregateNode marked{aggregate.child, aggregate.group_by, {}};
  ProjectNode above;
  for (ColumnId column : aggregate.group_by) above.columns.push_back({column, MakeColumn(column, plan.columns[column].type)});
  bool any = false;
  for (const NamedAggregate& named : aggregate.calls) {
    const AggregateCall& call = named.call;
    const bool sums = call.function == AggregateFunction::kSum && call.type.kind == TypeKind::kNumeric;
    if (!sums || !ScaleVaries(call.argument, plan.columns)) {
      marked.calls.push_back(named);
      above.columns.push_back({named.column, MakeColumn(named.column, call.type)});
      continue;
    }
    const std::optional<Digits> digits = DigitsOf(plan.columns).Of(call.argument);
    if (!digits) return sql::QueryError(sql, call.position, kVaryingScale, kVaryingScaleHint);
    if (digits->has_high == nullptr) {
      marked.calls.push_back(named);
      above.columns.push_back({named.column, MakeColumn(named.column, call.type)});
      continue;
    }
    any = true;
    NamedAggregate sum = named;
    ColumnInfo info = plan.columns[named.column];
    sum.column = plan.AddColumn(info);
    info.name += " has decimals";
    info.type = kBooleanType;
    info.nullable = true;
    info.min.reset();
    info.max.reset();
    AggregateCall mark;
    mark.function = AggregateFunction::kBoolOr;
    // A NULL has no decimals: its branch may be of the larger scale.
    mark.argument = When(NotNull(call.argument), digits->has_high, nullptr);
    mark.filter = call.filter;
    mark.type = kBooleanType;
    mark.position = call.position;
    const ColumnId has_decimals = plan.AddColumn(std::move(info));
    const ExpressionPtr value = MakeColumn(sum.column, call.type, call.position);
    DataType fewer = kNumericType;
    fewer.scale = digits->low;
    const ExpressionPtr rounded =
        MakeCall(Function::kRound, {value, MakeLiteral(std::int64_t{digits->low}, kIntegerType)}, fewer, call.position);
    CaseExpression shown;
    shown.branches.push_back({MakeColumn(has_decimals, kBooleanType), value});
    shown.otherwise = rounded;
    above.columns.push_back({named.column, std::make_shared<const Expression>(Expression{std::move(shown), call.type, call.position})});
    marked.calls.push_back(std::move(sum));
    marked.calls.push_back({has_decimals, std::move(mark)});
  }
  if (!any) return MakeNode(release);
  return MakeNode(ProjectNode{MakeNode(ReleaseNode{MakeNode(std::move(marked)), release.read_by_gate}), std::move(above.columns)});
}

}  // namespace

absl::StatusOr<LogicalPtr> KeepSumDigits(const LogicalPtr& node, LogicalPlan& plan, std::string_view sql) {
  if (const auto* release = std::get_if<ReleaseNode>(&node->node)) {
    const auto* aggregate = std::get_if<AggregateNode>(&release->child->node);
    if (aggregate == nullptr) return node;
    return Marked(*release, *aggregate, plan, sql);
  }
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) {
    CARE_ASSIGN_OR_RETURN(LogicalPtr kept, KeepSumDigits(child, plan, sql));
    children.push_back(std::move(kept));
  }
  return WithChildren(node, std::move(children));
}

}  // namespace care::planner
