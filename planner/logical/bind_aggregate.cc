// Aggregate calls, groups, and the rule that every output is grouped or aggregated.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

struct AggregateName {
  std::string_view name;
  AggregateFunction function;
};
constexpr AggregateName kAggregates[] = {
    {"count", AggregateFunction::kCount},
    {"sum", AggregateFunction::kSum},
    {"avg", AggregateFunction::kAverage},
    {"min", AggregateFunction::kMin},
    {"max", AggregateFunction::kMax},
    {"bool_and", AggregateFunction::kBoolAnd},
    {"every", AggregateFunction::kBoolAnd},
    {"bool_or", AggregateFunction::kBoolOr},
    {"var_pop", AggregateFunction::kVariancePopulation},
    {"var_samp", AggregateFunction::kVarianceSample},
    {"variance", AggregateFunction::kVarianceSample},
    {"stddev_pop", AggregateFunction::kDeviationPopulation},
    {"stddev_samp", AggregateFunction::kDeviationSample},
    {"stddev", AggregateFunction::kDeviationSample},
    {"covar_pop", AggregateFunction::kCovariancePopulation},
    {"covar_samp", AggregateFunction::kCovarianceSample},
    {"corr", AggregateFunction::kCorrelation},
    {"regr_slope", AggregateFunction::kRegressionSlope},
    {"regr_intercept", AggregateFunction::kRegressionIntercept},
    {"regr_r2", AggregateFunction::kRegressionR2},
    {"regr_count", AggregateFunction::kRegressionCount},
    {"percentile_cont", AggregateFunction::kPercentileContinuous},
    {"percentile_disc", AggregateFunction::kPercentileDiscrete},
    {"median", AggregateFunction::kPercentileContinuous},
};

bool TakesTwo(AggregateFunction function) {
  switch (function) {
    case AggregateFunction::kCovariancePopulation:
    case AggregateFunction::kCovarianceSample:
    case AggregateFunction::kCorrelation:
    case AggregateFunction::kRegressionSlope:
    case AggregateFunction::kRegressionIntercept:
    case AggregateFunction::kRegressionR2:
    case AggregateFunction::kRegressionCount:
      return true;
    default:
      return false;
  }
}

bool IsPercentile(AggregateFunction function) {
  return function == AggregateFunction::kPercentileContinuous || function == AggregateFunction::kPercentileDiscrete;
}

bool IsCount(AggregateFunction function) {
  return function == AggregateFunction::kCountStar || function == AggregateFunction::kCount ||
         function == AggregateFunction::kRegressionCount;
}

bool IsSpread(AggregateFunction function) {
  return function == AggregateFunction::kVariancePopulation || function == AggregateFunction::kVarianceSample ||
         function == AggregateFunction::kDeviationPopulation || function == AggregateFunction::kDeviationSample;
}

// Its digits are decided by its value (type_rules.h).
bool IsOpen(const AggregateCall& call) {
  if (call.type.kind != TypeKind::kNumeric) return false;
  switch (call.function) {
    case AggregateFunction::kAverage:
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample:
      return true;
    default:
      return false;
  }
}

std::string UpperCase(std::string_view name) {
  std::string upper(name);
  absl::AsciiStrToUpper(&upper);
  return upper;
}

}  // namespace

bool QueryBinder::IsAggregateName(std::string_view name) {
  return std::any_of(std::begin(kAggregates), std::end(kAggregates),
                     [&](const AggregateName& entry) { return entry.name == name; });
}

absl::Status QueryBinder::BindArguments(const sql::FunctionCall& call, ExpressionContext& inner, AggregateCall& bound) {
  const bool two = TakesTwo(bound.function);
  if (call.arguments.size() != (two ? 2 : 1)) {
    return Error(bound.position, absl::StrCat(UpperCase(call.name), two ? " takes two arguments" : " takes one argument"),
                 bound.function == AggregateFunction::kCount ? "write COUNT(*) to count rows" : "");
  }
  if (two && call.distinct) return NotYet(bound.position, "DISTINCT in an aggregate of two arguments");
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr argument, BindExpression(*call.arguments[i], inner));
    argument = AsTimestamp(argument);
    if (argument->type.kind == TypeKind::kUnknown) {
      CARE_ASSIGN_OR_RETURN(argument, CoerceTo(argument, kTextType));
    }
    (i == 0 ? bound.argument : bound.second) = std::move(argument);
  }
  if (two && !bound.second->type.IsExactNumber() && !bound.second->type.IsFloat()) {
    return Error(bound.position, absl::StrCat("function ", call.name, "(", bound.argument->type.ToString(), ", ",
                                              bound.second->type.ToString(), ") does not exist"));
  }
  return absl::OkStatus();
}

absl::Status QueryBinder::BindFraction(const sql::FunctionCall& call, sql::SourcePosition position,
                                       ExpressionContext& inner, AggregateCall& bound) {
  if (!IsPercentile(bound.function) || call.name == "median") {
    return Error(position, absl::StrCat(call.name, " is not an ordered-set aggregate, so it cannot have WITHIN GROUP"));
  }
  if (call.within_group_order_by.empty()) {
    return Error(position, absl::StrCat("WITHIN GROUP is required for ordered-set aggregate ", call.name));
  }
  if (call.distinct) return Error(position, "cannot use DISTINCT with WITHIN GROUP");
  if (call.arguments.size() != 1 || call.within_group_order_by.size() != 1) {
    return Error(position, absl::StrCat(UpperCase(call.name), " takes one fraction, and WITHIN GROUP one expression"));
  }
  CARE_ASSIGN_OR_RETURN(ExpressionPtr fraction, BindExpression(*call.arguments[0], inner));
  if (fraction->type.kind == TypeKind::kUnknown) {
    CARE_ASSIGN_OR_RETURN(fraction, CoerceTo(fraction, kNumericType));
  }
  const std::optional<Value> value = ConstantOf(fraction);
  const auto* whole = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  const auto* decimal = value ? std::get_if<Decimal>(&*value) : nullptr;
  if (whole == nullptr && decimal == nullptr) {
    return NotYet(call.arguments[0]->position, absl::StrCat(UpperCase(call.name), " of other than a constant fraction"));
  }
  bound.fraction = whole != nullptr ? Decimal{*whole, 0} : *decimal;
  for (; bound.fraction.scale > 0 && bound.fraction.unscaled % 10 == 0; --bound.fraction.scale) bound.fraction.unscaled /= 10;
  Int128 one = 1;
  for (int i = 0; i < bound.fraction.scale; ++i) one *= 10;
  if (bound.fraction.unscaled < 0 || bound.fraction.unscaled > one) {
    return Error(call.arguments[0]->position, "percentile value is not between 0 and 1");
  }
  const sql::OrderItem& order = call.within_group_order_by[0];
  CARE_ASSIGN_OR_RETURN(bound.argument, BindExpression(*order.expression, inner));
  bound.argument = AsTimestamp(bound.argument);
  bound.descending = order.descending;
  return absl::OkStatus();
}

QueryBinder::Result QueryBinder::BindAggregate(const sql::FunctionCall& call, sql::SourcePosition position,
                                               ExpressionContext& context) {
  if (context.aggregates == nullptr) {
    if (context.clause == "aggregate") return Error(position, "aggregate function calls cannot be nested");
    return Error(position,
                 absl::StrCat("aggregate functions are not allowed in ", std::string(context.clause)),
                 context.clause == "WHERE" ? "conditions on groups belong in HAVING" : "");
  }
  if (!call.order_by.empty()) return NotYet(call.order_by[0].position, "ORDER BY inside an aggregate");
  AggregateCall bound;
  bound.position = position;
  bound.distinct = call.distinct;
  bound.function =
      std::find_if(std::begin(kAggregates), std::end(kAggregates), [&](const AggregateName& entry) {
        return entry.name == call.name;
      })->function;
  ExpressionContext inner{context.scope, "aggregate", nullptr, context.frames};
  if (call.star) {
    if (bound.function != AggregateFunction::kCount || bound.distinct) {
      return Error(position, absl::StrCat(call.name, "(*) does not exist"), "only COUNT(*) counts rows");
    }
    bound.function = AggregateFunction::kCountStar;
  } else {
    CARE_RETURN_IF_ERROR(call.within_group_order_by.empty() && call.name != "percentile_cont" && call.name != "percentile_disc"
                             ? BindArguments(call, inner, bound)
                             : BindFraction(call, position, inner, bound));
    if (call.name == "median") bound.fraction = Decimal{5, 1};
  }
  if (call.filter != nullptr) {
    inner.clause = "FILTER";
    CARE_ASSIGN_OR_RETURN(bound.filter, BindBoolean(*call.filter, inner));
  }
  CARE_RETURN_IF_ERROR(RefuseOuterAggregate(bound, *context.scope));
  DataType shown_as;
  if (bound.argument != nullptr && bound.function != AggregateFunction::kBoolAnd && bound.function != AggregateFunction::kBoolOr) {
    if (bound.argument->type.IsFloat()) shown_as = FloatResult(bound.function, bound.argument->type);
    CARE_RETURN_IF_ERROR(MakeExact(bound, call.name));
  }
  const DataType argument_type = bound.argument == nullptr ? DataType{} : bound.argument->type;
  const std::optional<DataType> type = AggregateType(bound.function, argument_type);
  if (!type.has_value()) {
    return Error(position,
                 absl::StrCat("function ", call.name, "(", argument_type.ToString(), ") does not exist"));
  }
  bound.type = *type;
  // Duplicates do not change these.
  if (bound.function == AggregateFunction::kMin || bound.function == AggregateFunction::kMax ||
      bound.function == AggregateFunction::kBoolAnd || bound.function == AggregateFunction::kBoolOr) {
    bound.distinct = false;
  }
  CARE_RETURN_IF_ERROR(CheckAggregateUses(bound, context.of_released));
  // How many digits a quotient has does not matter where it is counted.
  if (bound.function == AggregateFunction::kCount && !bound.distinct && OpenScale(bound.argument)) {
    bound.argument = When(NotNull(bound.argument), MakeLiteral(true, kBooleanType, bound.argument->position), nullptr);
  }
  if (bound.distinct && IsSpread(bound.function) && !FactsOf(bound.argument, plan_.columns).range) {
    return NotYet(position, absl::StrCat(UpperCase(call.name), "(DISTINCT x) of values that no declared range bounds"),
                  "let the federation file declare min and max of the column, or aggregate over a subquery that groups by x");
  }
  for (const NamedAggregate& other : *context.aggregates) {
    if (SameCall(other.call, bound)) {
      if (shown_as.IsFloat()) fixed_points_.insert(other.column);
      return Reference({call.name, other.column, shown_as}, position);
    }
  }
  ColumnInfo info;
  info.name = call.name;
  info.type = bound.type;
  info.nullable = !IsCount(bound.function);
  std::set<ColumnId> origins;
  if (info.nullable) origins = OriginsOf(bound.argument);
  if (info.nullable && bound.second != nullptr) {
    for (ColumnId origin : OriginsOf(bound.second)) origins.insert(origin);
  }
  const ColumnId column = AddColumn(std::move(info), std::move(origins), -1);
  if (IsOpen(bound)) open_scale_.insert(column);
  if (shown_as.IsFloat()) fixed_points_.insert(column);
  context.aggregates->push_back({column, bound});
  return Reference({call.name, column, shown_as}, position);
}

absl::Status QueryBinder::RefuseOuterAggregate(const AggregateCall& call, const Scope& scope) const {
  std::set<ColumnId> read;
  CollectColumns(call.argument, read);
  CollectColumns(call.filter, read);
  for (const ScopeTable& table : scope.tables) {
    for (const NamedColumn& column : table.columns) {
      if (read.count(column.column) != 0) return absl::OkStatus();
    }
  }
  if (read.empty()) return absl::OkStatus();
  return NotYet(call.position, "an aggregate over columns of the query around the subquery");
}

absl::Status QueryBinder::CheckAggregateUses(const AggregateCall& call, bool of_released) {
  if (call.filter != nullptr) {
    CARE_RETURN_IF_ERROR(CheckUses(call.filter, ColumnUse::kFilter));
    if (!of_released) CARE_RETURN_IF_ERROR(WhyRaising(call.filter));
  }
  if (call.argument == nullptr) return absl::OkStatus();
  const bool counts = call.function == AggregateFunction::kCount;
  for (const ExpressionPtr& argument : {call.argument, call.second}) {
    if (argument == nullptr) continue;
    CARE_RETURN_IF_ERROR(CheckUses(argument, counts ? ColumnUse::kCount : ColumnUse::kAggregate));
    if (of_released) continue;
    CARE_RETURN_IF_ERROR(WhyRaising(argument));
    if ((!counts || call.distinct) && OpenScale(argument)) {
      return NotYet(argument->position, "an aggregate of a quotient",
                    "divide after aggregating, or fix the digits with ROUND(x / y, 2)");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExpressionPtr> QueryBinder::BindGroup(const sql::Expression& expression, const std::vector<Item>& items,
                                                     const std::vector<NamedAggregate>& calls, ExpressionContext& context) {
  ExpressionPtr group;
  const auto* literal = std::get_if<sql::Literal>(&expression.node);
  const auto* name = std::get_if<sql::ColumnName>(&expression.node);
  if (literal != nullptr) {
    const auto* number = std::get_if<std::int64_t>(&literal->value);
    if (number == nullptr) return Error(expression.position, "non-integer constant in GROUP BY");
    if (*number < 1 || *number > static_cast<std::int64_t>(items.size())) {
      return Error(expression.position, absl::StrCat("GROUP BY position ", *number, " is not in select list"));
    }
    group = items[static_cast<std::size_t>(*number - 1)].expression;
  } else {
    // A bare name is an input column first, then an output name.
    bool is_input = name == nullptr || name->parts.size() != 1;
    if (!is_input) {
      for (const ScopeTable& table : context.scope->tables) {
        for (const NamedColumn& column : table.columns) is_input = is_input || column.name == name->parts[0];
      }
    }
    if (!is_input) {
      for (const Item& item : items) {
        if (item.name != name->parts[0]) continue;
        if (group != nullptr && !SameExpression(group, item.expression)) {
          return Error(expression.position, absl::StrCat("GROUP BY \"", item.name, "\" is ambiguous"));
        }
        group = item.expression;
      }
    }
    if (group == nullptr) {
      CARE_ASSIGN_OR_RETURN(group, BindExpression(expression, context));
      group = AsTimestamp(group);
    }
  }
  if (const ExpressionPtr exact = FixedPointOf(group)) group = exact;
  std::set<ColumnId> columns;
  CollectColumns(group, columns);
  for (const NamedAggregate& call : calls) {
    if (columns.count(call.column) != 0) return Error(expression.position, "aggregate functions are not allowed in GROUP BY");
  }
  CARE_RETURN_IF_ERROR(CheckUses(group, ColumnUse::kInner));
  CARE_RETURN_IF_ERROR(WhyRaising(group));
  if (OpenScale(group)) return NotYet(expression.position, "grouping by a quotient", "fix the digits with ROUND(x / y, 2)");
  return group;
}

bool QueryBinder::DependsOnGroups(ColumnId column, const Grouping& grouping) const {
  if (scans_[column] < 0) return false;
  const CatalogTable& table = catalog_.tables[plan_.columns[column].table];
  for (const std::vector<int>& key : table.unique_keys) {
    const bool grouped = std::all_of(key.begin(), key.end(), [&](int position) {
      return !table.columns[position].nullable &&
             std::any_of(grouping.columns.begin(), grouping.columns.end(), [&](ColumnId group) {
               return scans_[group] == scans_[column] && plan_.columns[group].table_column == position;
             });
    });
    if (grouped) return true;
  }
  return false;
}

QueryBinder::Result QueryBinder::ReplaceGrouped(const ExpressionPtr& expression, Grouping& grouping) {
  for (std::size_t i = 0; i < grouping.expressions.size(); ++i) {
    if (SameExpression(expression, grouping.expressions[i])) {
      return MakeColumn(grouping.columns[i], expression->type, expression->position);
    }
  }
  // What date +- interval yields is grouped as a timestamp, and may stand here as the date that it is computed as.
  for (std::size_t i = 0; expression->type.kind == TypeKind::kDate && i < grouping.expressions.size(); ++i) {
    const auto* cast = std::get_if<CastExpression>(&grouping.expressions[i]->node);
    if (cast == nullptr || !grouping.expressions[i]->type.IsTimestamp() || !SameExpression(expression, cast->operand)) continue;
    return CastOf(MakeColumn(grouping.columns[i], grouping.expressions[i]->type, expression->position), kDateType);
  }
  // GROUP BY x + y of floating point groups by the exact sum.
  if (expression->type.IsFloat()) {
    const std::optional<ExpressionPtr> exact = ExactOf(expression);
    for (std::size_t i = 0; exact && i < grouping.expressions.size(); ++i) {
      if (!SameExpression(*exact, grouping.expressions[i])) continue;
      return CoerceTo(MakeColumn(grouping.columns[i], (*exact)->type, expression->position), expression->type);
    }
  }
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) {
    // A column of a query around this one is a constant here.
    if (grouping.calls.count(column->column) != 0 || grouping.input.count(column->column) == 0) return expression;
    // Where sets differ in their groups, what depends on a group is NULL as the group is.
    if (!grouping.in_sets && DependsOnGroups(column->column, grouping)) {
      CARE_RETURN_IF_ERROR(CheckColumn(column->column, ColumnUse::kInner, expression->position));
      grouping.expressions.push_back(expression);
      grouping.columns.push_back(column->column);
      return expression;
    }
    return Error(expression->position,
                 absl::StrCat("column \"", plan_.columns[column->column].name,
                              "\" must appear in the GROUP BY clause or be used in an aggregate function"));
  }
  if (const auto* subquery = std::get_if<SubqueryExpression>(&expression->node)) {
    CARE_RETURN_IF_ERROR(CheckGroupedSubquery(*subquery, expression->position, grouping));
  }
  std::vector<ExpressionPtr> children = ChildrenOf(expression);
  if (children.empty()) return expression;
  for (ExpressionPtr& child : children) {
    CARE_ASSIGN_OR_RETURN(child, ReplaceGrouped(child, grouping));
  }
  return WithChildren(expression, std::move(children));
}

LogicalPtr QueryBinder::WithGroups(LogicalPtr input, const std::vector<ExpressionPtr>& groups, Grouping& grouping) {
  ProjectNode project;
  for (const ExpressionPtr& group : groups) {
    const auto* column = std::get_if<ColumnExpression>(&group->node);
    ColumnId id = column != nullptr ? column->column : 0;
    if (column == nullptr) {
      id = AddComputed(group, kUnnamedGroup);
      project.columns.push_back({id, group});
    }
    grouping.expressions.push_back(group);
    grouping.columns.push_back(id);
  }
  if (project.columns.empty()) return input;
  std::vector<NamedExpression> columns;
  for (ColumnId column : OutputColumns(*input)) columns.push_back({column, MakeColumn(column, plan_.columns[column].type)});
  columns.insert(columns.end(), project.columns.begin(), project.columns.end());
  return MakeNode(ProjectNode{std::move(input), std::move(columns)});
}

absl::StatusOr<LogicalPtr> QueryBinder::Aggregate(LogicalPtr input, const BoundGroups& groups,
                                                  std::vector<NamedAggregate> calls,
                                                  const std::vector<BoundGrouping>& groupings,
                                                  std::vector<ExpressionPtr*> outputs) {
  input = WithoutOrder(input);
  Grouping grouping;
  for (const NamedAggregate& call : calls) grouping.calls.insert(call.column);
  for (const BoundGrouping& asked : groupings) grouping.calls.insert(asked.column);
  for (ColumnId column : OutputColumns(*input)) grouping.input.insert(column);
  CARE_ASSIGN_OR_RETURN(std::vector<GroupingSetsNode::Grouping> asked, GroupingsOf(groupings, groups));
  input = WithGroups(std::move(input), groups.expressions, grouping);
  const std::uint64_t rows = RowBoundOf(*input, plan_, catalog_);
  const bool grouped = std::none_of(groups.sets.begin(), groups.sets.end(),
                                    [](const std::vector<std::uint32_t>& set) { return set.empty(); });
  LogicalPtr sets;
  std::vector<std::pair<ColumnId, ExpressionPtr>> zeroes;
  if (!groups.IsPlain()) {
    sets = OverSets(input, groups, grouping, calls, std::move(asked));
  } else {
    // Every group is of the one set.
    for (const GroupingSetsNode::Grouping& call : asked) zeroes.push_back({call.column, MakeLiteral(std::int64_t{0}, kIntegerType)});
  }
  for (ExpressionPtr* output : outputs) {
    CARE_ASSIGN_OR_RETURN(*output, ReplaceGrouped(SubstituteColumns(*output, zeroes), grouping));
  }
  for (const NamedAggregate& named : calls) {
    SetFacts(FactsOf(named.call, grouped, rows, plan_.columns), plan_.columns[named.column]);
  }
  if (sets != nullptr) return sets;
  if (grouping.columns.empty() && calls.empty()) {
    // GROUP BY (), or HAVING alone: one row, of which nothing is asked. A node has columns all the same.
    NamedAggregate count;
    count.call.type = kBigIntType;
    ColumnInfo info;
    info.name = "count";
    info.type = kBigIntType;
    info.nullable = false;
    count.column = AddColumn(std::move(info), {}, -1);
    calls.push_back(std::move(count));
  }
  return MakeNode(AggregateNode{std::move(input), grouping.columns, std::move(calls)});
}

absl::Status QueryBinder::WhyNotReleased(const std::vector<ColumnId>& group_by, const std::vector<NamedAggregate>& calls,
                                         const std::vector<ExpressionPtr>& groups) {
  for (std::size_t i = 0; i < group_by.size(); ++i) {
    // Columns that depend on a grouped key follow the groups that were written.
    const sql::SourcePosition position = groups[std::min(i, groups.size() - 1)]->position;
    const ColumnId column = group_by[i];
    CARE_RETURN_IF_ERROR(CheckUses(MakeColumn(column, plan_.columns[column].type, position), ColumnUse::kGroupKey));
  }
  for (const NamedAggregate& named : calls) {
    const bool extreme =
        named.call.function == AggregateFunction::kMin || named.call.function == AggregateFunction::kMax ||
        IsPercentile(named.call.function);
    if (extreme) CARE_RETURN_IF_ERROR(CheckUses(named.call.argument, ColumnUse::kExtreme));
  }
  return absl::OkStatus();
}

}  // namespace care::planner
