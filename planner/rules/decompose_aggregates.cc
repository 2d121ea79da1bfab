#include <algorithm>
#include <optional>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/row_facts.h"
#include "planner/logical/type_rules.h"
#include "planner/rules/decompose_calls.h"
#include "planner/rules/table_rules.h"

namespace care::planner {
namespace {

class Decomposer {
 public:
  Decomposer(LogicalPlan& plan, bool interpolates) : plan_(plan), interpolates_(interpolates) {}

  Decomposed Decompose(const AggregateNode& node) {
    sums_ = AggregateNode{node.child, node.group_by, {}};
    for (ColumnId column : node.group_by) Pass(column);
    bool any = false;
    for (const NamedAggregate& named : node.calls) {
      const ExpressionPtr finished = Finished(named.call);
      if (finished == nullptr) {
        sums_.calls.push_back(named);
        Pass(named.column);
      } else {
        any = true;
        above_.push_back({named.column, finished});
      }
    }
    return {std::move(sums_), std::move(above_), any};
  }

 private:
  void Pass(ColumnId column) { above_.push_back({column, MakeColumn(column, plan_.columns[column].type)}); }

  ExpressionPtr Add(AggregateFunction function, const ExpressionPtr& argument, const AggregateCall& of,
                    const ExpressionPtr& filter) {
    AggregateCall call;
    call.function = function;
    call.distinct = of.distinct && function != AggregateFunction::kCountStar;
    call.argument = argument;
    call.filter = filter;
    call.position = of.position;
    call.type = AggregateType(function, argument == nullptr ? DataType{} : argument->type).value_or(kNumericType);
    for (const NamedAggregate& other : sums_.calls) {
      if (SameCall(other.call, call)) return MakeColumn(other.column, call.type, of.position);
    }
    ColumnInfo info;
    info.name = function == AggregateFunction::kSum ? "sum" : "count";
    info.type = call.type;
    info.nullable = function == AggregateFunction::kSum;
    const ColumnId column = plan_.AddColumn(std::move(info));
    const ExpressionPtr result = MakeColumn(column, call.type, of.position);
    sums_.calls.push_back({column, std::move(call)});
    return result;
  }

  // Products in NUMERIC, which no integer type bounds.
  static ExpressionPtr AsNumeric(const ExpressionPtr& value) {
    if (value->type.kind == TypeKind::kNumeric) return value;
    return std::make_shared<const Expression>(Expression{CastExpression{value}, kNumericType, value->position});
  }
  static ExpressionPtr Times(const ExpressionPtr& a, const ExpressionPtr& b) {
    DataType type = kNumericType;
    type.scale = static_cast<std::uint8_t>(a->type.scale + b->type.scale);
    return MakeCall(Function::kMultiply, {AsNumeric(a), AsNumeric(b)}, type, a->position);
  }
  static ExpressionPtr And(const ExpressionPtr& a, const ExpressionPtr& b) {
    return a == nullptr ? b : MakeConjunction({a, b});
  }

  // Different values have different squares where none is negative: x - low, whose variance is x's. Null: no such range is declared.
  ExpressionPtr WithoutSign(const ExpressionPtr& value) const {
    const std::optional<IntegerRange> range = FactsOf(value, plan_.columns).range;
    if (!range) return nullptr;
    if (range->low >= 0) return value;
    DataType type = kNumericType;
    type.scale = value->type.kind == TypeKind::kNumeric ? value->type.scale : std::uint8_t{0};
    const ExpressionPtr low = MakeLiteral(Decimal{range->low, type.scale}, type, value->position);
    return MakeCall(Function::kSubtract, {AsNumeric(value), low}, type, value->position);
  }

  ExpressionPtr OfOne(Function function, const AggregateCall& call) {
    const ExpressionPtr value = call.distinct ? WithoutSign(call.argument) : call.argument;
    if (value == nullptr) return nullptr;
    const ExpressionPtr count = Add(AggregateFunction::kCount, call.argument, call, call.filter);
    const ExpressionPtr sum = Add(AggregateFunction::kSum, AsNumeric(value), call, call.filter);
    const ExpressionPtr squares = Add(AggregateFunction::kSum, Times(value, value), call, call.filter);
    return MakeCall(function, {count, sum, squares}, call.type, call.position);
  }

  ExpressionPtr OfTwo(Function function, const AggregateCall& call, bool squares) {
    if (call.distinct) return nullptr;
    const ExpressionPtr& y = call.argument;
    const ExpressionPtr& x = call.second;
    const ExpressionPtr both = And(call.filter, MakeConjunction({NotNull(y), NotNull(x)}));
    std::vector<ExpressionPtr> arguments{Add(AggregateFunction::kCountStar, nullptr, call, both),
                                         Add(AggregateFunction::kSum, AsNumeric(x), call, both),
                                         Add(AggregateFunction::kSum, AsNumeric(y), call, both)};
    if (squares) {
      arguments.push_back(Add(AggregateFunction::kSum, Times(x, x), call, both));
      arguments.push_back(Add(AggregateFunction::kSum, Times(y, y), call, both));
    }
    arguments.push_back(Add(AggregateFunction::kSum, Times(x, y), call, both));
    return MakeCall(function, std::move(arguments), call.type, call.position);
  }

  // Between two values the exact decimal, which is made double precision last.
  ExpressionPtr Interpolated(const AggregateCall& call) {
    AggregateCall exact = call;
    exact.type = kNumericType;
    exact.type.scale = static_cast<std::uint8_t>(call.argument->type.scale + call.fraction.scale);
    ColumnInfo info;
    info.name = "percentile";
    info.type = exact.type;
    const ColumnId column = plan_.AddColumn(std::move(info));
    const ExpressionPtr value = MakeColumn(column, exact.type, call.position);
    sums_.calls.push_back({column, std::move(exact)});
    return std::make_shared<const Expression>(Expression{CastExpression{value}, call.type, call.position});
  }

  // Null: the call stands.
  ExpressionPtr Finished(const AggregateCall& call) {
    switch (call.function) {
      case AggregateFunction::kAverage: {
        const ExpressionPtr sum = Add(AggregateFunction::kSum, call.argument, call, call.filter);
        const ExpressionPtr count = Add(AggregateFunction::kCount, call.argument, call, call.filter);
        return MakeCall(Function::kAverageOf, {sum, count}, call.type, call.position);
      }
      case AggregateFunction::kVariancePopulation:
        return OfOne(Function::kVariancePopulation, call);
      case AggregateFunction::kVarianceSample:
        return OfOne(Function::kVarianceSample, call);
      case AggregateFunction::kDeviationPopulation:
        return OfOne(Function::kDeviationPopulation, call);
      case AggregateFunction::kDeviationSample:
        return OfOne(Function::kDeviationSample, call);
      case AggregateFunction::kCovariancePopulation:
        return OfTwo(Function::kCovariancePopulation, call, false);
      case AggregateFunction::kCovarianceSample:
        return OfTwo(Function::kCovarianceSample, call, false);
      case AggregateFunction::kCorrelation:
        return OfTwo(Function::kCorrelation, call, true);
      case AggregateFunction::kRegressionSlope:
        return OfTwo(Function::kRegressionSlope, call, true);
      case AggregateFunction::kRegressionIntercept:
        return OfTwo(Function::kRegressionIntercept, call, true);
      case AggregateFunction::kRegressionR2:
        return OfTwo(Function::kRegressionR2, call, true);
      case AggregateFunction::kRegressionCount:
        if (call.distinct) return nullptr;
        return Add(AggregateFunction::kCountStar, nullptr, call,
                   And(call.filter, MakeConjunction({NotNull(call.argument), NotNull(call.second)})));
      case AggregateFunction::kCountStar:
      case AggregateFunction::kCount:
      case AggregateFunction::kSum:
      case AggregateFunction::kMin:
      case AggregateFunction::kMax:
      case AggregateFunction::kBoolAnd:
      case AggregateFunction::kBoolOr:
      case AggregateFunction::kPercentileDiscrete:
        return nullptr;
      case AggregateFunction::kPercentileContinuous:
        return interpolates_ ? Interpolated(call) : nullptr;
    }
    return nullptr;
  }

  LogicalPlan& plan_;
  const bool interpolates_;
  AggregateNode sums_;
  std::vector<NamedExpression> above_;
};

// AVG over a window is SUM and COUNT over it.
LogicalPtr WithoutAverages(const LogicalPtr& node, const WindowNode& window, LogicalPlan& plan) {
  const bool any = std::any_of(window.calls.begin(), window.calls.end(), [](const NamedWindowCall& named) {
    return named.call.function == WindowFunction::kAverage;
  });
  if (!any) return node;
  WindowNode sums = window;
  sums.calls.clear();
  ProjectNode above;
  for (ColumnId column : OutputColumns(*window.child)) above.columns.push_back({column, MakeColumn(column, plan.columns[column].type)});
  const auto add = [&](WindowCall call, WindowFunction function, AggregateFunction as) {
    call.function = function;
    call.type = AggregateType(as, call.argument->type).value_or(kNumericType);
    ColumnInfo info;
    info.name = function == WindowFunction::kSum ? "sum" : "count";
    info.type = call.type;
    info.nullable = function == WindowFunction::kSum;
    const ColumnId column = plan.AddColumn(std::move(info));
    const ExpressionPtr result = MakeColumn(column, call.type, call.position);
    sums.calls.push_back({column, std::move(call)});
    return result;
  };
  for (const NamedWindowCall& named : window.calls) {
    if (named.call.function != WindowFunction::kAverage) {
      sums.calls.push_back(named);
      above.columns.push_back({named.column, MakeColumn(named.column, named.call.type)});
      continue;
    }
    const ExpressionPtr sum = add(named.call, WindowFunction::kSum, AggregateFunction::kSum);
    const ExpressionPtr count = add(named.call, WindowFunction::kCount, AggregateFunction::kCount);
    above.columns.push_back({named.column, MakeCall(Function::kAverageOf, {sum, count}, named.call.type, named.call.position)});
  }
  above.child = MakeNode(std::move(sums));
  return MakeNode(std::move(above));
}

// Windows above one are over few rows in the clear.
LogicalPtr Decompose(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog, bool below_release) {
  std::vector<LogicalPtr> children;
  const auto* release = std::get_if<ReleaseNode>(&node->node);
  const auto* released =
      release == nullptr ? nullptr : std::get_if<AggregateNode>(&release->child->node);
  if (released != nullptr) {
    AggregateNode whole = *released;
    whole.child = Decompose(released->child, plan, catalog, true);
    Decomposed parts = DecomposeCalls(whole, plan, /*interpolates=*/true);
    if (!parts.any) return MakeNode(ReleaseNode{MakeNode(std::move(whole)), release->read_by_gate});
    LogicalPtr sums = MakeNode(ReleaseNode{MakeNode(std::move(parts.sums)), release->read_by_gate});
    return MakeNode(ProjectNode{std::move(sums), std::move(parts.above)});
  }
  for (const LogicalPtr& child : ChildrenOf(*node)) children.push_back(Decompose(child, plan, catalog, below_release || release != nullptr));
  const LogicalPtr rebuilt = WithChildren(node, std::move(children));
  if (const auto* window = std::get_if<WindowNode>(&rebuilt->node); window != nullptr && below_release)
    return WithoutAverages(rebuilt, *window, plan);
  const auto* aggregate = std::get_if<AggregateNode>(&rebuilt->node);
  if (aggregate == nullptr) return rebuilt;
  // One owner interpolates in double precision, as PostgreSQL does.
  Decomposed parts = DecomposeCalls(*aggregate, plan, /*interpolates=*/ScannedParties(*rebuilt, catalog).size() > 1);
  if (!parts.any) return rebuilt;
  LogicalPtr sums = MakeNode(std::move(parts.sums));
  return MakeNode(ProjectNode{std::move(sums), std::move(parts.above)});
}

}  // namespace

Decomposed DecomposeCalls(const AggregateNode& aggregate, LogicalPlan& plan, bool interpolates) {
  return Decomposer(plan, interpolates).Decompose(aggregate);
}

LogicalPtr DecomposeAggregates(const LogicalPtr& node, LogicalPlan& plan, const Catalog& catalog) {
  return Decompose(node, plan, catalog, false);
}

}  // namespace care::planner
