// EXTRACT(YEAR FROM AGE(a, b)): an interval of AGE is a value only under EXTRACT, where it is computed of the fields of both.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "planner/logical/build_expressions.h"
#include "planner/logical/query_binder.h"
#include "planner/logical/type_rules.h"

namespace care::planner {
namespace {

ExpressionPtr StartOfMonth(const ExpressionPtr& moment) {
  const sql::SourcePosition position = moment->position;
  return MakeCall(Function::kDateTrunc, {MakeLiteral(std::string("month"), kTextType, position), CastOf(moment, kDateType)}, kDateType, position);
}

}  // namespace

// PostgreSQL's timestamp_age: whole months between the two, then the days that are left, counted from the earlier one; both
// have the sign of a - b. A month that is not whole lends its days, as many as the month of the earlier one has.
QueryBinder::Result QueryBinder::ExtractOfAge(const std::string& field, ExpressionPtr later, ExpressionPtr earlier,
                                              sql::SourcePosition position) {
  const bool with_time = later->type.IsTimestamp() || earlier->type.IsTimestamp();
  const auto field_of = [&](Function function, const ExpressionPtr& moment) {
    return MakeCall(function, {CastOf(moment, kDateType)}, kNumericType, position);
  };
  const auto months = [&](const ExpressionPtr& moment) -> Result {
    CARE_ASSIGN_OR_RETURN(ExpressionPtr of_years, Arithmetic(Function::kMultiply, field_of(Function::kExtractYear, moment), WholeNumber(12, position), position));
    return Arithmetic(Function::kAdd, std::move(of_years), field_of(Function::kExtractMonth, moment), position);
  };
  // What has passed of the month: its days, or with times of day its seconds.
  const auto passed = [&](const ExpressionPtr& moment) -> Result {
    if (!with_time) return field_of(Function::kExtractDay, moment);
    CARE_ASSIGN_OR_RETURN(ExpressionPtr now, ExtractField("epoch", moment, position));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr start, ExtractField("epoch", StartOfMonth(moment), position));
    return Arithmetic(Function::kSubtract, std::move(now), std::move(start), position);
  };
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr passed_later, passed(later));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr passed_earlier, passed(earlier));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr forward, Compare(Function::kGreaterOrEqual, later, earlier, position));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr less, Compare(Function::kLess, passed_later, passed_earlier, position));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr more, Compare(Function::kGreater, passed_later, passed_earlier, position));
  if (field == "day") {
    const auto days_of_month = [&](const ExpressionPtr& moment) {
      const ExpressionPtr start = StartOfMonth(moment);
      const ExpressionPtr month = MakeLiteral(Interval{1, 0}, {TypeKind::kInterval}, position);
      const ExpressionPtr next = MakeCall(Function::kDateAddInterval, {start, month}, kDateType, position);
      return CastOf(MakeCall(Function::kDateDifference, {next, start}, kIntegerType, position), kNumericType);
    };
    CARE_ASSIGN_OR_RETURN(ExpressionPtr days, Arithmetic(Function::kSubtract, passed_later, passed_earlier, position));
    ExpressionPtr backward = days;
    if (with_time) {
      const auto divided = [&](Function rounding) -> Result {
        CARE_ASSIGN_OR_RETURN(ExpressionPtr quotient, Arithmetic(Function::kDivide, days, WholeNumber(86'400, position), position));
        return MakeCall(rounding, {std::move(quotient)}, kNumericType, position);
      };
      CARE_ASSIGN_OR_RETURN(backward, divided(Function::kCeil));
      CARE_ASSIGN_OR_RETURN(days, divided(Function::kFloor));
    }
    CARE_ASSIGN_OR_RETURN(ExpressionPtr lent, Arithmetic(Function::kAdd, days, days_of_month(earlier), position));
    CARE_ASSIGN_OR_RETURN(ExpressionPtr lent_back, Arithmetic(Function::kSubtract, backward, days_of_month(later), position));
    return When(forward, When(less, std::move(lent), days), When(more, std::move(lent_back), backward));
  }
  if (field != "year" && field != "month") {
    return NotYet(position, absl::StrCat("EXTRACT(", field, " FROM AGE(...))"), "year, month and day are");
  }
  CARE_ASSIGN_OR_RETURN(ExpressionPtr months_later, months(later));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr months_earlier, months(earlier));
  CARE_ASSIGN_OR_RETURN(ExpressionPtr difference, Arithmetic(Function::kSubtract, std::move(months_later), std::move(months_earlier), position));
  const ExpressionPtr none = WholeNumber(0, position);
  ExpressionPtr lent = When(forward, When(less, WholeNumber(1, position), none), When(more, WholeNumber(-1, position), none));
  CARE_ASSIGN_OR_RETURN(const ExpressionPtr whole, Arithmetic(Function::kSubtract, std::move(difference), std::move(lent), position));
  if (field == "month") return Arithmetic(Function::kModulo, whole, WholeNumber(12, position), position);
  return WholeQuotient(whole, WholeNumber(12, position), position);
}

}  // namespace care::planner
