// OneHotCircuit on both protocols against comparing each value with each constant, and how few ANDs it takes.
#include "engine/types/status_macros.h"
#include "mpc/circuit/compare_circuits.h"
#include "mpc/cost/cost.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

std::vector<std::uint64_t> UpTo(std::uint64_t end) {
  std::vector<std::uint64_t> values;
  for (std::uint64_t value = 0; value < end; ++value) values.push_back(value);
  return values;
}

struct Case {
  unsigned width;
  std::vector<std::uint64_t> constants;
};

TEST(OneHot, AnOutputAConstant) {
  const std::vector<Case> cases = {{1, {0}},    {1, {1, 0}}, {2, {3, 1}},  {3, UpTo(7)},                     {5, UpTo(25)},
                                   {5, {7, 7}}, {3, {8, 2}}, {2, {9, 4}}, {64, {0, ~std::uint64_t{0}, 1}}};
  std::mt19937_64 random(1);
  for (const Case& c : cases) {
    SCOPED_TRACE(c.width);
    Integers codes = RandomIntegers(random, 70, c.width);
    for (const std::uint64_t constant : c.constants) codes.push_back(c.width == 64 ? constant : constant & ((1u << c.width) - 1));
    Integers expected(codes.size(), 0);
    for (std::size_t row = 0; row < codes.size(); ++row) {
      for (std::size_t i = 0; i < c.constants.size(); ++i) expected[row] |= std::uint64_t{codes[row] == c.constants[i]} << i;
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn bits, InputBitsForTest(p, 1, codes, c.width));
          const BitColumn* inputs[] = {&bits};
          CARE_ASSIGN_OR_RETURN(const BitColumn planes, p.Evaluate(OneHotCircuit(c.width, c.constants), inputs));
          return OpenAll(p, {planes}, {});
        },
        expected);
  }
}

// All values of five bits: 32 ANDs and some, where comparing with each takes 128.
TEST(OneHot, SharesWhatConstantsHaveInCommon) {
  const Cost cost = CircuitCost(64, OneHotCircuit(5, UpTo(32)));
  EXPECT_LE(cost.bytes, AndCost(64, 48).bytes);
  EXPECT_EQ(cost.rounds, 3u);
}

}  // namespace
}  // namespace care::mpc
