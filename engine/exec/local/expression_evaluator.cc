#include "engine/exec/local/expression_evaluator.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/connector.h"
#include "engine/exec/local/column_kernels.h"
#include "engine/exec/local/pattern.h"
#include "engine/exec/local/scalar.h"
#include "engine/exec/local/stored_value.h"
#include "engine/types/check.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::CallExpression;
using planner::CaseExpression;
using planner::ExpressionPtr;
using planner::Function;

template <class... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

// One operand: a column of the input (not copied), a column just computed, or one value for all rows.
class Operand {
 public:
  static Operand Borrowed(const Column& column) { return Operand(&column, false); }
  static Operand Computed(Column column) { return Operand(std::move(column), false); }
  static Operand Constant(Column column) { return Operand(std::move(column), true); }

  ColumnView View() const { return ColumnView(borrowed_ != nullptr ? *borrowed_ : owned_, constant_); }

  Column Take(std::size_t rows) && {
    if (borrowed_ != nullptr) {
      Column copy = *borrowed_;
      copy.name.clear();
      return copy;
    }
    if (!constant_) return std::move(owned_);
    return RepeatedColumn(owned_, rows);
  }

 private:
  Operand(const Column* borrowed, bool constant) : borrowed_(borrowed), constant_(constant) {}
  Operand(Column owned, bool constant) : owned_(std::move(owned)), constant_(constant) {}

  const Column* borrowed_ = nullptr;
  Column owned_;
  bool constant_;
};

class Evaluator {
 public:
  explicit Evaluator(const ColumnBatch& input) : input_(input) {}

  absl::StatusOr<Operand> Evaluate(const ExpressionPtr& expression) {
    // A column form looks at every row of every operand; a CASE may guard rows that would fail. So where a
    // column form fails or has none, the row form decides.
    absl::StatusOr<std::optional<Operand>> fast = Fast(expression);
    if (fast.ok() && fast->has_value()) return **std::move(fast);
    CARE_ASSIGN_OR_RETURN(Column column, RowWise(expression));
    return Operand::Computed(std::move(column));
  }

 private:
  using FastResult = absl::StatusOr<std::optional<Operand>>;

  FastResult Fast(const ExpressionPtr& expression) {
    return std::visit(Overloaded{
                          [&](const planner::LiteralExpression& literal) -> FastResult {
                            Column one;
                            one.type = expression->type;
                            CARE_RETURN_IF_ERROR(AppendStored(literal.value, one));
                            return Operand::Constant(std::move(one));
                          },
                          [&](const planner::ColumnExpression& column) -> FastResult {
                            const int position = input_.FindColumn(connectors::ColumnName(column.column));
                            CARE_CHECK(position >= 0);
                            return Operand::Borrowed(input_.columns[static_cast<std::size_t>(position)]);
                          },
                          [&](const CallExpression& call) { return FastCall(call, expression->type); },
                          [&](const CaseExpression& cases) { return FastCase(cases, expression->type); },
                          [&](const planner::CastExpression& cast) -> FastResult {
                            if (cast.operand->type.IsFloat() || expression->type.IsFloat()) {
                              return std::nullopt;
                            }
                            CARE_ASSIGN_OR_RETURN(const Operand operand, Evaluate(cast.operand));
                            CARE_ASSIGN_OR_RETURN(std::optional<Column> result,
                                                  CastNumbers(operand.View(), expression->type, input_.rows));
                            if (!result) return std::nullopt;
                            return Operand::Computed(*std::move(result));
                          },
                          [&](const planner::SubqueryExpression&) -> FastResult {
                            return absl::InternalError("a subquery is left in a plan");
                          },
                          [&](const planner::InListExpression& list) -> FastResult {
                            if (list.operand->type.IsFloat()) return std::nullopt;
                            CARE_ASSIGN_OR_RETURN(const Operand operand, Evaluate(list.operand));
                            Column values;
                            values.type = list.operand->type;
                            for (const Value& value : list.values) CARE_RETURN_IF_ERROR(AppendStored(value, values));
                            return Operand::Computed(InList(operand.View(), values, input_.rows));
                          },
                      },
                      expression->node);
  }

  // Kernels compute with stored integers, which doubles are not.
  static bool HasDouble(const CallExpression& call, const DataType& type) {
    return type.IsFloat() ||
           std::any_of(call.arguments.begin(), call.arguments.end(), [](const ExpressionPtr& argument) {
             return argument->type.IsFloat();
           });
  }

  FastResult FastCall(const CallExpression& call, const DataType& type) {
    if (HasDouble(call, type)) return std::nullopt;
    switch (call.function) {
      case Function::kAnd:
      case Function::kOr:
      case Function::kNot:
      case Function::kEqual:
      case Function::kNotEqual:
      case Function::kLess:
      case Function::kLessOrEqual:
      case Function::kGreater:
      case Function::kGreaterOrEqual:
      case Function::kIsNull:
      case Function::kIsNotNull:
      case Function::kIsTrue:
      case Function::kIsFalse:
      case Function::kIsUnknown:
      case Function::kAdd:
      case Function::kSubtract:
      case Function::kMultiply:
      case Function::kNegate:
      case Function::kDateAddDays:
      case Function::kDateAddInterval:
      case Function::kDateDifference:
      case Function::kExtractYear:
      case Function::kExtractMonth:
      case Function::kExtractDay:
      case Function::kCoalesce:
      case Function::kSimilar:
      case Function::kRegex:
      case Function::kRegexIgnoringCase:
        break;
      default:
        return std::nullopt;
    }
    if (call.function == Function::kSimilar || call.function == Function::kRegex ||
        call.function == Function::kRegexIgnoringCase) {
      return FastPattern(call);
    }
    if (call.function == Function::kDateAddInterval) return FastAddInterval(call, type);
    std::vector<Operand> operands;
    for (const ExpressionPtr& argument : call.arguments) {
      CARE_ASSIGN_OR_RETURN(Operand operand, Evaluate(argument));
      operands.push_back(std::move(operand));
    }
    std::vector<ColumnView> views;
    for (const Operand& operand : operands) views.push_back(operand.View());
    CARE_ASSIGN_OR_RETURN(std::optional<Column> result, RunKernel(call.function, views, type, input_.rows));
    if (!result) return std::nullopt;
    return Operand::Computed(*std::move(result));
  }

  // A literal pattern is compiled once.
  FastResult FastPattern(const CallExpression& call) {
    const auto* literal = std::get_if<planner::LiteralExpression>(&call.arguments[1]->node);
    const auto* pattern_text = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
    if (pattern_text == nullptr || call.arguments.size() != 2) return std::nullopt;
    CARE_ASSIGN_OR_RETURN(const Pattern pattern, Pattern::Compile(call.function, *pattern_text));
    CARE_ASSIGN_OR_RETURN(const Operand operand, Evaluate(call.arguments[0]));
    const ColumnView texts = operand.View();
    if (!texts.is_text()) return std::nullopt;
    Column result;
    result.type = kBooleanType;
    result.integers.reserve(input_.rows);
    if (texts.may_be_null()) result.nulls.reserve(input_.rows);
    for (std::size_t row = 0; row < input_.rows; ++row) {
      const bool null = texts.IsNull(row);
      result.integers.push_back(!null && pattern.Matches(texts.Text(row)) ? 1 : 0);
      if (texts.may_be_null()) result.nulls.push_back(null ? 1 : 0);
    }
    return Operand::Computed(std::move(result));
  }

  FastResult FastAddInterval(const CallExpression& call, const DataType& type) {
    const auto* literal = std::get_if<planner::LiteralExpression>(&call.arguments[1]->node);
    const Interval* interval = literal == nullptr ? nullptr : std::get_if<Interval>(&literal->value);
    if (interval == nullptr) return std::nullopt;
    CARE_ASSIGN_OR_RETURN(const Operand date, Evaluate(call.arguments[0]));
    CARE_ASSIGN_OR_RETURN(Column result, AddInterval(date.View(), *interval, type, input_.rows));
    return Operand::Computed(std::move(result));
  }

  FastResult FastCase(const CaseExpression& cases, const DataType& type) {
    std::vector<std::vector<std::uint8_t>> conditions;
    std::vector<Operand> results;
    for (const CaseExpression::Branch& branch : cases.branches) {
      CARE_ASSIGN_OR_RETURN(const Operand condition, Evaluate(branch.condition));
      conditions.push_back(TrueRows(condition.View(), input_.rows));
      CARE_ASSIGN_OR_RETURN(Operand result, Evaluate(branch.result));
      results.push_back(std::move(result));
    }
    CARE_ASSIGN_OR_RETURN(Operand otherwise, Evaluate(cases.otherwise));
    results.push_back(std::move(otherwise));
    std::vector<ColumnView> views;
    for (const Operand& result : results) views.push_back(result.View());
    std::optional<Column> chosen = ChooseByCase(conditions, views, type, input_.rows);
    if (!chosen) return std::nullopt;
    return Operand::Computed(*std::move(chosen));
  }

  absl::StatusOr<Column> RowWise(const ExpressionPtr& expression) {
    std::set<planner::ColumnId> used;
    planner::CollectColumns(expression, used);
    std::map<planner::ColumnId, const Column*> columns;
    for (planner::ColumnId id : used) {
      const int position = input_.FindColumn(connectors::ColumnName(id));
      CARE_CHECK(position >= 0);
      columns[id] = &input_.columns[static_cast<std::size_t>(position)];
    }
    Column result;
    result.type = expression->type;
    std::size_t row = 0;
    const ColumnLookup lookup = [&](planner::ColumnId id) -> absl::StatusOr<Value> { return columns.at(id)->At(row); };
    for (; row < input_.rows; ++row) {
      CARE_ASSIGN_OR_RETURN(const Value value, EvaluateScalar(expression, lookup));
      CARE_RETURN_IF_ERROR(AppendStored(value, result));
    }
    return result;
  }

  const ColumnBatch& input_;
};

}  // namespace

absl::StatusOr<Column> EvaluateExpression(const ExpressionPtr& expression, const ColumnBatch& input) {
  CARE_ASSIGN_OR_RETURN(Operand operand, Evaluator(input).Evaluate(expression));
  return std::move(operand).Take(input.rows);
}

absl::StatusOr<std::vector<std::uint8_t>> EvaluatePredicate(const ExpressionPtr& predicate,
                                                            const ColumnBatch& input) {
  CARE_ASSIGN_OR_RETURN(const Operand operand, Evaluator(input).Evaluate(predicate));
  return TrueRows(operand.View(), input.rows);
}

}  // namespace care::engine
