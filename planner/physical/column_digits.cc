#include "planner/physical/column_digits.h"

#include <algorithm>
#include <utility>

#include "planner/logical/build_expressions.h"
#include "planner/logical/type_rules.h"
#include "planner/physical/joint_expressions.h"

namespace care::planner {
namespace {

ExpressionPtr Constant(bool value) { return MakeLiteral(value, kBooleanType); }

const bool* AsConstant(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  return literal == nullptr ? nullptr : std::get_if<bool>(&literal->value);
}

ExpressionPtr AnyOf(const std::vector<ExpressionPtr>& flags) {
  std::vector<ExpressionPtr> open;
  for (const ExpressionPtr& flag : flags) {
    const bool* constant = AsConstant(flag);
    if (constant == nullptr) open.push_back(flag);
    else if (*constant) return flag;
  }
  if (open.empty()) return Constant(false);
  return open.size() == 1 ? open[0] : MakeCall(Function::kOr, std::move(open), kBooleanType);
}

ExpressionPtr BothOf(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (const bool* constant = AsConstant(a)) return *constant ? b : a;
  if (const bool* constant = AsConstant(b)) return *constant ? a : b;
  return MakeCall(Function::kAnd, {a, b}, kBooleanType);
}

// The flag of the branch that is taken.
ExpressionPtr FlagOfChoice(std::vector<ExpressionPtr> conditions, const std::vector<ExpressionPtr>& flags) {
  const bool* first = AsConstant(flags[0]);
  const bool same = first != nullptr && std::all_of(flags.begin(), flags.end(), [&](const ExpressionPtr& flag) {
                      const bool* constant = AsConstant(flag);
                      return constant != nullptr && *constant == *first;
                    });
  if (same) return flags[0];
  CaseExpression chosen;
  for (std::size_t i = 0; i < conditions.size(); ++i) chosen.branches.push_back({std::move(conditions[i]), flags[i]});
  chosen.otherwise = flags.back();
  return std::make_shared<const Expression>(Expression{std::move(chosen), kBooleanType, {}});
}

std::optional<ColumnDigits::Scales> Together(std::optional<ColumnDigits::Scales> a, const std::optional<ColumnDigits::Scales>& b) {
  if (!a || !b) return std::nullopt;
  a->insert(b->begin(), b->end());
  return a;
}

// Without the branches that no row takes.
CaseExpression Reachable(const CaseExpression& chosen) {
  CaseExpression reachable{{}, chosen.otherwise};
  for (const CaseExpression::Branch& branch : chosen.branches) {
    const bool* constant = AsConstant(branch.condition);
    if (IsNullLiteral(branch.condition) || (constant != nullptr && !*constant)) continue;
    if (constant != nullptr) {
      reachable.otherwise = branch.result;
      break;
    }
    reachable.branches.push_back(branch);
  }
  return reachable;
}

std::vector<ExpressionPtr> ResultsOf(const CaseExpression& chosen) {
  std::vector<ExpressionPtr> results;
  for (const CaseExpression::Branch& branch : chosen.branches) results.push_back(branch.result);
  results.push_back(chosen.otherwise);
  return results;
}

bool IsNothing(const ExpressionPtr& expression) { return expression == nullptr || IsNullLiteral(expression); }

}  // namespace

ColumnDigits::ColumnDigits(const LogicalPtr& root, const std::vector<ColumnInfo>& columns) : columns_(columns) { Define(*root); }

void ColumnDigits::Define(const LogicalNode& node) {
  if (const auto* project = std::get_if<ProjectNode>(&node.node)) {
    for (const NamedExpression& item : project->columns) {
      const auto* passed = std::get_if<ColumnExpression>(&item.expression->node);
      if (passed == nullptr || passed->column != item.column) sources_[item.column] = {item.expression};
    }
  } else if (const auto* aggregate = std::get_if<AggregateNode>(&node.node)) {
    for (const NamedAggregate& named : aggregate->calls) {
      switch (named.call.function) {
        case AggregateFunction::kSum:
        case AggregateFunction::kMin:
        case AggregateFunction::kMax:
        case AggregateFunction::kPercentileDiscrete:
          sources_[named.column] = {named.call.argument};
          break;
        default:
          if (named.call.type.kind == TypeKind::kNumeric) open_.insert(named.column);
          break;
      }
    }
  } else if (const auto* window = std::get_if<WindowNode>(&node.node)) {
    for (const NamedWindowCall& named : window->calls) {
      switch (named.call.function) {
        case WindowFunction::kLag:
        case WindowFunction::kLead:
        case WindowFunction::kFirstValue:
        case WindowFunction::kLastValue:
        case WindowFunction::kSum:
        case WindowFunction::kMin:
        case WindowFunction::kMax:
          sources_[named.column] = {named.call.argument};
          if (named.call.fallback != nullptr) sources_[named.column].push_back(named.call.fallback);
          break;
        default:
          if (named.call.type.kind == TypeKind::kNumeric) open_.insert(named.column);
          break;
      }
    }
  } else if (const auto* operation = std::get_if<SetOperationNode>(&node.node)) {
    for (std::size_t i = 0; i < operation->columns.size(); ++i) {
      for (const std::vector<ColumnId>& columns : operation->input_columns)
        sources_[operation->columns[i]].push_back(MakeColumn(columns[i], columns_[columns[i]].type));
    }
  }
  if (const auto* values = std::get_if<ValuesNode>(&node.node)) {
    for (std::size_t i = 0; i < values->columns.size(); ++i) {
      for (const std::vector<Value>& row : values->rows)
        sources_[values->columns[i]].push_back(MakeLiteral(row[i], columns_[values->columns[i]].type));
    }
  }
  for (const LogicalPtr& child : ChildrenOf(node)) Define(*child);
}

std::optional<ColumnDigits::Scales> ColumnDigits::OfColumn(ColumnId column) const {
  if (open_.count(column) != 0) return std::nullopt;
  const DataType& type = columns_[column].type;
  const Scales declared{type.kind == TypeKind::kNumeric ? type.scale : std::uint8_t{0}};
  const auto sources = sources_.find(column);
  if (type.kind != TypeKind::kNumeric || sources == sources_.end()) return declared;
  const auto known = known_.find(column);
  if (known != known_.end()) return known->second;
  std::optional<Scales> all = Scales{};
  for (const ExpressionPtr& source : sources->second) all = Together(std::move(all), Of(source));
  return known_[column] = all;
}

std::optional<ColumnDigits::Scales> ColumnDigits::Of(const ExpressionPtr& expression) const {
  if (IsNothing(expression)) return Scales{};
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return OfColumn(column->column);
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::optional<Scales> all = Scales{};
    for (const ExpressionPtr& result : ResultsOf(Reachable(*chosen))) all = Together(std::move(all), Of(result));
    return all;
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (expression->type.kind == TypeKind::kNumeric && expression->type.precision == 0 && cast->operand->type.kind == TypeKind::kNumeric)
      return Of(cast->operand);
    return Scales{RingScale(expression, columns_)};
  }
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) return OfCall(expression, *call);
  return Scales{RingScale(expression, columns_)};
}

std::optional<ColumnDigits::Scales> ColumnDigits::OfCall(const ExpressionPtr& expression, const CallExpression& call) const {
  if (expression->type.kind != TypeKind::kNumeric) return Scales{0};
  switch (call.function) {
    case Function::kRound:
    case Function::kFloor:
    case Function::kCeil:
      return Scales{expression->type.scale};
    case Function::kCoalesce:
    case Function::kGreatest:
    case Function::kLeast: {
      std::optional<Scales> all = Scales{};
      for (const ExpressionPtr& argument : call.arguments) all = Together(std::move(all), Of(argument));
      return all;
    }
    case Function::kNegate:
    case Function::kAbs:
    case Function::kNullIf:
      return Of(call.arguments[0]);
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kModulo:
    case Function::kMultiply: {
      const std::optional<Scales> left = Of(call.arguments[0]), right = Of(call.arguments[1]);
      if (!left || !right) return std::nullopt;
      Scales all;
      for (const std::uint8_t a : *left) {
        for (const std::uint8_t b : *right)
          all.insert(call.function == Function::kMultiply ? static_cast<std::uint8_t>(a + b) : std::max(a, b));
      }
      return all;
    }
    default:
      break;
  }
  if (HasOpenScale(expression)) return std::nullopt;
  return Scales{RingScale(expression, columns_)};
}

bool ColumnDigits::Vary(const ExpressionPtr& expression) const {
  const std::optional<Scales> scales = Of(expression);
  return scales && scales->size() > 1;
}

bool ColumnDigits::Vary(ColumnId column) const {
  const std::optional<Scales> scales = OfColumn(column);
  return scales && scales->size() > 1;
}

ExpressionPtr ColumnDigits::AtLeast(const ExpressionPtr& expression, std::uint8_t scale, const FlagOfColumn& flag) const {
  if (++steps_ > kMostSteps) return Constant(true);
  const std::optional<Scales> scales = Of(expression);
  if (!scales || scales->empty() || *scales->rbegin() < scale) return Constant(false);
  if (*scales->begin() >= scale) return Constant(true);
  const auto of = [&](const ExpressionPtr& part) { return AtLeast(part, scale, flag); };
  if (const auto* column = std::get_if<ColumnExpression>(&expression->node)) return flag(column->column, *scales->lower_bound(scale));
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) return of(cast->operand);
  std::vector<ExpressionPtr> conditions, flags;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    const CaseExpression reachable = Reachable(*chosen);
    for (const CaseExpression::Branch& branch : reachable.branches) conditions.push_back(branch.condition);
    for (const ExpressionPtr& result : ResultsOf(reachable)) flags.push_back(IsNothing(result) ? Constant(false) : of(result));
    return FlagOfChoice(std::move(conditions), flags);
  }
  const auto& call = std::get<CallExpression>(expression->node);
  switch (call.function) {
    case Function::kCoalesce:
      for (std::size_t i = 0; i + 1 < call.arguments.size(); ++i) conditions.push_back(NotNull(call.arguments[i]));
      for (const ExpressionPtr& argument : call.arguments) flags.push_back(of(argument));
      return FlagOfChoice(std::move(conditions), flags);
    case Function::kGreatest:
    case Function::kLeast:
      return ExtremeAtLeast(expression, call, scale, flag);
    case Function::kMultiply:
      return ProductAtLeast(call, scale, flag);
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kModulo:
      return AnyOf({of(call.arguments[0]), of(call.arguments[1])});
    default:
      return of(call.arguments[0]);
  }
}

ExpressionPtr ColumnDigits::ProductAtLeast(const CallExpression& call, std::uint8_t scale, const FlagOfColumn& flag) const {
  std::vector<ExpressionPtr> ways;
  const std::optional<Scales> lefts = Of(call.arguments[0]);
  for (const std::uint8_t left : *lefts) {
    const std::uint8_t right = scale > left ? scale - left : 0;
    ways.push_back(BothOf(AtLeast(call.arguments[0], left, flag), AtLeast(call.arguments[1], right, flag)));
  }
  return AnyOf(ways);
}

// The first of equal values is the one that PostgreSQL takes.
ExpressionPtr ColumnDigits::ExtremeAtLeast(const ExpressionPtr& expression, const CallExpression& call, std::uint8_t scale,
                                           const FlagOfColumn& flag) const {
  std::vector<ExpressionPtr> before;
  ExpressionPtr has;
  for (const ExpressionPtr& argument : call.arguments) {
    if (IsNothing(argument)) continue;
    const ExpressionPtr next = AtLeast(argument, scale, flag);
    if (before.empty()) {
      has = next;
    } else {
      const ExpressionPtr best = before.size() == 1 ? before[0] : MakeCall(call.function, before, expression->type);
      const Function better = call.function == Function::kGreatest ? Function::kGreater : Function::kLess;
      // Where both are NULL so is the value, and nobody asks for its digits.
      const ExpressionPtr takes = MakeCall(Function::kOr, {MakeCall(Function::kIsNull, {best}, kBooleanType),
                                                           MakeCall(better, {argument, best}, kBooleanType)}, kBooleanType);
      has = FlagOfChoice({takes}, {next, has});
    }
    before.push_back(argument);
  }
  return has;
}

}  // namespace care::planner
