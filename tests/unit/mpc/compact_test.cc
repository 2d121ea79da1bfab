// Flagged rows to the front and back again, on both protocols: none, all, and random flags; a bound that
// holds, to the row, and one that does not; that what is opened is a permutation which tells nothing of the
// flags; and the traffic against the formula.
#include "mpc/relational/compact.h"

#include <algorithm>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "mpc/cost/relational_cost.h"
#include "mpc/relational/neighbours.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"

namespace care::mpc {
namespace {

constexpr unsigned kWidth = 17;

struct Rows {
  Integers flags, bits, ring;
  // Where the rows go: flagged ones first.
  std::vector<std::size_t> Order() const {
    std::vector<std::size_t> order;
    for (const std::uint64_t flag : {1u, 0u}) {
      for (std::size_t i = 0; i < flags.size(); ++i) {
        if (flags[i] == flag) order.push_back(i);
      }
    }
    return order;
  }
};

// One of `every` rows is flagged; 0: none.
Rows RandomRows(std::size_t rows, unsigned every, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Rows result{Integers(rows), RandomIntegers(random, rows, kWidth), RandomIntegers(random, rows, 64)};
  for (std::uint64_t& flag : result.flags) flag = every != 0 && random() % every == 0;
  return result;
}

struct Shared {
  BitColumn flag;
  Protocol::Columns columns;
};
absl::StatusOr<Shared> Share(Protocol& p, const Rows& rows) {
  Shared shared;
  CARE_ASSIGN_OR_RETURN(shared.flag, InputBitsForTest(p, 0, rows.flags, 1));
  CARE_ASSIGN_OR_RETURN(BitColumn bits, InputBitsForTest(p, 1, rows.bits, kWidth));
  CARE_ASSIGN_OR_RETURN(RingColumn ring, InputRingForTest(p, 2, rows.ring));
  shared.columns = {{std::move(bits)}, {std::move(ring)}};
  return shared;
}

CompactBound Bound(std::size_t rows) { return {rows, TestDisclosure(), "rows in a test"}; }

TEST(Compact, ThereAndBack) {
  for (const std::size_t n : {0u, 1u, 2u, 64u, 65u, 300u}) {
    for (const unsigned every : {0u, 1u, 2u, 9u}) {
      SCOPED_TRACE(testing::Message() << n << " rows, one of " << every);
      const Rows rows = RandomRows(n, every, n + every);
      Integers expected;
      const auto order = rows.Order();
      for (const Integers* column : {&rows.flags, &rows.bits, &rows.ring}) {
        for (const std::size_t row : order) expected.push_back((*column)[row]);
      }
      expected.insert(expected.end(), rows.bits.begin(), rows.bits.end());
      expected.insert(expected.end(), rows.ring.begin(), rows.ring.end());
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, rows));
            CARE_ASSIGN_OR_RETURN(const CompactRows moved,
                                  Compact(p, shared.flag, shared.columns, TestDisclosure()));
            CARE_ASSIGN_OR_RETURN(const Protocol::Columns back, Uncompact(p, moved.order, moved.columns));
            CARE_ASSIGN_OR_RETURN(Integers all,
                                  OpenAll(p, {moved.valid, moved.columns.bits[0]}, moved.columns.rings));
            CARE_ASSIGN_OR_RETURN(const Integers again, OpenAll(p, back.bits, back.rings));
            all.insert(all.end(), again.begin(), again.end());
            return all;
          },
          expected);
    }
  }
}

TEST(Compact, ToABoundThatHolds) {
  const Rows rows = RandomRows(300, 6, 1);
  const auto flagged = static_cast<std::size_t>(std::count(rows.flags.begin(), rows.flags.end(), 1u));
  for (const std::size_t bound : {flagged, flagged + 7, rows.flags.size(), rows.flags.size() + 5}) {
    const std::size_t kept = std::min(bound, rows.flags.size());
    const auto order = rows.Order();
    Integers expected;
    for (const Integers* column : {&rows.flags, &rows.ring}) {
      for (std::size_t r = 0; r < kept; ++r) expected.push_back((*column)[order[r]]);
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, rows));
          CARE_ASSIGN_OR_RETURN(const CompactRows moved,
                                CompactTo(p, Bound(bound), shared.flag, shared.columns, TestDisclosure()));
          return OpenAll(p, {moved.valid}, moved.columns.rings);
        },
        expected);
  }
}

// One row too many: an error that names what and the bound, and nothing opened but the one bit.
TEST(Compact, ToABoundThatDoesNotHold) {
  const Rows rows = RandomRows(300, 6, 1);
  const auto flagged = static_cast<std::size_t>(std::count(rows.flags.begin(), rows.flags.end(), 1u));
  ThreePartiesOptions options;
  options.disclosures = {{.id = 1, .what = "overflow", .max_values = 1, .rule = "test"},
                         CompactDisclosure(2, rows.flags.size(), "places")};
  const auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        CARE_ASSIGN_OR_RETURN(const Shared shared, Share(p, rows));
        const CompactBound bound = {flagged - 1, options.disclosures[0], "groups"};
        CARE_RETURN_IF_ERROR(
            CompactTo(p, bound, shared.flag, shared.columns, options.disclosures[1]).status());
        return 0;
      },
      options);
  for (unsigned role = 0; role < 3; ++role) {
    EXPECT_EQ(run.results[role].status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(run.results[role].status().message()), testing::HasSubstr("groups"));
    for (const OpenedCount& opened : run.opened[role]) EXPECT_EQ(opened.values, opened.id == 1 ? 1 : 0);
  }
}

// Three rows and 600 seeds: each order of places is opened equally often, whichever rows are flagged.
TEST(Compact, OpensAUniformPermutation) {
  for (const Integers& flags : std::vector<Integers>{{0, 0, 0}, {0, 1, 0}, {1, 0, 1}}) {
    std::map<std::vector<std::uint32_t>, double> counts;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
      auto run = RunThreeParties(
          [&](Protocol& p) -> absl::StatusOr<std::vector<std::uint32_t>> {
            const BitColumn flag = p.PublicBits(BitPlanes::FromIntegers(flags, 1));
            CARE_ASSIGN_OR_RETURN(const CompactRows moved, Compact(p, flag, {}, TestDisclosure()));
            return moved.order.places;
          },
          {.seed = seed});
      ASSERT_TRUE(run.ok()) << run.status();
      ++counts[run.value(0)];
    }
    ASSERT_EQ(counts.size(), 6u);
    double statistic = 0;
    for (const auto& [order, count] : counts) statistic += (count - 100) * (count - 100) / 100;
    EXPECT_LT(statistic, 30);  // five degrees of freedom: once in 10^5
  }
}

// A party whose shares are wrong can spoil the answer, and end the query, but no process.
TEST(Compact, WrongSharesAreAnError) {
  const auto run = RunThreeParties([](Protocol& p) -> absl::StatusOr<int> {
    CARE_ASSIGN_OR_RETURN(Shared shared, Share(p, RandomRows(300, 2, 5)));
    if (p.Holds(2)) {
      for (std::uint64_t& word : shared.flag.part(0).words()) word ^= 0x123456789abcdef;
    }
    CARE_RETURN_IF_ERROR(Compact(p, shared.flag, shared.columns, TestDisclosure()).status());
    return 0;
  });
  EXPECT_FALSE(run.ok());
}

TEST(Compact, CostsTheFormula) {
  for (const std::uint64_t n : {0u, 1u, 63u, 65u, 300u}) {
    const auto columns = [&](Protocol& p) {
      return Protocol::Columns{{PublicZeroes(p, n, kWidth)}, {PublicZeroes(p, n)}};
    };
    ExpectMetered("compact", CompactCost(n, kWidth, 1), [&](Protocol& p) {
      return Compact(p, PublicZeroes(p, n, 1), columns(p), TestDisclosure()).status();
    });
    for (const std::uint64_t bound : {0u, 5u, 300u}) {
      ExpectMetered("compact to a bound", CompactCost(n, kWidth, 1, &bound), [&](Protocol& p) {
        return CompactTo(p, Bound(bound), PublicZeroes(p, n, 1), columns(p), TestDisclosure()).status();
      });
    }
  }
}

}  // namespace
}  // namespace care::mpc
