#include "mpc/relational/expand.h"

#include <string>

#include "engine/types/status_macros.h"
#include "mpc/relational/segment_reduce.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

TEST(SegmentLayout, HeadersThenRowsThenPads) {
  const std::vector<std::uint32_t> key_of_row = {2, 0, 2, 0, 2};
  const SegmentLayout layout = LayOutSegments(key_of_row, 4, 8);
  EXPECT_EQ(layout.header_of_key, (std::vector<std::uint32_t>{0, 3, 4, 8}));
  EXPECT_EQ(layout.last_of_key, (std::vector<std::uint32_t>{2, 3, 7, 8}));
  EXPECT_EQ(layout.slot_of_row, (std::vector<std::uint32_t>{5, 1, 6, 2, 7}));
}

struct Case {
  std::size_t keys;
  std::size_t row_bound;
  std::vector<std::uint32_t> key_of_row;
};

std::vector<Case> Cases() {
  std::mt19937_64 random(1);
  std::vector<Case> cases = {{0, 0, {}}, {0, 5, {}},           {1, 0, {}},        {1, 1, {0}},
                             {3, 4, {}}, {3, 4, {1, 1, 1, 1}}, {5, 70, {4, 0, 4}}};
  Case many{100, 333, {}};
  for (int row = 0; row < 300; ++row) {
    // A third of the keys has no rows, one has many.
    many.key_of_row.push_back(row % 3 == 0 ? 50 : static_cast<std::uint32_t>(random() % 67));
  }
  cases.push_back(many);
  return cases;
}

TEST(Expand, EveryRowGetsItsKeysValue) {
  std::mt19937_64 random(2);
  for (const Case& c : Cases()) {
    SCOPED_TRACE(std::to_string(c.keys) + " keys, bound " + std::to_string(c.row_bound));
    const SegmentLayout layout = LayOutSegments(c.key_of_row, c.keys, c.row_bound);
    const Integers bits = RandomIntegers(random, c.keys, 11);
    const Integers flags = RandomIntegers(random, c.keys, 1);
    const Integers numbers = RandomIntegers(random, c.keys, 64);
    Integers expected;
    for (const Integers& column : {bits, flags, numbers}) {
      std::size_t key = 0;
      for (std::size_t slot = 0; slot < c.keys + c.row_bound; ++slot) {
        while (key + 1 < c.keys && layout.header_of_key[key + 1] <= slot) ++key;
        expected.push_back(c.keys == 0 ? 0 : column[key]);
      }
    }
    for (std::size_t row = 0; row < c.key_of_row.size(); ++row) {
      ASSERT_EQ(expected[layout.slot_of_row[row]], bits[c.key_of_row[row]]);
    }
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          Protocol::Columns at_keys;
          CARE_ASSIGN_OR_RETURN(BitColumn b, InputBitsForTest(p, 0, bits, 11));
          CARE_ASSIGN_OR_RETURN(BitColumn f, InputBitsForTest(p, 0, flags, 1));
          CARE_ASSIGN_OR_RETURN(RingColumn r, InputRingForTest(p, 2, numbers));
          at_keys.bits = {b, f};
          at_keys.rings = {r};
          CARE_ASSIGN_OR_RETURN(const Protocol::Columns rows,
                                Expand(p, 1, IfHeld(p, 1, layout), c.keys, c.row_bound, at_keys));
          return OpenAll(p, rows.bits, rows.rings);
        },
        expected);
  }
}

TEST(SegmentReduce, SumsAndParitiesByKey) {
  std::mt19937_64 random(3);
  for (const Case& c : Cases()) {
    SCOPED_TRACE(std::to_string(c.keys) + " keys, bound " + std::to_string(c.row_bound));
    const SegmentLayout layout = LayOutSegments(c.key_of_row, c.keys, c.row_bound);
    const std::size_t slots = c.keys + c.row_bound;
    Integers numbers(slots, 0), others(slots, 0), flags(slots, 0);
    Integers sums(c.keys, 0), other_sums(c.keys, 0), parities(c.keys, 0);
    for (std::size_t row = 0; row < c.key_of_row.size(); ++row) {
      const std::uint32_t slot = layout.slot_of_row[row];
      numbers[slot] = random();
      others[slot] = random() % 1000;
      flags[slot] = random() & 1;
      sums[c.key_of_row[row]] += numbers[slot];
      other_sums[c.key_of_row[row]] += others[slot];
      parities[c.key_of_row[row]] ^= flags[slot];
    }
    Integers expected = parities;
    expected.insert(expected.end(), sums.begin(), sums.end());
    expected.insert(expected.end(), other_sums.begin(), other_sums.end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const RingColumn x, InputRingForTest(p, 2, numbers));
          CARE_ASSIGN_OR_RETURN(const RingColumn y, InputRingForTest(p, 0, others));
          CARE_ASSIGN_OR_RETURN(const BitColumn f, InputBitsForTest(p, 2, flags, 1));
          const SegmentLayout* held = IfHeld(p, 2, layout);
          CARE_ASSIGN_OR_RETURN(const auto totals, SegmentSum(p, 2, held, c.keys, c.row_bound, {x, y}));
          CARE_ASSIGN_OR_RETURN(const auto parity, SegmentXor(p, 2, held, c.keys, c.row_bound, {f}));
          return OpenAll(p, parity, totals);
        },
        expected);
  }
}

TEST(SegmentReduce, TrailingSlotsBelongToNobody) {
  const SegmentLayout layout = LayOutSegments(std::vector<std::uint32_t>{0, 1}, 2, 5);
  const Integers at_rows = {0, 10, 0, 20, 99, 98, 97};
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, InputRingForTest(p, 0, at_rows));
        CARE_ASSIGN_OR_RETURN(const auto sums, SegmentSum(p, 0, IfHeld(p, 0, layout), 2, 5, {x}));
        return OpenAll(p, {}, sums);
      },
      {10, 20});
}

}  // namespace
}  // namespace care::mpc
