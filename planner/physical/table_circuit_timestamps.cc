// Timestamps of several owners in a circuit: numbers of microseconds, divided by public units and rounded down.
#include <string>

#include "absl/strings/ascii.h"
#include "engine/types/date.h"
#include "engine/types/status_macros.h"
#include "engine/types/timestamp.h"
#include "planner/physical/table_circuit.h"

namespace care::planner {
namespace {

absl::StatusOr<CircuitValue> UnitsOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, std::int64_t unit, mpc::CompareDepth depth) {
  CARE_ASSIGN_OR_RETURN(CircuitValue divisor, NumberOfRange(unit, unit, 0));
  divisor.bits = ConstantBits(0, 1);
  return QuotientOf(circuit, a, divisor, Rounding::kDown, depth);
}

// What is left above whole units, from 0 to unit - 1.
absl::StatusOr<CircuitValue> RestOf(mpc::BooleanCircuit& circuit, const CircuitValue& a, std::int64_t unit, mpc::CompareDepth depth) {
  CARE_ASSIGN_OR_RETURN(const CircuitValue units, UnitsOf(circuit, a, unit, depth));
  CARE_ASSIGN_OR_RETURN(const CircuitValue whole, TimesPublic(circuit, units, -unit, depth));
  CARE_ASSIGN_OR_RETURN(const CircuitValue rest, SumOf(circuit, a, whole, depth));
  CARE_ASSIGN_OR_RETURN(CircuitValue result, NumberOfRange(0, unit - 1, 0));
  result.known = a.known;
  CARE_ASSIGN_OR_RETURN(result.bits, ReshapeBits(circuit, rest.bits, rest.shape, result.shape, depth));
  return result;
}

}  // namespace

absl::StatusOr<CircuitValue> TableCircuit::DayOfTimestamp(const CircuitValue& timestamp) {
  return UnitsOf(*circuit_, timestamp, kMicrosecondsOfDay, depth_);
}

absl::StatusOr<CircuitValue> TableCircuit::TimestampFunction(const ExpressionPtr& expression, const CallExpression& call) {
  const bool truncates = call.function == Function::kTimestampTrunc;
  const ExpressionPtr& operand = call.arguments[truncates ? 1 : 0];
  if (!operand->type.IsTimestamp()) return Refuse(expression, "this function");
  CARE_ASSIGN_OR_RETURN(CircuitValue timestamp, ValueOf(operand));
  constexpr std::int64_t kMinute = 60 * kMicrosecondsOfSecond, kHour = 60 * kMinute;
  switch (call.function) {
    case Function::kExtractEpoch:
      timestamp.scale = 6;
      return timestamp;
    case Function::kExtractSecond: {
      CARE_ASSIGN_OR_RETURN(CircuitValue seconds, RestOf(*circuit_, timestamp, kMinute, depth_));
      seconds.scale = 6;
      return seconds;
    }
    case Function::kExtractMinute:
    case Function::kExtractHour: {
      const bool hour = call.function == Function::kExtractHour;
      CARE_ASSIGN_OR_RETURN(const CircuitValue units, UnitsOf(*circuit_, timestamp, hour ? kHour : kMinute, depth_));
      return RestOf(*circuit_, units, hour ? 24 : 60, depth_);
    }
    case Function::kTimestampTrunc: {
      const auto* literal = std::get_if<LiteralExpression>(&call.arguments[0]->node);
      const auto* text = literal == nullptr ? nullptr : std::get_if<std::string>(&literal->value);
      const std::string name = text == nullptr ? "" : absl::AsciiStrToLower(*text);
      const std::int64_t unit = name == "hour" ? kHour : name == "minute" ? kMinute : name == "second" ? kMicrosecondsOfSecond : 0;
      if (unit == 0) return Refuse(expression, "date_trunc of this unit");
      CARE_ASSIGN_OR_RETURN(const CircuitValue units, UnitsOf(*circuit_, timestamp, unit, depth_));
      return TimesPublic(*circuit_, units, unit, depth_);
    }
    case Function::kTimestampAddInterval: {
      const auto* literal = std::get_if<LiteralExpression>(&call.arguments[1]->node);
      const auto* interval = literal == nullptr ? nullptr : std::get_if<Interval>(&literal->value);
      if (interval == nullptr) return Refuse(expression, "adding an interval that is no literal");
      const Int128 distance = Int128{interval->days} * kMicrosecondsOfDay + interval->microseconds;
      if (interval->months == 0) return MovedBy(timestamp, distance);
      // By how many days the months move its day is a step function.
      CARE_ASSIGN_OR_RETURN(const CircuitValue day, DayOfTimestamp(timestamp));
      CARE_ASSIGN_OR_RETURN(const CircuitValue days, Steps(expression, day, [&](std::int64_t at) -> std::optional<std::int64_t> {
                              const absl::StatusOr<std::int32_t> moved = AddMonths(static_cast<std::int32_t>(at), interval->months);
                              if (!moved.ok()) return std::nullopt;
                              return std::int64_t{*moved} - at;
                            }));
      CARE_ASSIGN_OR_RETURN(const CircuitValue shift, TimesPublic(*circuit_, days, kMicrosecondsOfDay, depth_));
      CARE_ASSIGN_OR_RETURN(const CircuitValue moved, SumOf(*circuit_, timestamp, shift, depth_));
      return MovedBy(moved, distance);
    }
    default:
      return Refuse(expression, "this function");
  }
}

}  // namespace care::planner
