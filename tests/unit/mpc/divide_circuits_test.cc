// Quotients and remainders against integer division: every dividend of small widths, random ones and the ends of wide ones, on both
// protocols; and what a public divisor saves.
#include "mpc/circuit/divide_circuits.h"

#include "mpc/cost/cost.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

std::uint64_t Most(unsigned width) { return (std::uint64_t{1} << width) - 1; }

TEST(DivideCircuits, QuotientsByPublicDivisorsAreExact) {
  std::mt19937_64 random(1);
  for (const unsigned width : {1u, 6u, 9u, 31u, 63u}) {
    SCOPED_TRACE(width);
    std::vector<std::uint64_t> divisors = {1, 2, 3, 5, 7, 10, 12, 25, 100, 365, 1000, 1'000'000, 1'000'000'007, Most(width)};
    if (width == 63) divisors.insert(divisors.end(), {1'000'000'000'000'000'000, Most(62), random() >> 3});
    Integers values = RandomIntegers(random, 40, width);
    for (std::uint64_t value = 0; value < 200 && value <= Most(width); ++value) values.push_back(value);
    for (std::uint64_t below = 0; below < 8; ++below) values.push_back((Most(width) - below) & Most(width));
    // Where a quotient changes.
    for (const std::uint64_t divisor : divisors) {
      for (const std::uint64_t edge : {Most(width) / divisor * divisor, Most(width) / divisor / 2 * divisor}) {
        values.push_back(edge);
        if (edge > 0) values.push_back(edge - 1);
      }
    }
    Integers expected;
    std::vector<std::uint64_t> used;
    for (const std::uint64_t divisor : divisors) {
      if (divisor > Most(width)) continue;
      used.push_back(divisor);
      for (const std::uint64_t value : values) expected.push_back(value / divisor);
    }
    for (const CompareDepth depth : {CompareDepth::kRipple, CompareDepth::kTree}) {
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, values, width));
            const BitColumn* inputs[] = {&x};
            std::vector<BitColumn> results;
            for (const std::uint64_t divisor : used) {
              CARE_ASSIGN_OR_RETURN(BitColumn quotient, p.Evaluate(QuotientByPublicCircuit(width, divisor, depth), inputs));
              results.push_back(std::move(quotient));
            }
            return OpenAll(p, results, {});
          },
          expected);
    }
  }
}

TEST(DivideCircuits, DividesByAnotherNumberInEachRow) {
  std::mt19937_64 random(2);
  struct Widths {
    unsigned dividend, divisor;
  };
  for (const Widths widths : {Widths{1, 1}, {5, 5}, {8, 3}, {3, 8}, {30, 14}, {40, 20}}) {
    SCOPED_TRACE(widths.dividend);
    Integers a = RandomIntegers(random, 150, widths.dividend), b = RandomIntegers(random, 150, widths.divisor);
    for (std::uint64_t& divisor : b) divisor = std::max<std::uint64_t>(divisor, 1);
    a[0] = Most(widths.dividend);
    b[0] = 1;
    a[1] = Most(widths.dividend);
    b[1] = Most(widths.divisor);
    a[2] = 0;
    Integers expected;
    for (std::size_t i = 0; i < a.size(); ++i) expected.push_back(a[i] / b[i] | (a[i] % b[i]) << widths.dividend);
    for (const CompareDepth depth : {CompareDepth::kRipple, CompareDepth::kTree}) {
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, widths.dividend));
            CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, b, widths.divisor));
            const BitColumn* inputs[] = {&x, &y};
            CARE_ASSIGN_OR_RETURN(BitColumn both, p.Evaluate(DivideCircuit(widths.dividend, widths.divisor, depth), inputs));
            std::vector<BitColumn> results;
            results.push_back(std::move(both));
            return OpenAll(p, results, {});
          },
          expected);
    }
  }
}

TEST(DivideCircuits, AKnownWidthOfTheQuotientSavesSteps) {
  // 1000 <= b: the quotient of 20 bits has 11.
  BooleanCircuit circuit(30);
  const QuotientBits bits = Divide(circuit, circuit.Inputs(0, 20), circuit.Inputs(20, 10), 11, CompareDepth::kRipple);
  for (const BooleanCircuit::Bit bit : bits.quotient) circuit.Output(bit);
  Integers a, b, expected;
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) {
    b.push_back(1000 + random() % 24);
    a.push_back(i < 100 ? Most(20) - random() % 5000 : random() % Most(20));
    expected.push_back(a.back() / b.back());
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, 20));
        CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, b, 10));
        const BitColumn* inputs[] = {&x, &y};
        std::vector<BitColumn> results;
        CARE_ASSIGN_OR_RETURN(BitColumn quotient, p.Evaluate(circuit, inputs));
        results.push_back(std::move(quotient));
        return OpenAll(p, results, {});
      },
      expected);
  EXPECT_LT(CircuitCost(64, circuit).bytes, CircuitCost(64, DivideCircuit(20, 10, CompareDepth::kRipple)).bytes);
}

TEST(DivideCircuits, PublicDivisorsAreCheap) {
  // Powers of two are free; others take half of a long division's rounds, and fewer bytes from a hundred on.
  EXPECT_EQ(CircuitCost(64, QuotientByPublicCircuit(40, 1024, CompareDepth::kTree)).rounds, 0u);
  for (const std::uint64_t divisor : {3u, 10u, 100u, 365u, 10'000u}) {
    SCOPED_TRACE(divisor);
    const Cost reciprocal = CircuitCost(64, QuotientByPublicCircuit(31, divisor, CompareDepth::kTree));
    const Cost long_division = CircuitCost(64, DivideCircuit(31, std::bit_width(divisor), CompareDepth::kTree));
    if (divisor >= 100) {
      EXPECT_LT(reciprocal.bytes, long_division.bytes);
    }
    EXPECT_LT(reciprocal.rounds, long_division.rounds / 2);
    EXPECT_LT(reciprocal.rounds, 40u);
  }
}

}  // namespace
}  // namespace care::mpc
