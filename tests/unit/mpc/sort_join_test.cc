// Joins on secret keys, on both protocols, against a nested loop: duplicates on the right, several matches on
// the left, rows that are not valid (with keys that would match), empty sides, all keys equal; every kind of
// join from the bits that come out; and the traffic beside the sort's against the formula.
#include "mpc/relational/sort_join.h"

#include <algorithm>
#include <numeric>

#include "mpc/cost/relational_cost.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/sort.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/metered.h"

namespace care::mpc {
namespace {

constexpr unsigned kKeyBits = 10;
constexpr unsigned kPayloadBits = 21;

struct Side {
  Integers keys, valid;
};

// Left keys: each of 0, step, 2 step .. up to `most` times, shuffled.
Side LeftSide(std::mt19937_64& random, std::size_t rows, unsigned most, std::uint64_t step) {
  Side side;
  for (std::uint64_t key = 0; side.keys.size() < rows; key += step) {
    side.keys.insert(side.keys.end(), std::min<std::size_t>(1 + random() % most, rows - side.keys.size()),
                     key);
  }
  std::ranges::shuffle(side.keys, random);
  for (std::size_t i = 0; i < rows; ++i) side.valid.push_back(random() % 4 != 0);
  return side;
}
Side RightSide(std::mt19937_64& random, std::size_t rows, std::uint64_t range) {
  Side side;
  for (std::size_t i = 0; i < rows; ++i) {
    side.keys.push_back(random() % range);
    side.valid.push_back(random() % 4 != 0);
  }
  return side;
}

JoinBound Bound(unsigned most) { return {most, TestDisclosure(), "rows of the left table"}; }

void ExpectJoin(const Side& left, const Integers& payload, unsigned payload_bits, const Side& right,
                unsigned most, bool with_valid) {
  const auto matches = [&](std::size_t l, std::size_t r) {
    const bool valid = !with_valid || (left.valid[l] != 0 && right.valid[r] != 0);
    return valid && left.keys[l] == right.keys[r];
  };
  const std::size_t left_rows = left.keys.size(), right_rows = right.keys.size();
  Integers expected;
  for (unsigned d = 0; d < most; ++d) {
    Integers matched(right_rows, 0), values(right_rows, 0);
    for (std::size_t r = 0; r < right_rows; ++r) {
      unsigned found = 0;
      for (std::size_t l = 0; l < left_rows; ++l) {
        if (!matches(l, r) || found++ != d) continue;
        matched[r] = 1;
        values[r] = payload[l];
      }
    }
    expected.insert(expected.end(), matched.begin(), matched.end());
    if (payload_bits > 0) expected.insert(expected.end(), values.begin(), values.end());
  }
  for (std::size_t l = 0; l < left_rows; ++l) {
    bool any = false;
    for (std::size_t r = 0; r < right_rows; ++r) any = any || matches(l, r);
    expected.push_back(any);
  }
  const Disclosure disclosure = TestDisclosure();
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        JoinSide left_side, right_side;
        CARE_ASSIGN_OR_RETURN(left_side.key, InputBitsForTest(p, 0, left.keys, kKeyBits));
        CARE_ASSIGN_OR_RETURN(right_side.key, InputBitsForTest(p, 1, right.keys, kKeyBits));
        if (with_valid) {
          CARE_ASSIGN_OR_RETURN(left_side.valid, InputBitsForTest(p, 0, left.valid, 1));
          CARE_ASSIGN_OR_RETURN(right_side.valid, InputBitsForTest(p, 1, right.valid, 1));
        }
        CARE_ASSIGN_OR_RETURN(const BitColumn brings, InputBitsForTest(p, 0, payload, payload_bits));
        CARE_ASSIGN_OR_RETURN(const SortJoinResult joined,
                              SortJoin(p, left_side, brings, right_side, Bound(most), disclosure));
        std::vector<BitColumn> columns;
        for (const SortJoinResult::Slot& slot : joined.slots) {
          columns.push_back(slot.matched);
          if (payload_bits > 0) columns.push_back(slot.payload);
        }
        columns.push_back(joined.left_matched);
        return OpenAll(p, columns, {});
      },
      expected);
}

TEST(SortJoin, IsTheNestedLoop) {
  std::mt19937_64 random(3);
  for (const auto& [left_rows, right_rows] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {0, 3}, {3, 0}, {1, 1}, {5, 9}, {64, 64}, {100, 300}, {300, 40}}) {
    for (const unsigned most : {1u, 2u, 4u}) {
      for (const bool with_valid : {false, true}) {
        SCOPED_TRACE(testing::Message() << left_rows << " x " << right_rows << ", at most " << most);
        const Side left = LeftSide(random, left_rows, most, 3);
        const Side right = RightSide(random, right_rows, 3 * left_rows + 2);
        ExpectJoin(left, RandomIntegers(random, left_rows, kPayloadBits), kPayloadBits, right, most,
                   with_valid);
      }
    }
  }
}

TEST(SortJoin, OneKeyForAllAndNoPayload) {
  const Side left = {{7}, {1}};
  const Side right = {Integers(100, 7), Integers(100, 1)};
  ExpectJoin(left, {9}, kPayloadBits, right, 1, true);
  ExpectJoin(left, {0}, 0, right, 1, false);
}

// Keys that no valid row has, on rows that are not valid, in both sides: they would be each other's matches.
TEST(SortJoin, RowsThatAreNotValidMatchNothing) {
  const Side left = {{1, 2, 3}, {0, 1, 0}};
  const Side right = {{1, 2, 3, 3}, {1, 0, 0, 1}};
  ExpectJoin(left, {10, 20, 30}, kPayloadBits, right, 1, true);
}

// One key in one row more than declared, in every place of a key's rows and of the block; with as many rows as declared,
// or if the row too many is not valid, there is an answer.
TEST(SortJoin, AKeyInMoreRowsThanDeclaredIsAnError) {
  std::mt19937_64 random(12);
  for (const unsigned most : {1u, 2u, 3u}) {
    for (const std::size_t rows : {std::size_t{4}, std::size_t{70}, std::size_t{200}}) {
      for (const bool too_many : {true, false}) {
        for (const bool row_is_valid : {true, false}) {
          SCOPED_TRACE(testing::Message() << rows << " rows, at most " << most << too_many << row_is_valid);
          Integers keys(rows), valid(rows, 1);
          for (std::size_t i = 0; i < rows; ++i) keys[i] = 4 * i;
          const unsigned copies = most + (too_many ? 1 : 0);
          const std::uint64_t key = keys[random() % rows];
          std::ranges::replace(keys, key, std::uint64_t{1});
          Integers places(rows);
          std::iota(places.begin(), places.end(), 0);
          std::ranges::shuffle(places, random);
          for (unsigned i = 0; i < copies; ++i) keys[places[i]] = key;
          valid[places[0]] = row_is_valid;
          const auto body = [&](Protocol& p) -> absl::StatusOr<int> {
            JoinSide left, right;
            CARE_ASSIGN_OR_RETURN(left.key, InputBitsForTest(p, 0, keys, kKeyBits));
            CARE_ASSIGN_OR_RETURN(left.valid, InputBitsForTest(p, 0, valid, 1));
            CARE_ASSIGN_OR_RETURN(right.key, InputBitsForTest(p, 1, {key, 3}, kKeyBits));
            const BitColumn nothing = PublicZeroes(p, rows, 0);
            CARE_RETURN_IF_ERROR(SortJoin(p, left, nothing, right, Bound(most), TestDisclosure()).status());
            return 0;
          };
          Plain plain({TestDisclosure()});
          std::vector<absl::Status> statuses = {body(plain).status()};
          const auto run = RunThreeParties(body);
          for (const auto& result : run.results) statuses.push_back(result.status());
          for (const absl::Status& status : statuses) {
            if (too_many && row_is_valid) {
              EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
            } else {
              EXPECT_TRUE(status.ok()) << status;
            }
          }
        }
      }
    }
  }
}

TEST(SortJoin, SelfJoin) {
  std::mt19937_64 random(8);
  Side side = LeftSide(random, 50, 1, 5);
  ExpectJoin(side, RandomIntegers(random, 50, kPayloadBits), kPayloadBits, side, 1, true);
}

// The same keys under the same randomness: the sort costs the same alone.
TEST(SortJoin, CostsTheSortAndTheFormula) {
  std::mt19937_64 random(4);
  for (const auto& [left_rows, right_rows] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {1, 0}, {0, 1}, {2, 2}, {64, 65}, {100, 300}}) {
    for (const unsigned payload_bits : {0u, 21u}) {
      for (const unsigned most : {1u, 3u}) {
        SCOPED_TRACE(testing::Message() << left_rows << " x " << right_rows << ", " << payload_bits);
        Integers keys = RandomIntegers(random, left_rows + right_rows, kKeyBits);
        std::iota(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(left_rows), 0);  // no key too often
        const auto key = [&](Protocol& p) { return p.PublicBits(BitPlanes::FromIntegers(keys, kKeyBits)); };
        const Cost sort = Metered([&](Protocol& p) {
          const BitColumn brings = PublicZeroes(p, keys.size(), payload_bits + 1);
          return SortRows(p, key(p), {{brings}, {}}, TestDisclosure()).status();
        });
        ExpectMetered("join", sort + SortJoinCost({left_rows, right_rows, kKeyBits, payload_bits, most}),
                      [&](Protocol& p) {
                        const JoinSide left = {key(p).Rows(0, left_rows), {}};
                        const JoinSide right = {key(p).Rows(left_rows, right_rows), {}};
                        return SortJoin(p, left, PublicZeroes(p, left_rows, payload_bits), right, Bound(most),
                                        TestDisclosure())
                            .status();
                      });
      }
    }
  }
}

// All right rows match, or none does, in the same order of (key, row): nobody sees a difference, not in sizes
// and not in what is opened.
TEST(SortJoin, AllMatchesAndNoneLookAlike) {
  constexpr std::size_t kRows = 200;
  std::vector<PartyView> views;
  for (const std::uint64_t gap : {0u, 1u}) {
    Integers left_keys, right_keys;
    for (std::size_t i = 0; i < kRows; ++i) {
      left_keys.push_back(2 * (i * 77 % kRows));
      right_keys.push_back(left_keys.back() + gap);
    }
    const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
      JoinSide left, right;
      CARE_ASSIGN_OR_RETURN(left.key, InputBitsForTest(p, 0, left_keys, kKeyBits));
      CARE_ASSIGN_OR_RETURN(right.key, InputBitsForTest(p, 1, right_keys, kKeyBits));
      CARE_RETURN_IF_ERROR(SortJoin(p, left, PublicZeroes(p, kRows, 5), right, Bound(1), TestDisclosure()).status());
      return 0;
    });
    ASSERT_TRUE(run.ok()) << run.status();
    for (unsigned role = 0; role < 3; ++role) {
      if (gap == 0) {
        views.push_back(run.views[role]);
        continue;
      }
      EXPECT_EQ(run.views[role].next_records, views[role].next_records);
      EXPECT_EQ(run.views[role].previous_records, views[role].previous_records);
    }
  }
}

}  // namespace
}  // namespace care::mpc
