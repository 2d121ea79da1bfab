// Functions of numbers and dates that are expressions of others.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/fold_expression.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
// The quotient of what is left when the rest is gone is whole.
QueryBinder::Result QueryBinder::WholeQuotient(const ExpressionPtr& x, const ExpressionPtr& by, sql::SourcePosition position) {
  CARE_ASSIGN_OR_RETURN(ExpressionPtr rest, Arithmetic(Function::kModulo, x, by, position));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr multiple, Arithmetic(Function::kSubtract, x, std::move(rest), position));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr quotient, Arithmetic(Function::kDivide, std::move(multiple), by, position));
  return MakeCall(Function::kRound, {std::move(quotient), MakeLiteral(std::int64_t{0}, kIntegerType, position)}, kNumericType, position);
}

QueryBinder::Result QueryBinder::RewrittenNumberFunction(const sql::FunctionCall& call, Arguments arguments,
                                                         sql::SourcePosition position) {
  const std::string& name = call.name;
  const std::size_t most = name == "sign" ? 1 : 2;
  const std::size_t least = name == "mod" || name == "div" ? 2 : 1;
  if (arguments.size() < least || arguments.size() > most) return NoSuchFunction(call, arguments, position);
  if (name == "mod") {
    for (const ExpressionPtr& argument : arguments) {
      if (!argument->type.IsExactNumber() && argument->type.kind != TypeKind::kUnknown) return NoSuchFunction(call, arguments, position);
    }
    return Arithmetic(Function::kModulo, arguments[0], arguments[1], position);
  }
  for (std::size_t i = 0; i < (name == "div" ? 2 : 1); ++i) {
    if (!arguments[i]->type.IsExactNumber()) return NoSuchFunction(call, arguments, position);
    if (OpenScale(arguments[i])) {
      return NotYet(arguments[i]->position, absl::StrCat(absl::AsciiStrToUpper(name), " of a quotient"), "fix the digits with ROUND(x / y, 2)");
    }
  }
  const bool whole = arguments[0]->type.IsInteger();
  if (whole && arguments.size() == 1) {
    return NotYet(position, absl::StrCat(absl::AsciiStrToUpper(name), " of a whole number (double precision in PostgreSQL)"),
                  name == "sign" ? "write SIGN(x::numeric)" : "leave it out: the value is whole");
  }
  for (std::size_t i = 0; i < (name == "div" ? 2 : 1); ++i) {
    if (arguments[i]->type.IsInteger()) {
      CARE_ASSIGN_OR_RETURN(arguments[i], CastTo(arguments[i], kNumericType, arguments[i]->position));
    }
  }
  const ExpressionPtr x = arguments[0];
  const auto rounded = [&](ExpressionPtr value, std::int64_t digits) {
    DataType type = kNumericType;
    type.scale = static_cast<std::uint8_t>(std::max<std::int64_t>(0, digits));
    return MakeCall(Function::kRound, {std::move(value), MakeLiteral(digits, kIntegerType, position)}, type, position);
  };
  if (name == "div") return WholeQuotient(x, arguments[1], position);
  const ExpressionPtr zero = WholeNumber(0, position);
  if (name == "sign") {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr above, Compare(Function::kGreater, x, zero, position));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr below, Compare(Function::kLess, x, zero, position));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr at, Compare(Function::kEqual, x, zero, position));
    return When(std::move(above), WholeNumber(1, position),
                When(std::move(below), WholeNumber(-1, position), When(std::move(at), zero, nullptr)));
  }
  if (arguments.size() == 1) {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr positive, Compare(Function::kGreaterOrEqual, x, zero, position));
    return When(std::move(positive), MakeCall(Function::kFloor, {x}, kNumericType, position),
                MakeCall(Function::kCeil, {x}, kNumericType, position));
  }
  const std::optional<Value> value = ConstantOf(arguments[1]);
  const auto* digits = value ? std::get_if<std::int64_t>(&*value) : nullptr;
  if (digits == nullptr || *digits < -17 || *digits > 18) {
    return NotYet(arguments[1]->position, "TRUNC to other than a constant number of digits from -17 to 18");
  }
  if (*digits >= x->type.scale) return rounded(x, *digits);  // nothing is cut off
  Decimal unit{1, 0};
  for (std::int64_t i = 0; i < -*digits; ++i) unit.unscaled *= 10;
  if (*digits > 0) unit.scale = static_cast<decltype(unit.scale)>(*digits);
  const ExpressionPtr step = MakeLiteral(unit, {TypeKind::kNumeric, 0, static_cast<std::uint8_t>(std::max<std::int64_t>(0, *digits))}, position);
  CARE_ASSIGN_OR_RETURN(ExpressionPtr rest, Arithmetic(Function::kModulo, x, step, position));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr cut, Arithmetic(Function::kSubtract, x, std::move(rest), position));
  return rounded(std::move(cut), *digits);
}

QueryBinder::Result QueryBinder::RewrittenField(std::string_view field, const ExpressionPtr& date, sql::SourcePosition position) {
  const auto extracted = [&](Function function, const ExpressionPtr& of) { return MakeCall(function, {of}, kNumericType, position); };
  const auto start_of = [&](const char* unit, const ExpressionPtr& of) {
    return MakeCall(Function::kDateTrunc, {MakeLiteral(std::string(unit), kTextType, position), of}, kDateType, position);
  };
  const auto days = [&](const ExpressionPtr& late, const ExpressionPtr& early) -> Result {
    return CastTo(MakeCall(Function::kDateDifference, {late, early}, kIntegerType, position), kNumericType, position);
  };
  const auto divided = [&](ExpressionPtr number, std::int64_t by, Function rounding) -> Result {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr quotient, Arithmetic(Function::kDivide, std::move(number), WholeNumber(by, position), position));
    return MakeCall(rounding, {std::move(quotient)}, kNumericType, position);
  };
  if (field == "isodow") {
    const ExpressionPtr day = extracted(Function::kExtractDow, date);
    CARE_ASSIGN_OR_RETURN(ExpressionPtr sunday, Compare(Function::kEqual, day, WholeNumber(0, position), position));
    return When(std::move(sunday), WholeNumber(7, position), day);
  }
  if (field == "doy") {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr before, days(date, start_of("year", date)));
    return Arithmetic(Function::kAdd, std::move(before), WholeNumber(1, position), position);
  }
  if (field == "epoch") {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr since, days(date, MakeLiteral(Date{0}, kDateType, position)));
    return Arithmetic(Function::kMultiply, std::move(since), WholeNumber(86'400, position), position);
  }
  if (field == "decade") return divided(extracted(Function::kExtractYear, date), 10, Function::kFloor);
  if (field == "century") return divided(extracted(Function::kExtractYear, date), 100, Function::kCeil);
  if (field == "millennium") return divided(extracted(Function::kExtractYear, date), 1000, Function::kCeil);
  if (field != "week" && field != "isoyear") return ExpressionPtr();
  // A week is of the year that has its Thursday.
  const ExpressionPtr thursday = MakeCall(Function::kDateAddDays, {start_of("week", date), MakeLiteral(std::int64_t{3}, kIntegerType, position)},
                                          kDateType, position);
  if (field == "isoyear") return extracted(Function::kExtractYear, thursday);
  CARE_ASSIGN_OR_RETURN(ExpressionPtr before, days(thursday, start_of("year", thursday)));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr weeks, divided(std::move(before), 7, Function::kFloor));
  return Arithmetic(Function::kAdd, std::move(weeks), WholeNumber(1, position), position);
}

}  // namespace care::planner
