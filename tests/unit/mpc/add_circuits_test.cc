// Sums, differences, products with public factors and counts of ones against integer arithmetic, at every
// width, on both protocols; their depth and number of ANDs against the header.
#include "mpc/circuit/add_circuits.h"

#include <bit>
#include <string>

#include "mpc/cost/cost.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

constexpr CompareDepth kDepths[] = {CompareDepth::kRipple, CompareDepth::kTree};

std::uint64_t Modulo(std::uint64_t value, unsigned width) {
  return width == 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

TEST(AddCircuits, SumsAndDifferencesAtEveryWidth) {
  std::mt19937_64 random(1);
  for (const unsigned width : {1u, 2u, 3u, 4u, 5u, 8u, 13u, 32u, 33u, 63u, 64u}) {
    SCOPED_TRACE(width);
    const Integers a = RandomIntegers(random, 131, width), b = RandomIntegers(random, 131, width);
    Integers expected;
    for (const CompareDepth depth : kDepths) {
      (void)depth;
      for (std::size_t i = 0; i < a.size(); ++i) expected.push_back(Modulo(a[i] + b[i], width));
      for (std::size_t i = 0; i < a.size(); ++i) expected.push_back(Modulo(a[i] - b[i], width));
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, width));
          CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, b, width));
          const BitColumn* inputs[] = {&x, &y};
          std::vector<BitColumn> results;
          for (const CompareDepth depth : kDepths) {
            CARE_ASSIGN_OR_RETURN(BitColumn sum, p.Evaluate(AddCircuit(width, depth), inputs));
            CARE_ASSIGN_OR_RETURN(BitColumn difference, p.Evaluate(SubtractCircuit(width, depth), inputs));
            results.push_back(std::move(sum));
            results.push_back(std::move(difference));
          }
          return OpenAll(p, results, {});
        },
        expected);
  }
}

TEST(AddCircuits, ProductsWithPublicFactors) {
  std::mt19937_64 random(2);
  const Integers a = RandomIntegers(random, 70, 64);
  const std::vector<std::uint64_t> factors = {
      0, 1, 2, 3, 7, 10, 100, 365, 0x5555555555555555, ~std::uint64_t{0}, std::uint64_t{1} << 63, random()};
  for (const unsigned width : {1u, 9u, 31u, 64u}) {
    Integers expected, values;
    for (const std::uint64_t value : a) values.push_back(Modulo(value, width));
    for (const std::uint64_t factor : factors) {
      for (const std::uint64_t value : values) expected.push_back(Modulo(value * factor, width));
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 2, values, width));
          const BitColumn* inputs[] = {&x};
          std::vector<BitColumn> results;
          for (const std::uint64_t factor : factors) {
            CARE_ASSIGN_OR_RETURN(
                BitColumn product,
                p.Evaluate(MultiplyPublicCircuit(width, factor, CompareDepth::kTree), inputs));
            results.push_back(std::move(product));
          }
          return OpenAll(p, results, {});
        },
        expected);
  }
}

TEST(AddCircuits, CountsOnes) {
  std::mt19937_64 random(3);
  for (const unsigned inputs : {1u, 2u, 3u, 4u, 7u, 8u, 31u, 64u}) {
    SCOPED_TRACE(inputs);
    Integers a = RandomIntegers(random, 100, inputs), expected;
    a.push_back(0);
    a.push_back(Modulo(~std::uint64_t{0}, inputs));
    for (const std::uint64_t value : a) expected.push_back(static_cast<std::uint64_t>(std::popcount(value)));
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 1, a, inputs));
          const BitColumn* columns[] = {&x};
          CARE_ASSIGN_OR_RETURN(const BitColumn count, p.Evaluate(CountOnesCircuit(inputs), columns));
          return OpenAll(p, {count}, {});
        },
        expected);
  }
}

TEST(AddCircuits, AreAsDeepAndAsWideAsStated) {
  const auto ands = [](const Cost& cost) { return cost.bytes / 24; };
  for (unsigned width = 2; width <= 64; ++width) {
    SCOPED_TRACE(width);
    for (const auto circuit : {AddCircuit, SubtractCircuit}) {
      const Cost ripple = CircuitCost(64, circuit(width, CompareDepth::kRipple));
      EXPECT_EQ(ands(ripple), width - 1);
      EXPECT_EQ(ripple.rounds, width - 1);
      const Cost prefix = CircuitCost(64, circuit(width, CompareDepth::kTree));
      EXPECT_EQ(prefix.rounds, 1 + std::bit_width(width - 2));
      unsigned gates = width - 1;
      for (unsigned span = 1; span < width - 1; span *= 2) {
        for (unsigned i = 0; i < width - 1; ++i) gates += (i & span) == 0 ? 0 : i >= 2 * span ? 2 : 1;
      }
      EXPECT_EQ(ands(prefix), gates);
    }
  }
  for (unsigned inputs = 1; inputs <= 1024; inputs = inputs * 2 + 1) {
    EXPECT_LT(ands(CircuitCost(64, CountOnesCircuit(inputs))), inputs);
  }
}

}  // namespace
}  // namespace care::mpc
