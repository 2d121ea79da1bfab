// Operators that sort, over inputs that have the same order of (key, row) and nothing else in common, under the same
// randomness: every party sends and receives messages of the same sizes in the same order, is opened the same values, and
// what arrives is distributed alike. So neither sizes nor openings depend on more than the order of the rows, which the
// shuffle makes uniform: whether keys repeat, match or are all the same does not show.
//
// What arrives cannot be the same, byte by byte: a mask that is the same hides other data. It is compared as two samples,
// byte position by byte position; a statistic has 255 degrees of freedom.

#include <functional>
#include <map>
#include <mutex>

#include "mpc/relational/compact.h"
#include "mpc/relational/group_by_sort.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/order_by.h"
#include "mpc/relational/sort_join.h"
#include "mpc/relational/sum_by_sorted_codes.h"
#include "tests/leakage/watching_protocol.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

constexpr std::size_t kRows = 300;
constexpr unsigned kKeyBits = 20;
constexpr std::uint64_t kDomain = 50;

struct Seen {
  std::array<PartyView, 3> views;
  std::array<std::vector<Integers>, 3> opened;  // opening by opening
};

using Operator = std::function<absl::Status(Protocol&, const Integers& keys, const Integers& values)>;

Seen Run(const Operator& run_it, const Integers& keys, const Integers& values) {
  Seen seen;
  std::mutex mutex;
  const auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        std::vector<SeenOpening> openings;
        WatchingProtocol watching(p, openings);
        CARE_RETURN_IF_ERROR(run_it(watching, keys, values));
        const std::lock_guard lock(mutex);
        for (unsigned role = 0; role < 3; ++role) {
          if (!p.Holds(role)) continue;
          for (const SeenOpening& opening : openings) seen.opened[role].push_back(opening.values);
        }
        return 0;
      },
      {.seed = 5, .keep_received_bytes = std::size_t{1} << 26});
  EXPECT_TRUE(run.ok()) << run.status();
  seen.views = run.views;
  return seen;
}

// The largest two-sample statistic of the byte positions of a word.
double WorstDifference(const std::vector<std::uint8_t>& first, const std::vector<std::uint8_t>& second) {
  double worst = 0;
  for (std::size_t position = 0; position < 8; ++position) {
    std::array<double, 256> a{}, b{};
    for (std::size_t k = position; k < first.size(); k += 8) ++a[first[k]];
    for (std::size_t k = position; k < second.size(); k += 8) ++b[second[k]];
    double statistic = 0;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (a[byte] + b[byte] > 0) statistic += (a[byte] - b[byte]) * (a[byte] - b[byte]) / (a[byte] + b[byte]);
    }
    worst = std::max(worst, statistic);
  }
  return worst;
}

JoinBound OneRowAKey() { return {1, TestDisclosure(), "rows"}; }

absl::Status Join(Protocol& p, const Integers& keys, const Integers& values) {
  JoinSide left, right;
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, kKeyBits));
  CARE_ASSIGN_OR_RETURN(const BitColumn brings, InputBitsForTest(p, 1, values, 20));
  left.key = key.Rows(0, kRows / 2);
  right.key = key.Rows(kRows / 2, kRows / 2);
  return SortJoin(p, left, brings.Rows(0, kRows / 2), right, OneRowAKey(), TestDisclosure()).status();
}

absl::Status Group(Protocol& p, const Integers& keys, const Integers& values) {
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, kKeyBits));
  CARE_ASSIGN_OR_RETURN(const RingColumn value, InputRingForTest(p, 1, values));
  return GroupRows(p, key, {}, {value}, TestDisclosure()).status();
}

absl::Status Distinct(Protocol& p, const Integers& keys, const Integers& values) {
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, kKeyBits));
  CARE_ASSIGN_OR_RETURN(const BitColumn value, InputBitsForTest(p, 1, values, 20));
  return DistinctRows(p, key, {}, {{value}, {}}, TestDisclosure()).status();
}

absl::Status CountDistinctOf(Protocol& p, const Integers& keys, const Integers&) {
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, kKeyBits));
  return CountDistinct(p, key, PublicZeroes(p, kRows, 3), {}, TestDisclosure()).status();
}

absl::Status GroupToABound(Protocol& p, const Integers& keys, const Integers& values) {
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, kKeyBits));
  CARE_ASSIGN_OR_RETURN(const RingColumn value, InputRingForTest(p, 1, values));
  return GroupRowsTo(p, {kRows, TestDisclosure(), "groups"}, key, {}, {value}, TestDisclosure(), TestDisclosure())
      .status();
}

absl::Status SumByCode(Protocol& p, const Integers& keys, const Integers& values) {
  CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, kKeyBits));
  CARE_ASSIGN_OR_RETURN(const RingColumn value, InputRingForTest(p, 1, values));
  CARE_ASSIGN_OR_RETURN(const BitColumn all, InputBitsForTest(p, 2, Integers(kRows, 1), 1));
  return SumBySortedCodes(p, key, all, kDomain, {value}, TestDisclosure(), TestDisclosure()).status();
}

void ExpectAlike(const Operator& run_it, const Integers& keys, const Integers& other_keys, bool same_openings) {
  const Integers zeros(kRows, 0), ones(kRows, (1u << 20) - 1);
  const Seen first = Run(run_it, keys, zeros), second = Run(run_it, other_keys, ones);
  for (unsigned role = 0; role < 3; ++role) {
    const PartyView& a = first.views[role];
    const PartyView& b = second.views[role];
    EXPECT_EQ(a.next_records, b.next_records) << "P" << role;
    EXPECT_EQ(a.previous_records, b.previous_records) << "P" << role;
    EXPECT_FALSE(first.opened[role].empty());
    if (same_openings) {
      EXPECT_EQ(first.opened[role], second.opened[role]) << "P" << role;
    }
    EXPECT_LT(WorstDifference(a.next_received, b.next_received), kUniformityBound) << "P" << role;
    EXPECT_LT(WorstDifference(a.previous_received, b.previous_received), kUniformityBound) << "P" << role;
  }
}

// Rows in the order of their keys: all one key, and each a key of its own.
Integers OneKey() { return Integers(kRows, 7); }
Integers ManyKeys() {
  Integers keys(kRows);
  for (std::size_t row = 0; row < kRows; ++row) keys[row] = 7 * row;
  return keys;
}

TEST(RelationalViews, GroupsOfAllRowsAndOfOneLookAlike) {
  ExpectAlike(Group, OneKey(), ManyKeys(), true);
  ExpectAlike(CountDistinctOf, OneKey(), ManyKeys(), true);
  ExpectAlike(Distinct, OneKey(), ManyKeys(), true);
}

// Left rows with distinct keys in some order; right rows that all match, or none of which does.
TEST(RelationalViews, JoinsThatMatchAllAndNothingLookAlike) {
  Integers matching(kRows), other(kRows);
  for (std::size_t row = 0; row < kRows / 2; ++row) {
    const std::uint64_t key = 4 * (row * 77 % (kRows / 2));
    matching[row] = other[row] = key;
    matching[kRows / 2 + row] = key;
    other[kRows / 2 + row] = key + 1;
  }
  ExpectAlike(Join, matching, other, true);
}

// What these open beside the comparisons follows from the data and the shuffle: places, ends. Which values do not: the
// places are each of 0 .. n - 1 once, the codes each of the domain once. Codes of rows are among the codes of the domain in
// order, so that only those that are none of them can differ.
TEST(RelationalViews, OperatorsThatOpenPlacesOpenAllOfThem) {
  Integers outside = ManyKeys();
  for (std::uint64_t& code : outside) code += kDomain;
  const std::vector<std::tuple<Operator, Integers, Integers>> cases = {
      {GroupToABound, OneKey(), ManyKeys()}, {SumByCode, Integers(kRows, kDomain), outside}};
  for (const auto& [run_it, keys, other_keys] : cases) {
    ExpectAlike(run_it, keys, other_keys, false);
    const Seen first = Run(run_it, keys, Integers(kRows, 1)), second = Run(run_it, other_keys, Integers(kRows, 9));
    ASSERT_EQ(first.opened[0].size(), second.opened[0].size());
    for (std::size_t i = 0; i < first.opened[0].size(); ++i) {
      Integers a = first.opened[0][i], b = second.opened[0][i];
      // The comparisons, which come first, are the same as they are; the others are once they are in order.
      std::ranges::sort(a);
      std::ranges::sort(b);
      EXPECT_EQ(a, b) << "opening " << i;
    }
  }
}

// The comparison would notice: of a key that is all zeros and one that is not, opened as they are.
TEST(RelationalViews, TheComparisonNoticesADifference) {
  const auto open = [](Protocol& p, const Integers& keys, const Integers&) -> absl::Status {
    const BitColumn key = p.PublicBits(BitPlanes::FromIntegers(keys, kKeyBits));
    return p.Open(key, TestDisclosure()).status();
  };
  const Seen first = Run(open, OneKey(), {}), second = Run(open, ManyKeys(), {});
  EXPECT_NE(first.opened[0], second.opened[0]);
  std::vector<std::uint8_t> zeros(8 * 4096, 0), counting(8 * 4096);
  for (std::size_t k = 0; k < counting.size(); ++k) counting[k] = static_cast<std::uint8_t>(k / 8);
  EXPECT_GT(WorstDifference(zeros, counting), kUniformityBound);
}

}  // namespace
}  // namespace care::mpc
