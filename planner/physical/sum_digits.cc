#include "planner/physical/sum_digits.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/physical/carry_digits.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
namespace {

// Of what is released, the numbers of decimals that PostgreSQL may show; nothing where they are those of the column, as they mostly are,
// and it is computed with no more: NULLIF(x, 1.5) is, of whole numbers x.
std::optional<ColumnDigits::Scales> Shown(const ExpressionPtr& value, const DataType& column, const ColumnDigits& digits,
                                          const std::vector<ColumnInfo>& columns) {
  if (column.kind != TypeKind::kNumeric) return std::nullopt;
  std::optional<ColumnDigits::Scales> scales = digits.Of(value);
  if (!scales || scales->empty()) return std::nullopt;
  if (*scales == ColumnDigits::Scales{column.scale} && RingScale(value, columns) <= column.scale) return std::nullopt;
  return scales;
}

bool IsDecimalSum(const AggregateCall& call) {
  return call.function == AggregateFunction::kSum && call.type.kind == TypeKind::kNumeric;
}

// PostgreSQL's quotient has 16 digits and more, in whole groups of four, and never fewer decimals than the sum: those show once an
// average of so many decimals is so large.
bool ShowsDigitsOfSum(const AggregateCall& call, const ColumnDigits& digits, const std::vector<ColumnInfo>& columns) {
  if (call.function != AggregateFunction::kAverage || !digits.Vary(call.argument)) return false;
  const int most = *digits.Of(call.argument)->rbegin();
  const std::optional<IntegerRange> range = FactsOf(call.argument, columns).range;
  if (!range) return most > 4;
  Int128 magnitude = std::max<Int128>(range->high, -Int128{range->low});
  for (int scale = RingScale(call.argument, columns); scale > 0; --scale) magnitude /= 10;
  int decimals = 16;
  for (; magnitude >= 10'000 && decimals > 4; magnitude /= 10'000) decimals -= 4;
  return most > decimals;
}

// The value rounded to what the flags say, most decimals first; flags are in ascending order of theirs.
ExpressionPtr WithDigits(const ExpressionPtr& value, const ColumnDigits::Scales& scales, const std::vector<ColumnId>& flags) {
  const auto rounded = [&](std::uint8_t scale) {
    DataType fewer = kNumericType;
    fewer.scale = scale;
    return MakeCall(Function::kRound, {value, MakeLiteral(std::int64_t{scale}, kIntegerType)}, fewer, value->position);
  };
  if (flags.empty()) return rounded(*scales.begin());
  CaseExpression shown;
  auto scale = scales.rbegin();
  for (std::size_t i = flags.size(); i-- > 0; ++scale)
    shown.branches.push_back({MakeColumn(flags[i], kBooleanType), i + 1 == flags.size() ? value : rounded(*scale)});
  shown.otherwise = rounded(*scales.begin());
  return std::make_shared<const Expression>(Expression{std::move(shown), value->type, value->position});
}

bool FixesDigits(const ExpressionPtr& expression) {
  if (std::holds_alternative<CastExpression>(expression->node)) {
    const DataType& type = expression->type;
    return type.IsInteger() || type.IsFloat() || (type.kind == TypeKind::kNumeric && type.precision != 0);
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return false;
  return expression->type.kind == TypeKind::kBoolean || call->function == Function::kRound || call->function == Function::kFloor ||
         call->function == Function::kCeil;
}

// The columns whose digits reach the expression's.
void CollectShown(const ExpressionPtr& expression, std::set<ColumnId>& shown) {
  if (FixesDigits(expression)) return;
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) shown.insert(column->column);
  for (const ExpressionPtr& child : ChildrenOf(expression)) CollectShown(child, shown);
}

// The columns whose digits the answer shows, as far as what runs above the releases tells: conditions, orders and what rounds do
// not, and nothing opens for them.
void CollectShown(const LogicalPtr& node, std::set<ColumnId>& shown) {
  if (std::holds_alternative<ReleaseNode>(node->node)) return;
  if (const auto* project = std::get_if<ProjectNode>(&node->node)) {
    for (const NamedExpression& item : project->columns) CollectShown(item.expression, shown);
  } else if (const auto* operation = std::get_if<SetOperationNode>(&node->node)) {
    for (const std::vector<ColumnId>& columns : operation->input_columns) shown.insert(columns.begin(), columns.end());
  } else if (!std::holds_alternative<FilterNode>(node->node) && !std::holds_alternative<SortNode>(node->node) &&
             !std::holds_alternative<LimitNode>(node->node)) {
    MapExpressions(node, [&](const ExpressionPtr& expression) {
      CollectColumns(expression, shown);
      return expression;
    });
    for (const LogicalPtr& child : ChildrenOf(*node)) {
      for (ColumnId column : OutputColumns(*child)) shown.insert(column);
    }
  }
  for (const LogicalPtr& child : ChildrenOf(*node)) CollectShown(child, shown);
}

absl::StatusOr<LogicalPtr> OfGroups(const ReleaseNode& release, const AggregateNode& aggregate, const std::set<ColumnId>& shown,
                                    LogicalPlan& plan, std::string_view sql) {
  DigitCarrier carrier(release.child, plan, sql);
  DigitCarrier::Wanted below;
  AggregateNode marked;
  ProjectNode keys, above;
  sql::SourcePosition first;
  bool any = false;
  for (ColumnId column : aggregate.group_by) {
    const ExpressionPtr key = MakeColumn(column, plan.columns[column].type);
    const std::optional<ColumnDigits::Scales> scales = Shown(key, key->type, carrier.digits(), plan.columns);
    // Which of equal values a group shows is not ours to say: keys of mixed digits are refused later.
    if (!scales || scales->size() > 1) {
      marked.group_by.push_back(column);
      above.columns.push_back({column, key});
      continue;
    }
    any = true;
    ColumnInfo info = plan.columns[column];
    info.table = info.table_column = -1;
    marked.group_by.push_back(plan.AddColumn(std::move(info)));
    keys.columns.push_back({marked.group_by.back(), key});
    above.columns.push_back({column, WithDigits(MakeColumn(marked.group_by.back(), key->type), *scales, {})});
  }
  for (const NamedAggregate& named : aggregate.calls) {
    const AggregateCall& call = named.call;
    const bool sums = IsDecimalSum(call);
    const bool chooses = call.function == AggregateFunction::kMin || call.function == AggregateFunction::kMax ||
                         call.function == AggregateFunction::kPercentileDiscrete;
    if (ShowsDigitsOfSum(call, carrier.digits(), plan.columns)) {
      return sql::QueryError(sql, call.position, "the digits of this AVG would depend on which rows there are: it mixes numbers of different scales",
                             kVaryingScaleHint);
    }
    std::optional<ColumnDigits::Scales> scales;
    if (sums || chooses) scales = Shown(call.argument, call.type, carrier.digits(), plan.columns);
    // Of equal values that DISTINCT drops PostgreSQL keeps the one that it meets first.
    if (sums && call.distinct && carrier.digits().Vary(call.argument))
      return sql::QueryError(sql, call.position, kVaryingScale, kVaryingScaleHint);
    const bool unseen = scales && scales->size() > 1 && shown.count(named.column) == 0;
    if (!scales || unseen || (chooses && scales->size() > 1)) {
      marked.calls.push_back(named);
      above.columns.push_back({named.column, MakeColumn(named.column, call.type)});
      continue;
    }
    if (!any) first = call.position;
    any = true;
    NamedAggregate sum = named;
    ColumnInfo info = plan.columns[named.column];
    sum.column = plan.AddColumn(info);
    info.type = kBooleanType;
    info.nullable = true;
    info.min.reset();
    info.max.reset();
    marked.calls.push_back(sum);
    std::vector<ColumnId> flags;
    for (const std::uint8_t scale : *scales) {
      if (scale == *scales->begin()) continue;
      AggregateCall mark;
      mark.function = AggregateFunction::kBoolOr;
      // A NULL has no decimals: its branch may be of the larger scale.
      mark.argument = When(NotNull(call.argument), carrier.AtLeast(call.argument, scale, below), nullptr);
      mark.filter = call.filter;
      mark.type = kBooleanType;
      mark.position = call.position;
      ColumnInfo flag = info;
      flag.name += scales->size() == 2 ? std::string(" has decimals") : absl::StrCat(" has ", scale, " or more decimals");
      flags.push_back(plan.AddColumn(std::move(flag)));
      marked.calls.push_back({flags.back(), std::move(mark)});
    }
    above.columns.push_back({named.column, WithDigits(MakeColumn(sum.column, call.type, call.position), *scales, flags)});
  }
  if (!any) return MakeNode(release);
  LogicalPtr rows = aggregate.child;
  CARE_ASSIGN_OR_RETURN(rows, carrier.Carry(rows, below, first));
  if (carrier.digits().TooLong()) return sql::QueryError(sql, first, kVaryingScale, kVaryingScaleHint);
  if (!keys.columns.empty()) {
    for (ColumnId output : OutputColumns(*rows)) keys.columns.push_back({output, MakeColumn(output, plan.columns[output].type)});
    keys.child = std::move(rows);
    rows = MakeNode(std::move(keys));
  }
  marked.child = std::move(rows);
  return MakeNode(ProjectNode{MakeNode(ReleaseNode{MakeNode(std::move(marked)), release.read_by_gate}), std::move(above.columns)});
}

absl::StatusOr<LogicalPtr> OfRows(const ReleaseNode& release, LogicalPlan& plan, std::string_view sql) {
  DigitCarrier carrier(release.child, plan, sql);
  DigitCarrier::Wanted wanted;
  ProjectNode below, above;
  bool any = false;
  for (ColumnId column : OutputColumns(*release.child)) {
    const DataType type = plan.columns[column].type;
    const ExpressionPtr value = MakeColumn(column, type);
    const std::optional<ColumnDigits::Scales> scales = Shown(value, type, carrier.digits(), plan.columns);
    if (!scales) {
      below.columns.push_back({column, value});
      above.columns.push_back({column, value});
      continue;
    }
    any = true;
    // What opens has a name of its own: above, the column is the value with its digits.
    const ColumnId opened = plan.AddColumn(plan.columns[column]);
    plan.columns[opened].table = plan.columns[opened].table_column = -1;
    below.columns.push_back({opened, value});
    std::vector<ColumnId> flags;
    for (const std::uint8_t scale : *scales) {
      if (scale == *scales->begin()) continue;
      wanted.insert({column, scale});
      flags.push_back(carrier.FlagOf(column, scale));
      below.columns.push_back({flags.back(), MakeColumn(flags.back(), kBooleanType)});
    }
    above.columns.push_back({column, WithDigits(MakeColumn(opened, type), *scales, flags)});
  }
  if (!any) return MakeNode(release);
  CARE_ASSIGN_OR_RETURN(below.child, carrier.Carry(release.child, wanted, {}));
  if (carrier.digits().TooLong()) return sql::QueryError(sql, {}, kVaryingScale, kVaryingScaleHint);
  above.child = MakeNode(ReleaseNode{MakeNode(std::move(below)), release.read_by_gate});
  return MakeNode(std::move(above));
}

absl::StatusOr<LogicalPtr> KeepDigits(const LogicalPtr& node, const std::set<ColumnId>& shown, LogicalPlan& plan, std::string_view sql) {
  if (const auto* release = std::get_if<ReleaseNode>(&node->node)) {
    const auto* aggregate = std::get_if<AggregateNode>(&release->child->node);
    const LogicalPtr released = node;
    CARE_ASSIGN_OR_RETURN(LogicalPtr kept,
                          aggregate != nullptr ? OfGroups(*release, *aggregate, shown, plan, sql) : OfRows(*release, plan, sql));
    return std::holds_alternative<ReleaseNode>(kept->node) ? released : kept;
  }
  std::vector<LogicalPtr> children;
  for (const LogicalPtr& child : ChildrenOf(*node)) {
    CARE_ASSIGN_OR_RETURN(LogicalPtr kept, KeepDigits(child, shown, plan, sql));
    children.push_back(std::move(kept));
  }
  return WithChildren(node, std::move(children));
}

}  // namespace

absl::StatusOr<LogicalPtr> KeepSumDigits(LogicalPlan& plan, std::string_view sql) {
  std::set<ColumnId> shown;
  for (const OutputColumn& output : plan.output) shown.insert(output.column);
  CollectShown(plan.root, shown);
  return KeepDigits(plan.root, shown, plan, sql);
}

bool ShowsOtherDigits(const LogicalPtr& root, const LogicalPlan& plan) {
  if (const auto* release = std::get_if<ReleaseNode>(&root->node)) {
    const auto* aggregate = std::get_if<AggregateNode>(&release->child->node);
    if (aggregate == nullptr) return false;
    const ColumnDigits digits(release->child, plan.columns);
    for (const NamedAggregate& named : aggregate->calls) {
      if (IsDecimalSum(named.call) && Shown(named.call.argument, named.call.type, digits, plan.columns)) return true;
    }
    return std::any_of(aggregate->group_by.begin(), aggregate->group_by.end(), [&](ColumnId column) {
      const DataType& type = plan.columns[column].type;
      return Shown(MakeColumn(column, type), type, digits, plan.columns).has_value();
    });
  }
  const std::vector<LogicalPtr> children = ChildrenOf(*root);
  return std::any_of(children.begin(), children.end(), [&](const LogicalPtr& child) { return ShowsOtherDigits(child, plan); });
}

}  // namespace care::planner
