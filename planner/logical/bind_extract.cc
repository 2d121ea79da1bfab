// EXTRACT: the fields of dates and timestamps, with the scales of PostgreSQL's numeric results.
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

constexpr DataType kSeconds{TypeKind::kNumeric, 0, 6};

ExpressionPtr EpochOf(ExpressionPtr timestamp, sql::SourcePosition position) {
  return MakeCall(Function::kExtractEpoch, {std::move(timestamp)}, kSeconds, position);
}

}  // namespace

QueryBinder::Result QueryBinder::BindExtract(const std::string& field, const sql::Expression& written, sql::SourcePosition position,
                                             ExpressionContext& context) {
  if (const auto* call = std::get_if<sql::FunctionCall>(&written.node); call != nullptr && call->name == "age") {
    return BindExtractOfAge(field, *call, written.position, context);
  }
  const auto* difference = std::get_if<sql::Binary>(&written.node);
  if (difference == nullptr || difference->op != sql::BinaryOperator::kSubtract) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr source, BindExpression(written, context));
    return ExtractField(field, std::move(source), position);
  }
  // The interval between two timestamps is a value only here.
  CARE_ASSIGN_OR_RETURN(ExpressionPtr left, BindExpression(*difference->left, context));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr right, BindExpression(*difference->right, context));
  left = AsTimestamp(left);
  right = AsTimestamp(right);
  if (left->type.IsTimestamp() && right->type.kind == TypeKind::kUnknown) {
    CARE_ASSIGN_OR_RETURN(right, CoerceTo(right, left->type));
  }
  if (right->type.IsTimestamp() && left->type.kind == TypeKind::kUnknown) {
    CARE_ASSIGN_OR_RETURN(left, CoerceTo(left, right->type));
  }
  const std::optional<DataType> common = CommonType(left->type, right->type);
  if (common && common->IsTimestamp()) {
    CARE_ASSIGN_OR_RETURN(left, CoerceTo(left, *common));
    CARE_ASSIGN_OR_RETURN(right, CoerceTo(right, *common));
    return ExtractOfDifference(field, std::move(left), std::move(right), position);
  }
  CARE_ASSIGN_OR_RETURN(ExpressionPtr source, Arithmetic(Function::kSubtract, std::move(left), std::move(right), written.position));
  return ExtractField(field, std::move(source), position);
}

QueryBinder::Result QueryBinder::BindExtractOfAge(const std::string& field, const sql::FunctionCall& call, sql::SourcePosition position,
                                                  ExpressionContext& context) {
  // AGE(x) is that of today.
  Arguments arguments;
  if (call.arguments.size() == 1) arguments.push_back(MakeLiteral(Date{context_.current_date_days}, kDateType, position));
  for (const sql::ExpressionPtr& argument : call.arguments) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr bound, BindExpression(*argument, context));
    arguments.push_back(AsTimestamp(bound));
  }
  if (arguments.size() != 2) return NoSuchFunction(call, arguments, position);
  for (std::size_t i = 0; i < 2; ++i) {
    if (arguments[i]->type.kind == TypeKind::kUnknown) {
      CARE_ASSIGN_OR_RETURN(arguments[i], CoerceTo(arguments[i], kTimestampTzType));
    }
  }
  const std::optional<DataType> common = CommonType(arguments[0]->type, arguments[1]->type);
  if (!common || (common->kind != TypeKind::kDate && !common->IsTimestamp())) return NoSuchFunction(call, arguments, position);
  for (ExpressionPtr& argument : arguments) {
    CARE_ASSIGN_OR_RETURN(argument, CoerceTo(argument, *common));
  }
  return ExtractOfAge(field, arguments[0], arguments[1], position);
}

QueryBinder::Result QueryBinder::ExtractField(const std::string& field, ExpressionPtr source, sql::SourcePosition position) {
  static constexpr std::pair<std::string_view, Function> kOfDay[] = {{"year", Function::kExtractYear},
                                                                     {"month", Function::kExtractMonth},
                                                                     {"day", Function::kExtractDay},
                                                                     {"quarter", Function::kExtractQuarter},
                                                                     {"dow", Function::kExtractDow}};
  static constexpr std::pair<std::string_view, Function> kOfTime[] = {{"hour", Function::kExtractHour},
                                                                      {"minute", Function::kExtractMinute}};
  if (source->type.kind != TypeKind::kDate && !source->type.IsTimestamp()) {
    return Error(source->position, absl::StrCat("EXTRACT takes a date or a timestamp, not ", source->type.ToString()));
  }
  const bool of_time = field == "second" || field == "hour" || field == "minute";
  if (of_time || field == "epoch") source = AsTimestamp(source);
  const bool timestamp = source->type.IsTimestamp();
  if (of_time && !timestamp) return Error(position, absl::StrCat("unit \"", field, "\" not supported for type date"));
  if (field == "second") return MakeCall(Function::kExtractSecond, {std::move(source)}, kSeconds, position);
  if (field == "epoch" && timestamp) return EpochOf(std::move(source), position);
  for (const auto& [name, function] : kOfTime) {
    if (name == field) return MakeCall(function, {std::move(source)}, kNumericType, position);
  }
  if (timestamp) source = CastOf(std::move(source), kDateType);
  for (const auto& [name, function] : kOfDay) {
    if (name == field) return MakeCall(function, {std::move(source)}, kNumericType, position);
  }
  CARE_ASSIGN_OR_RETURN(ExpressionPtr rewritten, RewrittenField(field, source, position));
  if (rewritten != nullptr) return rewritten;
  return NotYet(position, absl::StrCat("EXTRACT(", field, " ...)"),
                timestamp ? "year, quarter, month, week, day, dow, isodow, doy, isoyear, decade, century, epoch, hour, minute and second are"
                          : "year, quarter, month, week, day, dow, isodow, doy, isoyear, decade, century and epoch are");
}

QueryBinder::Result QueryBinder::ExtractOfDifference(const std::string& field, ExpressionPtr left, ExpressionPtr right,
                                                     sql::SourcePosition position) {
  const ExpressionPtr seconds = MakeCall(
      Function::kSubtract, {EpochOf(std::move(left), position), EpochOf(std::move(right), position)}, kSeconds, position);
  if (field == "epoch") return seconds;
  if (field == "second") return Arithmetic(Function::kModulo, seconds, WholeNumber(60, position), position);
  // The interval is of days and a time of less than a day, both of its sign: units are counted towards zero.
  struct Unit {
    std::string_view name;
    std::int64_t seconds;
    std::int64_t of_next;
  };
  static constexpr Unit kUnits[] = {{"day", 86'400, 0}, {"hour", 3'600, 24}, {"minute", 60, 60}};
  for (const Unit& unit : kUnits) {
    if (unit.name != field) continue;
    CARE_ASSIGN_OR_RETURN(ExpressionPtr units, WholeQuotient(seconds, WholeNumber(unit.seconds, position), position));
    if (unit.of_next == 0) return units;
    return Arithmetic(Function::kModulo, std::move(units), WholeNumber(unit.of_next, position), position);
  }
  return NotYet(position, absl::StrCat("EXTRACT(", field, " ...) of the interval between two timestamps"),
                "epoch, day, hour, minute and second are");
}

}  // namespace care::planner
