// Columns of double precision and real. Queries see them as what they are declared; below, they are computed as NUMERICs of
// the declared decimals: a name is bound as a cast of the stored column (Reference), and what is compared, added up, grouped by
// or passed on is the exact number under the cast (ExactOf), wherever there is one. What has none stays floating point, which
// is computed at one owner or above the release.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/column_facts.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

constexpr std::int64_t kExactDigits =
    1'000'000'000'000'000;  // 15 digits: told apart, and in their order, as doubles
constexpr int kMostScale = 18;

ExpressionPtr MakeCast(ExpressionPtr operand, const DataType& type, sql::SourcePosition position) {
  return std::make_shared<const Expression>(Expression{CastExpression{std::move(operand)}, type, position});
}

int ScaleOf(const ExpressionPtr& expression) {
  return expression->type.kind == TypeKind::kNumeric ? expression->type.scale : 0;
}

std::optional<Decimal> ConstantIn(const ExpressionPtr& expression) {
  const auto* literal = std::get_if<LiteralExpression>(&expression->node);
  if (literal == nullptr) return std::nullopt;
  if (const auto* integer = std::get_if<std::int64_t>(&literal->value)) return Decimal{*integer, 0};
  const auto* decimal = std::get_if<Decimal>(&literal->value);
  return decimal == nullptr ? std::nullopt : std::optional(*decimal);
}

// 1 / divisor where that has few digits: x / 100 is x * 0.01.
std::optional<Decimal> Reciprocal(Decimal divisor) {
  constexpr int kMostDigits = 9;
  if (divisor.unscaled == 0) return std::nullopt;
  Int128 dividend = 1;
  for (int i = 0; i < divisor.scale; ++i) dividend *= 10;
  for (int digits = 0; digits <= kMostDigits && dividend < Int128{1} << 100; ++digits, dividend *= 10) {
    if (dividend % divisor.unscaled == 0) return Decimal{dividend / divisor.unscaled, digits};
  }
  return std::nullopt;
}

// Whether a number is the same as a real and as a double: halves, quarters and whole numbers of up to 24 bits.
bool IsWholeInBinary(Decimal value) {
  for (int i = 0; i < value.scale; ++i) {
    if (value.unscaled % 5 != 0) return false;
    value.unscaled /= 5;
  }
  return value.unscaled <= Int128{1} << 24 && value.unscaled >= -(Int128{1} << 24);
}

// Fields of dates are whole: DATE_PART shows them in double precision.
bool ReadsCalendar(const ExpressionPtr& expression) {
  if (const auto* call = std::get_if<CallExpression>(&expression->node)) {
    switch (call->function) {
      case Function::kExtractYear:
      case Function::kExtractMonth:
      case Function::kExtractDay:
      case Function::kExtractQuarter:
      case Function::kExtractDow:
      case Function::kExtractHour:
      case Function::kExtractMinute:
        return true;
      default:
        break;
    }
  }
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::any_of(children.begin(), children.end(), ReadsCalendar);
}

const CastExpression* WideningOf(const ExpressionPtr& expression) {
  const auto* cast = std::get_if<CastExpression>(&expression->node);
  return cast != nullptr && expression->type.kind == TypeKind::kDouble &&
                 cast->operand->type.kind == TypeKind::kReal
             ? cast
             : nullptr;
}

// Chooses among numbers and computes none: the same whether they are cast before or after.
bool OnlyChooses(const ExpressionPtr& expression) {
  if (std::holds_alternative<CastExpression>(expression->node) || std::holds_alternative<LiteralExpression>(expression->node)) return true;
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    return OnlyChooses(chosen->otherwise) && std::all_of(chosen->branches.begin(), chosen->branches.end(),
                                                         [](const auto& branch) { return OnlyChooses(branch.result); });
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  const bool chooses = call != nullptr && (call->function == Function::kCoalesce || call->function == Function::kGreatest ||
                                           call->function == Function::kLeast);
  return chooses && std::all_of(call->arguments.begin(), call->arguments.end(), OnlyChooses);
}

bool HasWidening(const ExpressionPtr& expression) {
  if (WideningOf(expression) != nullptr) return true;
  const std::vector<ExpressionPtr> children = ChildrenOf(expression);
  return std::any_of(children.begin(), children.end(), HasWidening);
}

}  // namespace

// The same number with as many digits: NULL and constants as such, else by adding 0.00.
std::optional<ExpressionPtr> QueryBinder::AtScale(const ExpressionPtr& expression, int scale) {
  if (expression->type.kind == TypeKind::kNumeric && ScaleOf(expression) == scale) return expression;
  const DataType type{TypeKind::kNumeric, 0, static_cast<std::uint8_t>(scale)};
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    if (IsNull(literal->value)) return MakeLiteral(Null{}, type, expression->position);
    const auto* integer = std::get_if<std::int64_t>(&literal->value);
    const absl::StatusOr<Decimal> scaled =
        RescaleDecimal(integer != nullptr ? Decimal{*integer, 0} : std::get<Decimal>(literal->value), scale);
    if (!scaled.ok()) return std::nullopt;
    return MakeLiteral(*scaled, type, expression->position);
  }
  return MakeCall(Function::kAdd, {expression, MakeLiteral(Decimal{0, scale}, type, expression->position)},
                  type, expression->position);
}

std::optional<std::vector<ExpressionPtr>> QueryBinder::AtOneScale(const std::vector<ExpressionPtr>& values) {
  int scale = 0;
  for (const ExpressionPtr& value : values) scale = std::max(scale, ScaleOf(value));
  std::vector<ExpressionPtr> aligned;
  for (const ExpressionPtr& value : values) {
    const std::optional<ExpressionPtr> same = AtScale(value, scale);
    if (!same) return std::nullopt;
    aligned.push_back(*same);
  }
  return aligned;
}

ExpressionPtr QueryBinder::Reference(const NamedColumn& column, sql::SourcePosition position) const {
  const ExpressionPtr stored = MakeColumn(column.column, plan_.columns[column.column].type, position);
  return column.shown_as.IsFloat() ? MakeCast(stored, column.shown_as, position) : stored;
}

void QueryBinder::ShowFloats(BoundRows& rows) {
  const bool any = std::any_of(rows.columns.begin(), rows.columns.end(),
                               [](const NamedColumn& column) { return column.shown_as.IsFloat(); });
  if (!any) return;
  ProjectNode project{plan_.root, {}};
  std::vector<std::pair<ColumnId, DataType>> done;
  std::vector<ColumnId> shown;
  for (NamedColumn& column : rows.columns) {
    const std::pair<ColumnId, DataType> wanted(column.column, column.shown_as);
    const auto earlier = std::find(done.begin(), done.end(), wanted);
    const ExpressionPtr value = Reference(column, {});
    column.shown_as = {};
    if (earlier != done.end()) {
      column.column = shown[static_cast<std::size_t>(earlier - done.begin())];
      continue;
    }
    if (value->type.IsFloat()) column.column = AddComputed(value, column.name);
    project.columns.push_back({column.column, value});
    done.push_back(wanted);
    shown.push_back(column.column);
  }
  plan_.root = MakeNode(std::move(project));
}

bool QueryBinder::IsFixedPoint(const ExpressionPtr& exact) const {
  if (const auto* subquery = std::get_if<SubqueryExpression>(&exact->node))
    return fixed_points_.count(subquery->column) != 0;
  if (ReadsCalendar(exact)) return true;
  std::set<ColumnId> columns;
  CollectColumns(exact, columns);
  return std::any_of(columns.begin(), columns.end(),
                     [&](ColumnId column) { return fixed_points_.count(column) != 0; });
}

bool QueryBinder::KeepsDigits(const ExpressionPtr& exact) const {
  if (IsFixedPoint(exact)) return true;
  if (OpenScale(exact)) return false;
  const std::optional<IntegerRange> range = FactsOf(exact, plan_.columns).range;
  return range && range->low > -kExactDigits && range->high < kExactDigits;
}

std::optional<ExpressionPtr> QueryBinder::ExactOf(const ExpressionPtr& expression) const {
  if (expression->type.IsExactNumber()) return expression;
  if (!expression->type.IsFloat()) return std::nullopt;
  if (const auto* literal = std::get_if<LiteralExpression>(&expression->node)) {
    if (!IsNull(literal->value)) return std::nullopt;
    return MakeLiteral(Null{}, DataType{TypeKind::kNumeric}, expression->position);
  }
  if (const auto* cast = std::get_if<CastExpression>(&expression->node)) {
    if (cast->operand->type.IsFloat()) {
      return expression->type.kind == TypeKind::kDouble ? ExactOf(cast->operand) : std::nullopt;
    }
    if (!cast->operand->type.IsExactNumber() || !KeepsDigits(cast->operand)) return std::nullopt;
    return cast->operand;
  }
  if (const auto* chosen = std::get_if<CaseExpression>(&expression->node)) {
    std::vector<ExpressionPtr> results;
    for (const CaseExpression::Branch& branch : chosen->branches) results.push_back(branch.result);
    results.push_back(chosen->otherwise);
    const std::optional<std::vector<ExpressionPtr>> exact = AllExact(results);
    const std::optional<std::vector<ExpressionPtr>> aligned = exact ? AtOneScale(*exact) : std::nullopt;
    if (!aligned) return std::nullopt;
    CaseExpression of{chosen->branches, aligned->back()};
    for (std::size_t i = 0; i < of.branches.size(); ++i) of.branches[i].result = (*aligned)[i];
    return std::make_shared<const Expression>(
        Expression{std::move(of), aligned->back()->type, expression->position});
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  return call == nullptr ? std::nullopt : ExactCall(*call, expression->position);
}

std::optional<std::vector<ExpressionPtr>> QueryBinder::AllExact(
    const std::vector<ExpressionPtr>& expressions) const {
  std::vector<ExpressionPtr> exact;
  for (const ExpressionPtr& expression : expressions) {
    const std::optional<ExpressionPtr> one = ExactOf(expression);
    if (!one) return std::nullopt;
    exact.push_back(*one);
  }
  return exact;
}

std::optional<ExpressionPtr> QueryBinder::ExactCall(const CallExpression& call,
                                                    sql::SourcePosition position) const {
  std::optional<std::vector<ExpressionPtr>> arguments = AllExact(call.arguments);
  if (!arguments) return std::nullopt;
  switch (call.function) {
    case Function::kDivide: {
      const std::optional<Decimal> divisor = ConstantIn((*arguments)[1]);
      const std::optional<Decimal> reciprocal = divisor ? Reciprocal(*divisor) : std::nullopt;
      if (!reciprocal) return std::nullopt;
      const DataType type{TypeKind::kNumeric, 0, static_cast<std::uint8_t>(reciprocal->scale)};
      return ExactProduct((*arguments)[0], MakeLiteral(*reciprocal, type, position), position);
    }
    case Function::kMultiply:
      return ExactProduct((*arguments)[0], (*arguments)[1], position);
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kCoalesce:
    case Function::kGreatest:
    case Function::kLeast: {
      arguments = AtOneScale(*arguments);
      if (!arguments) return std::nullopt;
      const DataType type{TypeKind::kNumeric, 0, (*arguments)[0]->type.scale};
      return MakeCall(call.function, *std::move(arguments), type, position);
    }
    case Function::kNullIf:
    case Function::kNegate:
    case Function::kAbs: {
      DataType type = (*arguments)[0]->type;
      if (type.IsInteger() && call.function != Function::kNullIf) return std::nullopt;
      type.precision = 0;
      return MakeCall(call.function, *std::move(arguments), type, position);
    }
    case Function::kFloor:
    case Function::kCeil:
      if ((*arguments)[0]->type.IsInteger()) return (*arguments)[0];
      return MakeCall(call.function, *std::move(arguments), kNumericType, position);
    default:
      return std::nullopt;
  }
}

std::optional<ExpressionPtr> QueryBinder::ExactProduct(const ExpressionPtr& left, const ExpressionPtr& right,
                                                       sql::SourcePosition position) const {
  const int scale = ScaleOf(left) + ScaleOf(right);
  if (scale > kMostScale) return std::nullopt;
  const std::optional<ExpressionPtr> sides[] = {AtScale(left, ScaleOf(left)), AtScale(right, ScaleOf(right))};
  if (!sides[0] || !sides[1]) return std::nullopt;
  return MakeCall(Function::kMultiply, {*sides[0], *sides[1]},
                  {TypeKind::kNumeric, 0, static_cast<std::uint8_t>(scale)}, position);
}

std::optional<std::pair<ExpressionPtr, ExpressionPtr>> QueryBinder::ExactSides(
    const ExpressionPtr& left, const ExpressionPtr& right) const {
  const std::optional<ExpressionPtr> a = ExactOf(left), b = ExactOf(right);
  if (!a || !b) return std::nullopt;
  // Arithmetic of what is no fixed point is PostgreSQL's, rounding included.
  const bool casts = WithoutCast(left) != nullptr && WithoutCast(right) != nullptr;
  if (!casts && !IsFixedPoint(*a) && !IsFixedPoint(*b)) return std::nullopt;
  // Constants are numerics, as they are beside any other numeric.
  const auto as_numeric = [](const ExpressionPtr& side) {
    return ConstantIn(side) ? AtScale(side, ScaleOf(side)).value_or(side) : side;
  };
  // 0.1 as a real is not 0.1 as a double: what PostgreSQL compares then is not what was written.
  for (const auto& [side, constant] : {std::pair(left, *b), std::pair(right, *a)}) {
    if (!HasWidening(side)) continue;
    const std::optional<Decimal> value = ConstantIn(constant);
    if (WideningOf(side) == nullptr || !value || !IsWholeInBinary(*value)) return std::nullopt;
  }
  return std::pair(as_numeric(*a), as_numeric(*b));
}

ExpressionPtr QueryBinder::WithoutCast(const ExpressionPtr& expression) const {
  const auto* cast = std::get_if<CastExpression>(&expression->node);
  if (cast == nullptr || !expression->type.IsFloat() || !cast->operand->type.IsExactNumber()) return nullptr;
  return KeepsDigits(cast->operand) ? cast->operand : nullptr;
}

ExpressionPtr QueryBinder::FixedPointOf(const ExpressionPtr& expression) const {
  if (!expression->type.IsFloat()) return nullptr;
  if (const ExpressionPtr exact = WithoutCast(expression)) return exact;
  const std::optional<ExpressionPtr> exact = ExactOf(expression);
  return exact && IsFixedPoint(*exact) ? *exact : nullptr;
}

ExpressionPtr QueryBinder::ExactChoiceOf(const ExpressionPtr& expression) const {
  return OnlyChooses(expression) ? FixedPointOf(expression) : nullptr;
}

absl::Status QueryBinder::MakeExact(AggregateCall& call, std::string_view name) {
  for (ExpressionPtr* argument : {&call.argument, &call.second}) {
    if (*argument == nullptr || !(*argument)->type.IsFloat()) continue;
    if (std::optional<ExpressionPtr> exact = ExactOf(*argument)) {
      *argument = *std::move(exact);
      continue;
    }
    const bool counts = call.function == AggregateFunction::kCount && !call.distinct;
    if (!counts) {
      std::string upper(name);
      absl::AsciiStrToUpper(&upper);
      return NotYet(
          call.position, absl::StrCat(upper, " of double precision"),
          "columns, their sums, products and choices can be; divide after aggregating");
    }
    *argument = When(NotNull(*argument), MakeLiteral(true, kBooleanType, (*argument)->position), nullptr);
  }
  return absl::OkStatus();
}

DataType QueryBinder::FloatResult(AggregateFunction function, const DataType& argument) {
  switch (function) {
    case AggregateFunction::kSum:
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kPercentileDiscrete:
      return argument;
    case AggregateFunction::kAverage:
    case AggregateFunction::kVariancePopulation:
    case AggregateFunction::kVarianceSample:
    case AggregateFunction::kDeviationPopulation:
    case AggregateFunction::kDeviationSample:
      return kDoubleType;
    default:
      return {};  // counts, and what is of double precision anyway
  }
}

}  // namespace care::planner
