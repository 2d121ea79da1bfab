// Segments of sorted rows and what travels along them, on both protocols, against loops in the clear: empty
// input, one row, one segment, all rows alone, and random segments; and the traffic against the formulas.
#include "mpc/relational/segments.h"

#include <algorithm>
#include <functional>

#include "mpc/cost/relational_cost.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"

namespace care::mpc {
namespace {

constexpr std::size_t kRowCounts[] = {0, 1, 2, 3, 5, 64, 65, 127, 128, 300};

// Sorted keys whose runs are about `run` rows long; 0: one run.
Integers SortedKeys(std::mt19937_64& random, std::size_t rows, unsigned run) {
  Integers keys(rows);
  std::uint64_t key = 0;
  for (std::uint64_t& k : keys) {
    if (run != 0 && random() % run == 0) ++key;
    k = key;
  }
  return keys;
}

struct Segmented {
  Integers keys;
  // The first row of row i's segment.
  std::size_t First(std::size_t row) const {
    return std::lower_bound(keys.begin(), keys.end(), keys[row]) - keys.begin();
  }
  bool Continues(std::size_t row) const { return row > 0 && keys[row] == keys[row - 1]; }
};

void ForEachCase(const std::function<void(const Segmented&, std::mt19937_64&)>& check) {
  std::mt19937_64 random(5);
  for (const std::size_t rows : kRowCounts) {
    for (const unsigned run : {0u, 1u, 2u, 7u}) {
      SCOPED_TRACE(testing::Message() << rows << " rows, runs of " << run);
      check({SortedKeys(random, rows, run)}, random);
    }
  }
}

constexpr unsigned kKeyBits = 9;

absl::StatusOr<BitColumn> Continues(Protocol& p, const Segmented& rows) {
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, rows.keys, kKeyBits));
  return ContinuesSegment(p, key);
}

TEST(Segments, BeginAndEnd) {
  ForEachCase([](const Segmented& rows, std::mt19937_64&) {
    const std::size_t n = rows.keys.size();
    Integers expected;
    for (std::size_t i = 0; i < n; ++i) expected.push_back(rows.Continues(i));
    for (std::size_t i = 0; i < n; ++i) expected.push_back(i + 1 == n || !rows.Continues(i + 1));
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn continues, Continues(p, rows));
          return OpenAll(p, {continues, SegmentEnds(p, continues)}, {});
        },
        expected);
  });
}

TEST(Segments, LagAndLead) {
  ForEachCase([](const Segmented& rows, std::mt19937_64& random) {
    const std::size_t n = rows.keys.size();
    const Integers values = RandomIntegers(random, n, 20);
    for (const std::size_t distance : {1u, 2u, 5u}) {
      Integers lag_present, lag, lead_present, lead;
      for (std::size_t i = 0; i < n; ++i) {
        const bool before = i >= distance && rows.keys[i - distance] == rows.keys[i];
        const bool after = i + distance < n && rows.keys[i + distance] == rows.keys[i];
        lag_present.push_back(before);
        lag.push_back(before ? values[i - distance] : 0);
        lead_present.push_back(after);
        lead.push_back(after ? values[i + distance] : 0);
      }
      Integers expected;
      for (const Integers* part : {&lag_present, &lag, &lead_present, &lead})
        expected.insert(expected.end(), part->begin(), part->end());
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn continues, Continues(p, rows));
            CARE_ASSIGN_OR_RETURN(const BitColumn column, InputBitsForTest(p, 1, values, 20));
            CARE_ASSIGN_OR_RETURN(const Neighbour before, Lag(p, continues, column, distance));
            CARE_ASSIGN_OR_RETURN(const Neighbour after, Lead(p, continues, column, distance));
            return OpenAll(p, {before.present, before.values, after.present, after.values}, {});
          },
          expected);
    }
  });
}

TEST(SegmentedScan, CopiesExtremesAndFlags) {
  ForEachCase([](const Segmented& rows, std::mt19937_64& random) {
    const std::size_t n = rows.keys.size();
    const Integers values = RandomIntegers(random, n, 11);
    Integers flags(n);
    for (std::uint64_t& flag : flags) flag = random() % 5 == 0;
    Integers first, any, least, greatest;
    for (std::size_t i = 0; i < n; ++i) {
      const auto begin = static_cast<std::ptrdiff_t>(rows.First(i));
      const auto end = static_cast<std::ptrdiff_t>(i + 1);
      first.push_back(values[begin]);
      any.push_back(std::count(flags.begin() + begin, flags.begin() + end, 1u) > 0);
      least.push_back(*std::min_element(values.begin() + begin, values.begin() + end));
      greatest.push_back(*std::max_element(values.begin() + begin, values.begin() + end));
    }
    Integers expected;
    for (const Integers* part : {&first, &any, &least, &greatest})
      expected.insert(expected.end(), part->begin(), part->end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn continues, Continues(p, rows));
          CARE_ASSIGN_OR_RETURN(const BitColumn column, InputBitsForTest(p, 1, values, 11));
          CARE_ASSIGN_OR_RETURN(const BitColumn flag, InputBitsForTest(p, 2, flags, 1));
          CARE_ASSIGN_OR_RETURN(const BitColumn copied, CopyDown(p, continues, column));
          CARE_ASSIGN_OR_RETURN(const BitColumn set, RunningOr(p, continues, flag));
          CARE_ASSIGN_OR_RETURN(const BitColumn minimum, RunningMinimum(p, continues, column));
          CARE_ASSIGN_OR_RETURN(const BitColumn maximum, RunningMaximum(p, continues, column));
          return OpenAll(p, {copied, set, minimum, maximum}, {});
        },
        expected);
  });
}

TEST(SegmentedScan, SumsAndRowNumbers) {
  ForEachCase([](const Segmented& rows, std::mt19937_64& random) {
    const std::size_t n = rows.keys.size();
    const Integers a = RandomIntegers(random, n, 64), b = RandomIntegers(random, n, 3);
    Integers sum_a, sum_b, numbers;
    for (std::size_t i = 0; i < n; ++i) {
      sum_a.push_back(a[i] + (rows.Continues(i) ? sum_a.back() : 0));
      sum_b.push_back(b[i] + (rows.Continues(i) ? sum_b.back() : 0));
      numbers.push_back(1 + (rows.Continues(i) ? numbers.back() : 0));
    }
    Integers expected;
    for (const Integers* part : {&sum_a, &sum_b, &numbers})
      expected.insert(expected.end(), part->begin(), part->end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn continues, Continues(p, rows));
          CARE_ASSIGN_OR_RETURN(const RingColumn x, InputRingForTest(p, 1, a));
          CARE_ASSIGN_OR_RETURN(const RingColumn y, InputRingForTest(p, 2, b));
          CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> sums, RunningSums(p, continues, {x, y}));
          CARE_ASSIGN_OR_RETURN(RingColumn number, RowNumbers(p, continues));
          sums.push_back(std::move(number));
          return OpenAll(p, {}, sums);
        },
        expected);
  });
}

TEST(SegmentCosts, AreTheMeters) {
  for (const std::size_t n : kRowCounts) {
    SCOPED_TRACE(n);
    const auto bits = [n](Protocol& p, unsigned width) { return PublicZeroes(p, n, width); };
    ExpectMetered("continues", ContinuesSegmentCost(n, 33),
                  [&](Protocol& p) { return ContinuesSegment(p, bits(p, 33)).status(); });
    for (const unsigned distance : {1u, 3u}) {
      ExpectMetered("lag", LagCost(n, 7, distance),
                    [&](Protocol& p) { return Lag(p, bits(p, 1), bits(p, 7), distance).status(); });
      ExpectMetered("lead", LagCost(n, 7, distance),
                    [&](Protocol& p) { return Lead(p, bits(p, 1), bits(p, 7), distance).status(); });
    }
    ExpectMetered("copy down", CopyDownCost(n, 7),
                  [&](Protocol& p) { return CopyDown(p, bits(p, 1), bits(p, 7)).status(); });
    ExpectMetered("running or", RunningOrCost(n),
                  [&](Protocol& p) { return RunningOr(p, bits(p, 1), bits(p, 1)).status(); });
    ExpectMetered("running minimum", RunningMinimumCost(n, 7),
                  [&](Protocol& p) { return RunningMinimum(p, bits(p, 1), bits(p, 7)).status(); });
    ExpectMetered("running sums", RunningSumsCost(n, 2), [&](Protocol& p) {
      return RunningSums(p, bits(p, 1), std::vector<RingColumn>(2, PublicZeroes(p, n))).status();
    });
  }
}

// The header's claims at a million rows.
TEST(SegmentCosts, AMillionRows) {
  const std::uint64_t n = 1'000'000;
  EXPECT_LE(CopyDownCost(n, 64).bytes, 3 * (2 * 64 + 1) * n / 8 + 100'000);
  EXPECT_LE(CopyDownCost(n, 64).rounds, 38u);
  EXPECT_LE(RunningSumsCost(n, 1).bytes, 97 * n);
}

}  // namespace
}  // namespace care::mpc
