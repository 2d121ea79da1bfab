// PostgresqlDialect: functions of dates and of texts.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "connectors/postgresql/dialect.h"
#include "connectors/postgresql/dialect_terms.h"
#include "connectors/postgresql/stored_column.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"

namespace care::connectors {
namespace {

using planner::CallExpression;
using planner::ExpressionPtr;
using planner::Function;

constexpr std::int64_t kFarthest = 1'000'000'000;

IntegerRange Calendar() { return {DaysFromCivil({1, 1, 1}), DaysFromCivil({9999, 12, 31})}; }

const char* FieldOf(Function function) {
  switch (function) {
    case Function::kExtractYear:
      return "YEAR";
    case Function::kExtractMonth:
      return "MONTH";
    case Function::kExtractDay:
      return "DAY";
    case Function::kExtractQuarter:
      return "QUARTER";
    case Function::kExtractDow:
      return "DOW";
    case Function::kExtractHour:
      return "HOUR";
    case Function::kExtractMinute:
      return "MINUTE";
    case Function::kExtractSecond:
      return "SECOND";
    case Function::kExtractEpoch:
      return "EPOCH";
    default:
      return nullptr;
  }
}

}  // namespace

std::optional<IntegerRange> PostgresqlDialect::DatesOf(const ExpressionPtr& expression) const {
  if (expression->type.kind != TypeKind::kDate) return std::nullopt;
  if (const Date* date = LiteralOf<Date>(expression)) return IntegerRange{date->days, date->days};
  if (const auto* column = std::get_if<planner::ColumnExpression>(&expression->node)) {
    const planner::ColumnInfo& info = columns_[column->column];
    IntegerRange range = Calendar();
    if (info.min) range.low = std::max<Int128>(range.low, *info.min);
    if (info.max) range.high = std::min<Int128>(range.high, *info.max);
    return range;
  }
  const auto* call = std::get_if<CallExpression>(&expression->node);
  if (call == nullptr) return std::nullopt;
  if (call->function != Function::kDateAddDays && call->function != Function::kDateAddInterval) return std::nullopt;
  std::optional<IntegerRange> range = DatesOf(call->arguments[0]);
  if (!range) return std::nullopt;
  if (call->function == Function::kDateAddDays) {
    const std::optional<IntegerRange> days = ranges_.RangeOf(call->arguments[1]);
    if (!days) return std::nullopt;
    range->low += days->low;
    range->high += days->high;
  } else {
    const Interval* interval = LiteralOf<Interval>(call->arguments[1]);
    if (interval == nullptr) return std::nullopt;
    const Int128 months = interval->months;
    range->low += std::min(months * 28, months * 31) + interval->days;
    range->high += std::max(months * 28, months * 31) + interval->days;
  }
  if (!Within(*range, Calendar())) return std::nullopt;
  return range;
}

absl::StatusOr<std::string> PostgresqlDialect::OfDates(const CallExpression& call, const ExpressionPtr& whole,
                                                       const Scope& scope) const {
  const DataType& type = whole->type;
  const auto cast = [&](const std::string& sql) { return absl::StrCat(sql, "::", SqlTypeName({type.kind})); };
  switch (call.function) {
    case Function::kDateAddDays: {
      if (!DatesOf(whole)) return NotProven("dates that could leave the calendar");
      CARE_ASSIGN_OR_RETURN(const std::vector<std::string> operands, Operands(call, scope));
      return absl::StrCat("(", operands[0], " + ", operands[1], "::integer)");
    }
    case Function::kDateAddInterval: {
      if (!DatesOf(whole)) return NotProven("dates that could leave the calendar");
      const Interval* interval = LiteralOf<Interval>(call.arguments[1]);
      CARE_ASSIGN_OR_RETURN(const std::string date, Expression(call.arguments[0], scope));
      return absl::StrCat("(", date, " + '", interval->months, " months ", interval->days, " days'::interval)::date");
    }
    case Function::kDateDifference: {
      CARE_ASSIGN_OR_RETURN(const std::vector<std::string> operands, Operands(call, scope));
      return cast(absl::StrCat("(", operands[0], " - ", operands[1], ")"));
    }
    case Function::kDateTrunc: {
      const std::string* unit = LiteralOf<std::string>(call.arguments[0]);
      const bool known =
          unit != nullptr && (*unit == "year" || *unit == "quarter" || *unit == "month" || *unit == "day");
      if (!known || type.kind != TypeKind::kDate) return NotProven("a date_trunc");
      CARE_ASSIGN_OR_RETURN(const std::string date, Expression(call.arguments[1], scope));
      return absl::StrCat("date_trunc('", *unit, "', ", date, "::timestamp)::date");
    }
    case Function::kTimestampTrunc: {
      const std::string* unit = LiteralOf<std::string>(call.arguments[0]);
      if (unit == nullptr || (*unit != "hour" && *unit != "minute" && *unit != "second")) return NotProven("a date_trunc");
      CARE_ASSIGN_OR_RETURN(const std::string timestamp, Expression(call.arguments[1], scope));
      return absl::StrCat("date_trunc('", *unit, "', ", timestamp, ")");
    }
    case Function::kTimestampAddInterval: {
      const Interval* interval = LiteralOf<Interval>(call.arguments[1]);
      if (interval == nullptr) return NotProven("an interval that is no constant");
      CARE_ASSIGN_OR_RETURN(const std::string timestamp, Expression(call.arguments[0], scope));
      return absl::StrCat("(", timestamp, " + '", interval->months, " months ", interval->days, " days ", interval->microseconds,
                          " microseconds'::interval)");
    }
    default: {
      const char* field = FieldOf(call.function);
      if (field == nullptr) return NotProven("a function of dates");
      CARE_ASSIGN_OR_RETURN(const std::string date, Expression(call.arguments[0], scope));
      return cast(absl::StrCat("EXTRACT(", field, " FROM ", date, ")"));
    }
  }
}

absl::StatusOr<std::string> PostgresqlDialect::OfTexts(const CallExpression& call, const ExpressionPtr&,
                                                       const Scope& scope) const {
  for (const ExpressionPtr& argument : call.arguments) {
    const bool number = argument->type.IsInteger() && LiteralOf<std::int64_t>(argument) != nullptr;
    if (argument->type.kind != TypeKind::kText && !number) return NotProven("a function of another type");
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<std::string> operands, Operands(call, scope));
  const auto of_all = [&](const char* function) -> std::string {
    return absl::StrCat(function, "(", absl::StrJoin(operands, ", "), ")");
  };
  // Of a text and a number of at most four bytes, which is written without its type.
  const auto of_number = [&](const char* function, std::size_t place) -> absl::StatusOr<std::string> {
    const auto* number = LiteralOf<std::int64_t>(call.arguments[place]);
    if (number == nullptr || *number < -kFarthest || *number > kFarthest) return NotProven("a function of texts by a computed number");
    std::vector<std::string> written = operands;
    written[place] = absl::StrCat(*number);
    return absl::StrCat(function, "(", absl::StrJoin(written, ", "), ")");
  };
  switch (call.function) {
    case Function::kLower:
      return of_all("lower");
    case Function::kUpper:
      return of_all("upper");
    case Function::kLength:
      return of_all("char_length");
    case Function::kReplace:
      return of_all("replace");
    case Function::kConcat:
      return absl::StrCat("(", absl::StrJoin(operands, " || "), ")");
    case Function::kSubstring: {
      std::string sql = absl::StrCat("substring(", operands[0]);
      for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        // A negative length fails, and positions are of four bytes there.
        const auto* number = LiteralOf<std::int64_t>(call.arguments[i]);
        if (number == nullptr || *number < (i == 2 ? 0 : -1'000'000'000) || *number > 1'000'000'000) {
          return NotProven("a substring at computed positions");
        }
        absl::StrAppend(&sql, ", ", *number);
      }
      return sql + ")";
    }
    case Function::kTrim: {
      if (call.arguments.size() < 3) return of_all("btrim");
      const std::string* side = LiteralOf<std::string>(call.arguments[2]);
      if (side == nullptr || (*side != "leading" && *side != "trailing")) return NotProven("a trim of a computed side");
      return absl::StrCat(*side == "leading" ? "ltrim(" : "rtrim(", operands[0], ", ", operands[1], ")");
    }
    case Function::kLeft:
      return of_number("left", 1);
    case Function::kRight:
      return of_number("right", 1);
    case Function::kPosition:
      return of_all("strpos");
    case Function::kPadLeft:
      return of_number("lpad", 1);
    case Function::kPadRight:
      return of_number("rpad", 1);
    case Function::kInitCap:
      return of_all("initcap");
    case Function::kReverse:
      return of_all("reverse");
    case Function::kRepeat:
      return of_number("repeat", 1);
    case Function::kSplitPart: {
      const auto* part = LiteralOf<std::int64_t>(call.arguments[2]);
      // From the end, since PostgreSQL 14.
      if (part == nullptr || *part <= 0) return NotProven("a part from the end");
      return of_number("split_part", 2);
    }
    case Function::kLike:
    case Function::kILike: {
      const std::string* pattern = LiteralOf<std::string>(call.arguments[1]);
      if (call.arguments.size() != 2 || pattern == nullptr || pattern->find('\\') != std::string::npos) {
        return NotProven("a pattern with an escape");
      }
      return absl::StrCat("(", operands[0], call.function == Function::kLike ? " LIKE " : " ILIKE ", operands[1], ")");
    }
    case Function::kSimilar:
    case Function::kRegex:
    case Function::kRegexIgnoringCase: {
      if (call.arguments.size() != 2 || LiteralOf<std::string>(call.arguments[1]) == nullptr) {
        return NotProven("a computed pattern");
      }
      const char* matches = call.function == Function::kSimilar ? " SIMILAR TO "
                            : call.function == Function::kRegex ? " ~ "
                                                                : " ~* ";
      return absl::StrCat("(", operands[0], matches, operands[1], ")");
    }
    default:
      return NotProven("a function of texts");
  }
}

}  // namespace care::connectors
