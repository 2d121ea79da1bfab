#include "mpc/relational/compare.h"

#include <string>

#include "engine/types/status_macros.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

constexpr CompareDepth kDepths[] = {CompareDepth::kRipple, CompareDepth::kBlock4, CompareDepth::kTree};

// Values that nearly agree as often as not, so that every bit gets to decide.
void Pairs(std::mt19937_64& random, std::size_t count, unsigned width, Integers& a, Integers& b) {
  a = RandomIntegers(random, count, width);
  b = RandomIntegers(random, count, width);
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 4 == 0) b[i] = a[i];
    if (i % 4 == 1 && width > 0) b[i] = a[i] ^ (std::uint64_t{1} << (random() % width));
  }
}

TEST(Compare, EqualAndLessAtEveryWidth) {
  std::mt19937_64 random(1);
  for (const unsigned width : {1u, 2u, 3u, 5u, 7u, 8u, 13u, 31u, 33u, 63u, 64u}) {
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{64}, std::size_t{131}}) {
      SCOPED_TRACE(std::to_string(width) + " bits, " + std::to_string(rows) + " rows");
      Integers a, b, expected;
      Pairs(random, rows, width, a, b);
      for (std::size_t i = 0; i < rows; ++i) expected.push_back(a[i] == b[i]);
      for (const CompareDepth depth : kDepths) {
        (void)depth;
        for (std::size_t i = 0; i < rows; ++i) expected.push_back(a[i] < b[i]);
      }
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, width));
            CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, b, width));
            CARE_ASSIGN_OR_RETURN(const BitColumn equal, EqualBits(p, x, y));
            std::vector<BitColumn> results = {equal};
            for (const CompareDepth depth : kDepths) {
              CARE_ASSIGN_OR_RETURN(BitColumn less, LessThanBits(p, x, y, depth));
              results.push_back(std::move(less));
            }
            return OpenAll(p, results, {});
          },
          expected);
    }
  }
}

TEST(Compare, EveryPairOfFourBitValuesAgainstEveryConstant) {
  Integers values;
  for (std::uint64_t v = 0; v < 16; ++v) values.push_back(v);
  Integers expected;
  for (std::uint64_t constant = 0; constant <= 17; ++constant) {
    for (const std::uint64_t v : values) expected.push_back(v < constant);
    for (const std::uint64_t v : values) expected.push_back(v >= constant);
  }
  for (const CompareDepth depth : kDepths) {
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 2, values, 4));
          std::vector<BitColumn> results;
          for (std::uint64_t constant = 0; constant <= 17; ++constant) {
            CARE_ASSIGN_OR_RETURN(BitColumn below, LessThanPublic(p, x, constant, depth));
            CARE_ASSIGN_OR_RETURN(BitColumn at_least, AtLeastPublic(p, x, constant, depth));
            results.push_back(std::move(below));
            results.push_back(std::move(at_least));
          }
          return OpenAll(p, results, {});
        },
        expected);
  }
}

// Enough rows for many chunks, more than are under way at once, the last one short; widths that fill messages.
TEST(Compare, ManyChunks) {
  std::mt19937_64 random(4);
  for (const auto& [rows, width] : {std::pair<std::size_t, unsigned>{1'100'000, 19}, {700'001, 64}}) {
    Integers a, b, expected;
    Pairs(random, rows, width, a, b);
    for (std::size_t i = 0; i < rows; ++i) expected.push_back(a[i] == b[i]);
    for (std::size_t i = 0; i < rows; ++i) expected.push_back(a[i] < b[i]);
    const auto body = [&, width = width](Protocol& p) -> absl::StatusOr<Integers> {
      CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, width));
      CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, b, width));
      CARE_ASSIGN_OR_RETURN(const BitColumn equal, EqualBits(p, x, y));
      CARE_ASSIGN_OR_RETURN(const BitColumn less,
                            LessThanBits(p, x, y, width == 19 ? CompareDepth::kRipple : CompareDepth::kTree));
      return OpenAll(p, {equal, less}, {});
    };
    const auto run = RunThreeParties(body);
    ASSERT_TRUE(run.ok()) << run.status();
    for (unsigned role = 0; role < 3; ++role) EXPECT_TRUE(*run.results[role] == expected) << "P" << role;
  }
}

TEST(Compare, ConstantsAtTheEdgesOfWideColumns) {
  const std::uint64_t top = std::uint64_t{1} << 63;
  const Integers values = {0, 1, top - 1, top, top + 1, ~std::uint64_t{0}};
  const Integers constants = {1, top, top + 1, ~std::uint64_t{0}};
  Integers expected;
  for (const std::uint64_t constant : constants) {
    for (const std::uint64_t v : values) expected.push_back(v < constant);
  }
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, values, 64));
        std::vector<BitColumn> results;
        for (const std::uint64_t constant : constants) {
          CARE_ASSIGN_OR_RETURN(BitColumn below, LessThanPublic(p, x, constant));
          results.push_back(std::move(below));
        }
        return OpenAll(p, results, {});
      },
      expected);
}

TEST(Compare, OrMuxAndConstants) {
  std::mt19937_64 random(3);
  const Integers a = RandomIntegers(random, 77, 9);
  const Integers b = RandomIntegers(random, 77, 9);
  const Integers flag = RandomIntegers(random, 77, 1);
  Integers expected;
  for (std::size_t i = 0; i < a.size(); ++i) expected.push_back(a[i] | b[i]);
  for (std::size_t i = 0; i < a.size(); ++i) expected.push_back(flag[i] ? a[i] : b[i]);
  for (std::size_t i = 0; i < a.size(); ++i) expected.push_back(300);
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 0, a, 9));
        CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, b, 9));
        CARE_ASSIGN_OR_RETURN(const BitColumn f, InputBitsForTest(p, 2, flag, 1));
        CARE_ASSIGN_OR_RETURN(const BitColumn either, Or(p, x, y));
        CARE_ASSIGN_OR_RETURN(const BitColumn chosen, Mux(p, f, x, y));
        return OpenAll(p, {either, chosen, PublicConstant(p, 77, 9, 300)}, {});
      },
      expected);
}

}  // namespace
}  // namespace care::mpc
