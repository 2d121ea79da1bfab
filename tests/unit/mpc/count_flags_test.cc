// Counts of flags against a clear count on both protocols, at sizes around words and slices; traffic against the cost
// function and against its promise of about one AND a row.
#include "mpc/relational/count_flags.h"

#include <numeric>

#include "mpc/cost/cost.h"
#include "mpc/relational/any_row.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

TEST(CountFlags, EqualsTheClearCount) {
  std::mt19937_64 random(1);
  for (const std::size_t rows : {0, 1, 2, 63, 64, 65, 1000, 12345}) {
    SCOPED_TRACE(rows);
    const Integers flags = RandomIntegers(random, rows, 1);
    const std::uint64_t count = std::accumulate(flags.begin(), flags.end(), std::uint64_t{0});
    for (const unsigned width : {RingWidthFor(rows), 64u}) {
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 1, flags, 1));
            CARE_ASSIGN_OR_RETURN(const RingColumn counted, CountFlags(p, x, width));
            EXPECT_EQ(counted.width(), width);
            return OpenAll(p, {}, {counted});
          },
          {count});
    }
  }
  const Integers all(5000, 1);
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 1, all, 1));
        CARE_ASSIGN_OR_RETURN(const RingColumn counted, CountFlags(p, x));
        return OpenAll(p, {}, {counted});
      },
      {5000});
}

TEST(CountFlags, ACountForEachPlane) {
  std::mt19937_64 random(2);
  for (const std::size_t rows : {0, 1, 65, 1000}) {
    SCOPED_TRACE(rows);
    const Integers flags = RandomIntegers(random, rows, 3);
    Integers counts(3, 0);
    for (const std::uint64_t flag : flags) {
      for (unsigned plane = 0; plane < 3; ++plane) counts[plane] += flag >> plane & 1;
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 1, flags, 3));
          CARE_ASSIGN_OR_RETURN(const RingColumn counted, CountFlags(p, x));
          return OpenAll(p, {}, {counted});
        },
        counts);
    const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
      CARE_RETURN_IF_ERROR(CountFlags(p, p.PublicBits(BitPlanes(rows, 3))).status());
      return 0;
    });
    ASSERT_TRUE(run.ok()) << run.status();
    EXPECT_EQ(run.bytes_sent(), CountFlagsCost(rows, 64, 3).bytes);
  }
}

// Whether there is any, likewise.
TEST(AnyRow, AnAnswerForEachPlane) {
  for (const std::size_t rows : {0, 1, 2, 63, 200}) {
    SCOPED_TRACE(rows);
    Integers flags(rows, 0);
    if (rows > 0) flags.back() = 2;
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 1, flags, 3));
          CARE_ASSIGN_OR_RETURN(const BitColumn any, AnyRow(p, x));
          return OpenAll(p, {any}, {});
        },
        {rows > 0 ? std::uint64_t{2} : std::uint64_t{0}});
  }
}

// A flag column may hold other rows' bits past its last row: they do not count.
TEST(CountFlags, IgnoresWhatLiesPastTheLastRow) {
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(BitColumn x, InputBitsForTest(p, 1, Integers(70), 1));
        CARE_ASSIGN_OR_RETURN(const RingColumn counted, CountFlags(p, p.Not(x)));
        return OpenAll(p, {}, {counted});
      },
      {70});
}

TEST(CountFlags, CostsWhatIsStated) {
  for (const std::size_t rows : {0, 1, 64, 65, 1000, 100'000}) {
    SCOPED_TRACE(rows);
    for (const unsigned width : {RingWidthFor(rows), 64u}) {
      const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
        CARE_RETURN_IF_ERROR(CountFlags(p, p.PublicBits(BitPlanes(rows, 1)), width).status());
        return 0;
      });
      ASSERT_TRUE(run.ok()) << run.status();
      EXPECT_EQ(run.bytes_sent(), CountFlagsCost(rows, width).bytes);
      EXPECT_EQ(run.rounds, CountFlagsCost(rows, width).rounds);
    }
  }
  const std::uint64_t million = 1 << 20;
  EXPECT_LT(8 * CountFlagsCost(million, RingWidthFor(million)).bytes, 5 * million);
  EXPECT_LT(CountFlagsCost(million, RingWidthFor(million)).rounds, 40);
}

}  // namespace
}  // namespace care::mpc
