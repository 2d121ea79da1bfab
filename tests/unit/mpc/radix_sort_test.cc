// Secret orders, and the radix sort that is made of them, on both protocols against the clear computation.
#include "mpc/relational/radix_sort.h"

#include <algorithm>
#include <numeric>

#include "gtest/gtest.h"
#include "mpc/cost/sort_plan.h"
#include "mpc/relational/row_numbers.h"
#include "mpc/relational/secret_order.h"
#include "mpc/relational/sort.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

Integers RandomOrder(std::size_t rows, std::uint64_t seed) {
  Integers order(rows);
  std::iota(order.begin(), order.end(), 0);
  std::mt19937_64 random(seed);
  std::ranges::shuffle(order, random);
  return order;
}

TEST(SecretOrder, GatherMoveAlikeAndBack) {
  for (const std::size_t rows : {0u, 1u, 2u, 64u, 65u, 300u}) {
    const Integers order = RandomOrder(rows, rows);
    std::mt19937_64 random(rows);
    const Integers bits = RandomIntegers(random, rows, 37), ring = RandomIntegers(random, rows, 64);
    Integers expected;
    for (const Integers* column : {&bits, &ring}) {
      for (const std::uint64_t row : order) expected.push_back((*column)[row]);
    }
    expected.insert(expected.end(), bits.begin(), bits.end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const BitColumn source, InputBitsForTest(p, 0, order, RowNumberBits(rows)));
          CARE_ASSIGN_OR_RETURN(const BitColumn bit_column, InputBitsForTest(p, 1, bits, 37));
          CARE_ASSIGN_OR_RETURN(const RingColumn ring_column, InputRingForTest(p, 2, ring));
          CARE_ASSIGN_OR_RETURN(const MovedRows moved,
                                GatherSecretly(p, source, {{bit_column}, {}}, TestDisclosure()));
          CARE_ASSIGN_OR_RETURN(const Protocol::Columns alike,
                                MoveAlike(p, moved.order, {{}, {ring_column}}));
          CARE_ASSIGN_OR_RETURN(const Protocol::Columns back, MoveBack(p, moved.order, moved.columns));
          CARE_ASSIGN_OR_RETURN(Integers all, OpenAll(p, moved.columns.bits, alike.rings));
          CARE_ASSIGN_OR_RETURN(const Integers again, OpenAll(p, back.bits, {}));
          all.insert(all.end(), again.begin(), again.end());
          return all;
        },
        expected);
  }
}

TEST(SecretOrder, ScatterMoveAlikeAndBack) {
  for (const std::size_t rows : {0u, 1u, 2u, 65u, 300u}) {
    const Integers places = RandomOrder(rows, rows + 1);
    std::mt19937_64 random(rows);
    const Integers bits = RandomIntegers(random, rows, 37), ring = RandomIntegers(random, rows, 64);
    Integers expected(2 * rows);
    for (std::size_t row = 0; row < rows; ++row) {
      expected[places[row]] = bits[row];
      expected[rows + places[row]] = ring[row];
    }
    expected.insert(expected.end(), bits.begin(), bits.end());
    ExpectOnBoth(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const RingColumn place, InputRingForTest(p, 0, places));
          CARE_ASSIGN_OR_RETURN(const BitColumn bit_column, InputBitsForTest(p, 1, bits, 37));
          CARE_ASSIGN_OR_RETURN(const RingColumn ring_column, InputRingForTest(p, 2, ring));
          CARE_ASSIGN_OR_RETURN(const MovedRows moved,
                                ScatterSecretly(p, place, {{bit_column}, {}}, TestDisclosure()));
          CARE_ASSIGN_OR_RETURN(const Protocol::Columns alike,
                                MoveAlike(p, moved.order, {{}, {ring_column}}));
          CARE_ASSIGN_OR_RETURN(const Protocol::Columns back, MoveBack(p, moved.order, moved.columns));
          CARE_ASSIGN_OR_RETURN(Integers all, OpenAll(p, moved.columns.bits, alike.rings));
          CARE_ASSIGN_OR_RETURN(const Integers again, OpenAll(p, back.bits, {}));
          all.insert(all.end(), again.begin(), again.end());
          return all;
        },
        expected);
  }
}

TEST(RadixOrder, IsTheStableOrder) {
  for (const std::size_t rows : {0u, 1u, 2u, 64u, 65u, 500u}) {
    for (const unsigned width : {1u, 2u, 3u, 8u, 11u}) {
      SCOPED_TRACE(testing::Message() << rows << " rows of " << width << " bits");
      std::mt19937_64 random(rows + width);
      const Integers keys = RandomIntegers(random, rows, width);
      Integers order(rows);
      std::iota(order.begin(), order.end(), 0);
      std::ranges::stable_sort(order, {}, [&](std::uint64_t row) { return keys[row]; });
      ExpectOnBoth(
          [&](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, width));
            CARE_ASSIGN_OR_RETURN(const BitColumn numbers, RadixOrder(p, key, TestDisclosure()));
            return OpenForTest(p, numbers);
          },
          order);
    }
  }
}

TEST(RadixOrder, CostsWhatItSays) {
  for (const std::size_t rows : {1u, 2u, 65u, 1000u}) {
    for (const unsigned width : {1u, 2u, 5u}) {
      const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
        CARE_RETURN_IF_ERROR(RadixOrder(p, p.PublicBits(BitPlanes(rows, width)), TestDisclosure()).status());
        return 0;
      });
      ASSERT_TRUE(run.ok()) << run.status();
      EXPECT_EQ((Cost{run.bytes_sent(), run.rounds}), RadixOrderCost(rows, width)) << rows << ", " << width;
    }
  }
}

// Far parties and short keys: the plan is a radix sort, and sorts as the other does.
TEST(SortRows, ByRadixWhereRoundsAreDear) {
  const LinkSpeed far{.megabit_per_second = 100, .round_us = 50'000};
  const std::size_t rows = 2000;
  ASSERT_EQ(PlanSort(rows, 3, 37, 1, far).method, SortPlan::Method::kRadix);
  ASSERT_EQ(PlanSort(rows, 64, 37, 1, far).method, SortPlan::Method::kComparisons);
  std::mt19937_64 random(3);
  const Integers keys = RandomIntegers(random, rows, 3), bits = RandomIntegers(random, rows, 37);
  Integers order(rows);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::uint64_t row) { return keys[row]; });
  Integers expected;
  for (const Integers* column : {&keys, &bits}) {
    for (const std::uint64_t row : order) expected.push_back((*column)[row]);
  }
  expected.insert(expected.end(), bits.begin(), bits.end());
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn key, InputBitsForTest(p, 0, keys, 3));
        CARE_ASSIGN_OR_RETURN(const BitColumn payload, InputBitsForTest(p, 1, bits, 37));
        CARE_ASSIGN_OR_RETURN(const SortedRows sorted,
                              SortRows(p, key, {{payload}, {}}, TestDisclosure(), {.link = far}));
        CARE_ASSIGN_OR_RETURN(const Protocol::Columns back, MoveBack(p, sorted.order, sorted.columns));
        return OpenAll(p, {sorted.key, sorted.columns.bits[0], back.bits[0]}, {});
      },
      expected);
}

}  // namespace
}  // namespace care::mpc
