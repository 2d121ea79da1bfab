// Calendar functions in a circuit: each is a step function of the day, with public steps.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;

// Days of about forty years, and steps of about as many years of months.
constexpr std::int64_t kMostDays = 1 << 17;
constexpr std::size_t kMostSteps = 1024;

}  // namespace

absl::StatusOr<CircuitValue> TableCircuit::Steps(
    const ExpressionPtr& expression, const CircuitValue& argument,
    const std::function<std::optional<std::int64_t>(std::int64_t)>& function) {
  const Int128 days = argument.high - argument.shape.base;
  const absl::Status too_many = absl::InvalidArgumentError(
      "the dates' range is too wide for this function to be computed jointly; declare a narrower `min` and `max`");
  if (days > kMostDays) return too_many;
  struct Step {
    std::int64_t first;  // from this argument on
    std::int64_t value;
  };
  std::vector<Step> steps;
  std::int64_t low = 0, high = 0;
  for (std::int64_t at = argument.shape.base; at <= static_cast<std::int64_t>(argument.high); ++at) {
    const std::optional<std::int64_t> value = function(at);
    if (!value) return absl::InvalidArgumentError("the declared range lets a date leave the years 1 to 9999");
    if (!steps.empty() && steps.back().value == *value) continue;
    low = steps.empty() ? *value : std::min(low, *value);
    high = steps.empty() ? *value : std::max(high, *value);
    steps.push_back({at, *value});
    if (steps.size() > kMostSteps) return too_many;
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue result, NumberOfRange(low, high, 0));
  result.known = argument.known;
  // A bit changes where its argument passes a step at which it changes: the sum of those passed decides, so beyond the
  // comparisons nothing is multiplied.
  std::vector<CircuitBit> passed;
  for (const Step& step : steps)
    passed.push_back(BooleanCircuit::Not(BelowPublic(*circuit_, argument, step.first, depth_)));
  for (unsigned p = 0; p < result.shape.width; ++p) {
    const auto bit_at = [&](std::size_t i) { return (static_cast<std::uint64_t>(steps[i].value - low) >> p & 1) != 0; };
    CircuitBit bit = BooleanCircuit::Constant(bit_at(0));
    for (std::size_t i = 1; i < steps.size(); ++i) {
      if (bit_at(i) != bit_at(i - 1)) bit = circuit_->Xor(bit, passed[i]);
    }
    result.bits.push_back(bit);
  }
  (void)expression;
  return result;
}

absl::StatusOr<CircuitValue> TableCircuit::DateFunction(const ExpressionPtr& expression, const CallExpression& call) {
  const bool truncates = call.function == Function::kDateTrunc;
  const ExpressionPtr& operand = call.arguments[truncates ? 1 : 0];
  if (operand->type.kind != TypeKind::kDate) return Refuse(expression, "this function");
  CARE_ASSIGN_OR_RETURN(const CircuitValue date, ValueOf(operand));
  const auto day_of = [](std::int64_t at) { return static_cast<std::int32_t>(at); };
  switch (call.function) {
    case Function::kExtractYear:
      return Steps(expression, date, [&](std::int64_t at) { return CivilFromDays(day_of(at)).year; });
    case Function::kExtractMonth:
      return Steps(expression, date, [&](std::int64_t at) { return CivilFromDays(day_of(at)).month; });
    case Function::kExtractQuarter:
      return Steps(expression, date, [&](std::int64_t at) { return (CivilFromDays(day_of(at)).month + 2) / 3; });
    case Function::kExtractDow:
      return Steps(expression, date, [&](std::int64_t at) { return ((at + 4) % 7 + 7) % 7; });
    case Function::kExtractDay:
    case Function::kDateTrunc: {
      // The start of the period is a step function; the day of the month is what has passed since.
      std::string unit = "month";
      if (truncates) {
        const auto* literal = std::get_if<LiteralExpression>(&call.arguments[0]->node);
        const auto* text = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
        if (text == nullptr) return Refuse(expression, "date_trunc of a unit that is no literal");
        unit = absl::AsciiStrToLower(*text);
        if (unit == "day") return date;
      }
      CARE_ASSIGN_OR_RETURN(const CircuitValue start, Steps(expression, date, [&](std::int64_t at) {
                              return StartOfPeriod(unit, day_of(at));
                            }));
      if (truncates) return start;
      CARE_ASSIGN_OR_RETURN(CircuitValue before, NegativeOf(start));
      CARE_ASSIGN_OR_RETURN(CircuitValue day, SumOf(*circuit_, date, before, depth_));
      // A day is between 1 and 31: what is known of it beyond the difference of two ranges.
      CARE_ASSIGN_OR_RETURN(CircuitValue result, NumberOfRange(1, 31, 0));
      result.known = date.known;
      SharedValueShape difference = day.shape;
      difference.base += 1;
      CARE_ASSIGN_OR_RETURN(result.bits, ReshapeBits(*circuit_, day.bits, difference, result.shape, depth_));
      return result;
    }
    case Function::kDateAddInterval: {
      const auto* literal = std::get_if<LiteralExpression>(&call.arguments[1]->node);
      const auto* interval = literal == nullptr ? nullptr : std::get_if<Interval>(&literal->value);
      if (interval == nullptr) return Refuse(expression, "adding an interval that is no literal");
      if (interval->months == 0) return MovedBy(date, interval->days);
      // By how many days the months move it is a step function.
      CARE_ASSIGN_OR_RETURN(const CircuitValue shift,
                            Steps(expression, date, [&](std::int64_t at) -> std::optional<std::int64_t> {
                              const absl::StatusOr<std::int32_t> moved = AddMonths(day_of(at), interval->months);
                              if (!moved.ok()) return std::nullopt;
                              return std::int64_t{*moved} - at + interval->days;
                            }));
      return SumOf(*circuit_, date, shift, depth_);
    }
    default:
      return Refuse(expression, "this function");
  }
}

}  // namespace care::planner
