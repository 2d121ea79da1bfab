#include "planner/physical/divide_values.h"

#include <algorithm>
#include <utility>

#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"
#include "mpc/circuit/divide_circuits.h"

namespace care::planner {
namespace {

using mpc::BooleanCircuit;
using mpc::CompareDepth;

constexpr int kMostDigits = 18;

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

int DigitsIn(Int128 value) {
  int digits = 0;
  for (; value > 0; value /= 10) ++digits;
  return digits;
}

Int128 FloorOf(Int128 a, Int128 divisor) { return a / divisor - (a % divisor < 0 ? 1 : 0); }

Int128 LeastMagnitude(const CircuitValue& a) {
  if (a.shape.base > 0) return a.shape.base;
  return a.high < 0 ? -a.high : Int128{1};
}
Int128 MostMagnitude(const CircuitValue& a) { return std::max(-Int128{a.shape.base}, a.high); }

CircuitBits Widened(CircuitBits bits, unsigned width) {
  bits.resize(width, BooleanCircuit::Constant(false));
  return bits;
}

// The value plus a public number: the same bits.
absl::StatusOr<CircuitValue> Moved(const CircuitValue& a, Int128 by) {
  CARE_ASSIGN_OR_RETURN(CircuitValue moved, NumberOfRange(a.shape.base + by, a.high + by, a.scale));
  moved.bits = Widened(a.bits, moved.shape.width);
  moved.known = a.known;
  return moved;
}

// `number` where the flag is set, else 0: no gate.
absl::StatusOr<CircuitValue> PublicWhere(CircuitBit flag, Int128 number, int scale) {
  CARE_ASSIGN_OR_RETURN(CircuitValue value, NumberOfRange(0, number, scale));
  for (unsigned p = 0; p < value.shape.width; ++p)
    value.bits.push_back((number >> p & 1) != 0 ? flag : BooleanCircuit::Constant(false));
  return value;
}

// Rounded down.
absl::StatusOr<CircuitValue> FloorQuotient(BooleanCircuit& circuit, const CircuitValue& a, Int128 divisor, CompareDepth depth) {
  const Int128 low = FloorOf(a.shape.base, divisor);
  CARE_ASSIGN_OR_RETURN(CircuitValue quotient, NumberOfRange(low, FloorOf(a.high, divisor), 0));
  CARE_ASSIGN_OR_RETURN(const CircuitValue from, NumberOfRange(low * divisor, a.high, a.scale));
  CARE_ASSIGN_OR_RETURN(const CircuitBits bits, ReshapeBits(circuit, a.bits, a.shape, from.shape, depth));
  quotient.bits = mpc::QuotientByPublic(circuit, bits, static_cast<std::uint64_t>(a.high - low * divisor),
                                        static_cast<std::uint64_t>(divisor), depth);
  quotient.bits = Widened(std::move(quotient.bits), quotient.shape.width);
  quotient.known = a.known;
  return quotient;
}

absl::StatusOr<CircuitValue> ByPublic(BooleanCircuit& circuit, CircuitValue a, Int128 divisor, Rounding rounding, CompareDepth depth) {
  if (divisor == 1) {
    a.scale = 0;
    return a;
  }
  const bool mixed = a.shape.base < 0 && a.high > 0;
  const CircuitBit negative = mixed ? BelowPublic(circuit, a, 0, depth) : BooleanCircuit::Constant(a.high <= 0);
  switch (rounding) {
    case Rounding::kDown:
      break;
    case Rounding::kUp: {
      CARE_ASSIGN_OR_RETURN(a, Moved(a, divisor - 1));
      break;
    }
    case Rounding::kToZero: {
      // What is negative is rounded up.
      CARE_ASSIGN_OR_RETURN(const CircuitValue up, PublicWhere(negative, divisor - 1, a.scale));
      if (mixed) {
        const CircuitBit known = a.known;
        CARE_ASSIGN_OR_RETURN(a, SumOf(circuit, a, up, depth));
        a.known = known;
      } else if (a.high <= 0) {
        CARE_ASSIGN_OR_RETURN(a, Moved(a, divisor - 1));
      }
      break;
    }
    case Rounding::kHalfAwayFromZero: {
      if (divisor % 2 != 0) {
        CARE_ASSIGN_OR_RETURN(a, TimesPublic(circuit, a, 2, depth));
        divisor *= 2;
      }
      // Half of the divisor more, and one less of what is negative: its half goes down.
      if (mixed) {
        CARE_ASSIGN_OR_RETURN(const CircuitValue one, PublicWhere(BooleanCircuit::Not(negative), 1, a.scale));
        CARE_ASSIGN_OR_RETURN(a, Moved(a, divisor / 2 - 1));
        const CircuitBit known = a.known;
        CARE_ASSIGN_OR_RETURN(a, SumOf(circuit, a, one, depth));
        a.known = known;
      } else {
        CARE_ASSIGN_OR_RETURN(a, Moved(a, divisor / 2 - (a.high <= 0 ? 1 : 0)));
      }
      break;
    }
  }
  return FloorQuotient(circuit, a, divisor, depth);
}

CircuitBit IsNegative(BooleanCircuit& circuit, const CircuitValue& a, CompareDepth depth) {
  return BelowPublic(circuit, a, 0, depth);
}

// The value, or its opposite where the flag is set.
absl::StatusOr<CircuitValue> NegatedWhere(BooleanCircuit& circuit, const CircuitValue& a, CircuitBit flag, CompareDepth depth) {
  if (flag == BooleanCircuit::Constant(false)) return a;
  if (flag == BooleanCircuit::Constant(true)) return NegativeOf(a);
  CARE_ASSIGN_OR_RETURN(CircuitValue negated, NumberOfRange(-a.high, a.high, a.scale));
  const unsigned width = negated.shape.width;
  // From -high: high + a, or high - a = high + ~a + 1.
  CircuitBits bits = Widened(a.bits, width);
  for (CircuitBit& bit : bits) bit = circuit.Xor(bit, flag);
  bits = mpc::Sum(circuit, bits, Widened({flag}, width), depth);
  negated.bits = mpc::Sum(circuit, bits, ConstantBits(static_cast<UInt128>(a.high), width), depth);
  negated.known = a.known;
  return negated;
}

// From zero: its bits are the number.
absl::StatusOr<CircuitValue> FromZero(BooleanCircuit& circuit, const CircuitValue& a, CompareDepth depth) {
  CARE_ASSIGN_OR_RETURN(CircuitValue moved, NumberOfRange(0, a.high, a.scale));
  CARE_ASSIGN_OR_RETURN(moved.bits, ReshapeBits(circuit, a.bits, a.shape, moved.shape, depth));
  moved.known = a.known;
  return moved;
}

absl::StatusOr<CircuitValue> ByShared(BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b, Rounding rounding,
                                      CompareDepth depth) {
  const CircuitBit negative = circuit.Xor(IsNegative(circuit, a, depth), IsNegative(circuit, b, depth));
  CARE_ASSIGN_OR_RETURN(const CircuitValue magnitude, MagnitudeOf(circuit, a, depth));
  CARE_ASSIGN_OR_RETURN(const CircuitValue divisor_magnitude, MagnitudeOf(circuit, b, depth));
  CARE_ASSIGN_OR_RETURN(CircuitValue dividend, FromZero(circuit, magnitude, depth));
  CARE_ASSIGN_OR_RETURN(CircuitValue divisor, FromZero(circuit, divisor_magnitude, depth));
  dividend.scale = divisor.scale = 0;
  dividend.known = divisor.known = BooleanCircuit::Constant(true);
  const Int128 most = MostMagnitude(a) / LeastMagnitude(b) + (rounding == Rounding::kToZero ? 0 : 1);
  if (rounding == Rounding::kHalfAwayFromZero) {
    CARE_ASSIGN_OR_RETURN(dividend, TimesPublic(circuit, dividend, 2, depth));
    CARE_ASSIGN_OR_RETURN(dividend, SumOf(circuit, dividend, divisor, depth));
    CARE_ASSIGN_OR_RETURN(divisor, TimesPublic(circuit, divisor, 2, depth));
  } else if (rounding != Rounding::kToZero) {
    const CircuitBit away = rounding == Rounding::kDown ? negative : BooleanCircuit::Not(negative);
    CARE_ASSIGN_OR_RETURN(CircuitValue less, NumberOfRange(0, divisor.high, 0));
    less.bits = mpc::Sum(circuit, divisor.bits, ConstantBits(~UInt128{0}, divisor.shape.width), depth);
    for (CircuitBit& bit : less.bits) bit = circuit.And(bit, away);
    CARE_ASSIGN_OR_RETURN(dividend, SumOf(circuit, dividend, less, depth));
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue quotient, NumberOfRange(0, most, 0));
  quotient.bits = mpc::Divide(circuit, dividend.bits, divisor.bits, quotient.shape.width, depth).quotient;
  CARE_ASSIGN_OR_RETURN(quotient, NegatedWhere(circuit, quotient, negative, depth));
  quotient.known = circuit.And(a.known, b.known);
  return quotient;
}

bool IsPublic(const CircuitValue& a) { return a.shape.base == a.high; }

// With `rscale` digits of PostgreSQL's quotient (select_div_scale) an exact quotient that is no rounding point of the result is farther
// from each than half a unit of the last digit.
bool RoundsOnceInEffect(const CircuitValue& a, const CircuitValue& b, int scale) {
  const auto weight_of = [](Int128 whole) { return (DigitsIn(whole) + 3) / 4 - 1; };
  // Ten to more has no place in 128 bits, and a product of three columns may have 54 decimals: not proven then.
  constexpr int kMostDecimals = 38;
  if (a.scale > kMostDecimals || b.scale > kMostDecimals) return false;
  const int most = weight_of(MostMagnitude(a) / PowerOfTen(a.scale));
  const Int128 whole = LeastMagnitude(b) / PowerOfTen(b.scale);
  const int least = whole > 0 ? weight_of(whole) : -((b.scale + 3) / 4);
  const int rscale = std::max(16 - 4 * (most - least), 0);
  const int digits = std::max(scale, 0);
  return rscale + std::min(digits + b.scale, a.scale) - digits - a.scale >= DigitsIn(MostMagnitude(b));
}

}  // namespace

absl::StatusOr<CircuitValue> QuotientOf(BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b, Rounding rounding,
                                        CompareDepth depth) {
  if (!IsPublic(b)) return ByShared(circuit, a, b, rounding, depth);
  const Int128 divisor = b.shape.base;
  if (divisor == 0) return absl::InvalidArgumentError("a division by zero");
  CircuitValue dividend = a;
  if (divisor < 0) {
    CARE_ASSIGN_OR_RETURN(dividend, NegativeOf(a));
  }
  CARE_ASSIGN_OR_RETURN(CircuitValue quotient, ByPublic(circuit, std::move(dividend), divisor < 0 ? -divisor : divisor, rounding, depth));
  quotient.known = circuit.And(a.known, b.known);
  quotient.zero_where_null = false;
  return quotient;
}

absl::StatusOr<CircuitValue> RemainderOf(BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b, CompareDepth depth) {
  const Int128 most = MostMagnitude(b) - 1;
  if (most < 0) return absl::InvalidArgumentError("a division by zero");
  const Int128 low = a.shape.base < 0 ? std::max(-most, Int128{a.shape.base}) : Int128{0};
  const Int128 high = a.high > 0 ? std::min(most, a.high) : Int128{0};
  CARE_ASSIGN_OR_RETURN(CircuitValue rest, NumberOfRange(low, high, a.scale));
  rest.known = circuit.And(a.known, b.known);
  const unsigned width = rest.shape.width;
  const auto resized = [&](const CircuitBits& bits) { return Widened(CircuitBits(bits.begin(), bits.begin() + std::min<std::size_t>(bits.size(), width)), width); };
  if (!IsPublic(b)) {
    // The dividend's magnitude is divided, and its sign is the remainder's.
    CARE_ASSIGN_OR_RETURN(const CircuitValue magnitude, MagnitudeOf(circuit, a, depth));
    CARE_ASSIGN_OR_RETURN(const CircuitValue divisor_magnitude, MagnitudeOf(circuit, b, depth));
    CARE_ASSIGN_OR_RETURN(const CircuitValue dividend, FromZero(circuit, magnitude, depth));
    CARE_ASSIGN_OR_RETURN(const CircuitValue divisor, FromZero(circuit, divisor_magnitude, depth));
    CARE_ASSIGN_OR_RETURN(CircuitValue positive, NumberOfRange(0, std::max(high, -low), a.scale));
    const unsigned quotient_width = WidthOfSpan(0, dividend.high / LeastMagnitude(b));
    const CircuitBits remainder = mpc::Divide(circuit, dividend.bits, divisor.bits, quotient_width, depth).remainder;
    positive.bits = Widened(CircuitBits(remainder.begin(), remainder.begin() + std::min<std::size_t>(remainder.size(), positive.shape.width)), positive.shape.width);
    CARE_ASSIGN_OR_RETURN(const CircuitValue both, NegatedWhere(circuit, positive, IsNegative(circuit, a, depth), depth));
    CARE_ASSIGN_OR_RETURN(rest.bits, ReshapeBits(circuit, both.bits, both.shape, rest.shape, depth));
    return rest;
  }
  const Int128 divisor = MostMagnitude(b);
  CARE_ASSIGN_OR_RETURN(const CircuitValue quotient, ByPublic(circuit, a, divisor, Rounding::kToZero, depth));
  // The remainder is small, so it is told by its lowest bits.
  const CircuitBits multiple = mpc::ProductWithPublic(circuit, resized(quotient.bits), static_cast<std::uint64_t>(divisor), depth);
  const CircuitBits difference = mpc::Difference(circuit, resized(a.bits), multiple, depth);
  const Int128 move = Int128{a.shape.base} - divisor * quotient.shape.base - low;
  rest.bits = mpc::Sum(circuit, difference, ConstantBits(static_cast<UInt128>(move), width), depth);
  return rest;
}

absl::StatusOr<CircuitValue> RoundedTo(BooleanCircuit& circuit, const CircuitValue& a, int scale, Rounding rounding, CompareDepth depth) {
  if (scale >= a.scale) return AtScale(circuit, a, scale, depth);
  if (a.scale - scale > kMostDigits) return absl::InvalidArgumentError("rounding by more than 18 digits");
  CARE_ASSIGN_OR_RETURN(CircuitValue rounded, ByPublic(circuit, a, PowerOfTen(a.scale - scale), rounding, depth));
  if (scale < 0) {
    CARE_ASSIGN_OR_RETURN(rounded, TimesPublic(circuit, rounded, static_cast<std::int64_t>(PowerOfTen(-scale)), depth));
  }
  rounded.scale = std::max(scale, 0);
  rounded.known = a.known;
  rounded.zero_where_null = false;
  return rounded;
}

absl::StatusOr<CircuitValue> RoundedQuotientOf(BooleanCircuit& circuit, const CircuitValue& a, const CircuitValue& b, int scale,
                                               Rounding rounding, CompareDepth depth) {
  if (!RoundsOnceInEffect(a, b, scale)) {
    return absl::InvalidArgumentError(
        "the declared ranges do not prove that this quotient has enough digits before it is rounded; declare narrower `min` and `max`");
  }
  // a / 10^as / (b / 10^bs) * 10^scale
  const int up = b.scale + scale - a.scale;
  if (up > kMostDigits || up < -kMostDigits) return absl::InvalidArgumentError("rounding by more than 18 digits");
  CircuitValue dividend = a, divisor = b;
  if (up > 0) {
    CARE_ASSIGN_OR_RETURN(dividend, TimesPublic(circuit, a, static_cast<std::int64_t>(PowerOfTen(up)), depth));
  } else if (up < 0) {
    CARE_ASSIGN_OR_RETURN(divisor, TimesPublic(circuit, b, static_cast<std::int64_t>(PowerOfTen(-up)), depth));
  }
  dividend.known = a.known;
  divisor.known = b.known;
  CARE_ASSIGN_OR_RETURN(CircuitValue quotient, QuotientOf(circuit, dividend, divisor, rounding, depth));
  if (scale < 0) {
    CARE_ASSIGN_OR_RETURN(quotient, TimesPublic(circuit, quotient, static_cast<std::int64_t>(PowerOfTen(-scale)), depth));
  }
  quotient.scale = std::max(scale, 0);
  quotient.zero_where_null = false;
  return quotient;
}

}  // namespace care::planner
