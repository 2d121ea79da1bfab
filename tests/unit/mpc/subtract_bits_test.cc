// Differences modulo 2^w, on both protocols, for every pair of small numbers and random wide ones, and their
// traffic.
#include "mpc/relational/subtract_bits.h"

#include "mpc/cost/relational_cost.h"
#include "mpc/relational/neighbours.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"

namespace care::mpc {
namespace {

void ExpectDifferences(const Integers& a, const Integers& b, unsigned width) {
  SCOPED_TRACE(width);
  Integers expected;
  for (std::size_t i = 0; i < a.size(); ++i) {
    expected.push_back((a[i] - b[i]) & (width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1));
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn left, InputBitsForTest(p, 0, a, width));
        CARE_ASSIGN_OR_RETURN(const BitColumn right, InputBitsForTest(p, 1, b, width));
        CARE_ASSIGN_OR_RETURN(const BitColumn difference, SubtractBits(p, left, right));
        return OpenForTest(p, difference);
      },
      expected);
}

TEST(SubtractBits, SmallAndWide) {
  std::mt19937_64 random(1);
  for (const unsigned width : {1u, 2u, 3u, 4u}) {
    Integers a, b;
    for (std::uint64_t x = 0; x < 1u << width; ++x) {
      for (std::uint64_t y = 0; y < 1u << width; ++y) {
        a.push_back(x);
        b.push_back(y);
      }
    }
    ExpectDifferences(a, b, width);
  }
  for (const unsigned width : {14u, 64u}) {
    ExpectDifferences(RandomIntegers(random, 100, width), RandomIntegers(random, 100, width), width);
  }
  ExpectDifferences({}, {}, 14);
}

TEST(SubtractBits, CostsTheFormula) {
  for (const unsigned width : {1u, 2u, 14u}) {
    ExpectMetered("subtract", SubtractBitsCost(70, width), [&](Protocol& p) {
      return SubtractBits(p, PublicZeroes(p, 70, width), PublicZeroes(p, 70, width)).status();
    });
  }
}

}  // namespace
}  // namespace care::mpc
