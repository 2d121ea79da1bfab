// Rings of fewer than 64 bits: the same arithmetic modulo a smaller power of two on both protocols, elements
// that travel in exactly their width, and conversions to and from bits.

#include <bit>
#include <cstring>
#include <functional>
#include <numeric>
#include <string>

#include "mpc/cost/cost.h"
#include "mpc/share/secret_permutation.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {
namespace {

constexpr unsigned kWidths[] = {1, 2, 7, 25, 32, 63, 64};

std::uint64_t Modulo(std::uint64_t value, unsigned width) {
  return value & (~std::uint64_t{0} >> (64 - width));
}

absl::StatusOr<RingColumn> Input(Protocol& p, PartyId owner, const Integers& values, unsigned width) {
  return p.InputRing(owner, IfHeld(p, owner, values), values.size(), width);
}

TEST(RingWidth, WidthForCounts) {
  EXPECT_EQ(RingWidthFor(0), 1);
  EXPECT_EQ(RingWidthFor(1), 2);
  EXPECT_EQ(RingWidthFor(17'500'000), 26);
  EXPECT_EQ(RingWidthFor(~std::uint64_t{0}), 64);
}

TEST(RingWidth, ArithmeticIsModuloTheWidth) {
  std::mt19937_64 random(1);
  for (const unsigned width : kWidths) {
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{9000}}) {
      SCOPED_TRACE(std::to_string(width) + " bits, " + std::to_string(rows) + " rows");
      // What is above the width must not matter.
      const Integers a = RandomIntegers(random, rows, 64), b = RandomIntegers(random, rows, 64);
      Integers expected;
      const auto expect = [&](std::uint64_t value) { expected.push_back(Modulo(value, width)); };
      for (std::size_t i = 0; i < rows; ++i) expect(a[i] + b[i]);
      for (std::size_t i = 0; i < rows; ++i) expect(a[i] - b[i]);
      for (std::size_t i = 0; i < rows; ++i) expect(a[i] * b[i]);
      for (std::size_t i = 0; i < rows; ++i) expect(5 * a[i]);
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < rows; ++i) expect(sum += a[i]);
      expect(std::inner_product(a.begin(), a.end(), b.begin(), std::uint64_t{0}));
      expect(std::inner_product(a.begin(), a.end(), a.begin(), std::uint64_t{0}));
      ExpectOnBoth(
          [&, width = width](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const RingColumn x, Input(p, 0, a, width));
            CARE_ASSIGN_OR_RETURN(const RingColumn y, Input(p, 2, b, width));
            EXPECT_EQ(x.width(), width);
            CARE_ASSIGN_OR_RETURN(RingColumn product, p.Multiply(x, y));
            EXPECT_EQ(product.width(), width);
            const RingColumn* lefts[] = {&x, &x};
            const RingColumn* rights[] = {&y, &x};
            CARE_ASSIGN_OR_RETURN(RingColumn dots, p.DotProducts(lefts, rights));
            return OpenAll(p, {},
                           {p.Add(x, y), p.Subtract(x, y), std::move(product), p.MultiplyPublic(x, 5),
                            p.PrefixSum(x), std::move(dots)});
          },
          expected);
    }
  }
}

TEST(RingWidth, BitsAndIntegersThereAndBack) {
  std::mt19937_64 random(2);
  for (const unsigned width : kWidths) {
    for (const unsigned bits : {1u, 3u, 25u, 40u}) {
      SCOPED_TRACE(std::to_string(bits) + " bits in " + std::to_string(width));
      const Integers a = RandomIntegers(random, 131, bits);
      Integers expected;
      for (const std::uint64_t value : a) expected.push_back(value & 1);
      for (int depth = 0; depth < 2; ++depth) {
        for (const std::uint64_t value : a) expected.push_back(Modulo(value, width));
      }
      const unsigned back = std::min(bits, width);
      for (int depth = 0; depth < 2; ++depth) {
        for (const std::uint64_t value : a) expected.push_back(Modulo(value, back));
      }
      ExpectOnBoth(
          [&, width = width, bits = bits](Protocol& p) -> absl::StatusOr<Integers> {
            CARE_ASSIGN_OR_RETURN(const BitColumn x, InputBitsForTest(p, 1, a, bits));
            CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> rings, p.BitsToRing(x.Planes(0, 1), width));
            std::vector<BitColumn> again;
            for (const CompareDepth depth : {CompareDepth::kRipple, CompareDepth::kTree}) {
              CARE_ASSIGN_OR_RETURN(RingColumn ring, p.IntegersToRing(x, width, depth));
              EXPECT_EQ(ring.width(), width);
              CARE_ASSIGN_OR_RETURN(BitColumn planes, p.RingToBits(ring, back, depth));
              rings.push_back(std::move(ring));
              again.push_back(std::move(planes));
            }
            CARE_ASSIGN_OR_RETURN(Integers opened, OpenAll(p, {}, rings));
            CARE_ASSIGN_OR_RETURN(const Integers more, OpenAll(p, again, {}));
            opened.insert(opened.end(), more.begin(), more.end());
            return opened;
          },
          expected);
    }
  }
}

TEST(RingWidth, MovingRowsKeepsIt) {
  const Integers a = {5, 6, 127, 3}, b = {3, 127, 6, 5};
  Integers expected = {127, 6};
  expected.insert(expected.end(), b.begin(), b.end());
  expected.insert(expected.end(), a.begin(), a.end());
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, Input(p, 0, a, 7));
        const std::vector<std::uint32_t> reversed = {3, 2, 1, 0}, positions = {2, 1};
        CARE_ASSIGN_OR_RETURN(const auto read, p.ReadByOwner(1, IfHeld(p, 1, positions), 2, {x}));
        CARE_ASSIGN_OR_RETURN(const auto gathered,
                              p.GatherByOwner(1, IfHeld(p, 1, reversed), 4, Protocol::Columns{{}, {x}}));
        CARE_ASSIGN_OR_RETURN(const auto shuffled, p.Shuffle(Protocol::Columns{{}, {x}}));
        CARE_ASSIGN_OR_RETURN(const auto back, p.Unshuffle(shuffled.permutation, shuffled.columns));
        for (const RingColumn* column :
             {&read[0], &gathered.rings[0], &shuffled.columns.rings[0], &back.rings[0]}) {
          EXPECT_EQ(column->width(), 7);
        }
        return OpenAll(p, {}, {read[0], gathered.rings[0], back.rings[0]});
      },
      expected);
}

TEST(RingWidth, NarrowedKeepsTheLowBits) {
  const Integers a = {0x1234, 0xff};
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, Input(p, 0, a, 64));
        return OpenAll(p, {}, {x.Narrowed(8)});
      },
      {0x34, 0xff});
}

// A column's last word may hold other rows' bits: they must not reach the parties that open the difference.
TEST(RingWidth, IntegersToRingClearsWhatLiesPastTheLastRow) {
  constexpr unsigned kRingBits = 8;
  auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        BitColumn column = p.PublicBits(BitPlanes(1, 3));
        for (unsigned part = 0; part < 2; ++part) {
          for (std::uint64_t& word : column.part(part).words()) word |= 0xabcdef00;
        }
        CARE_RETURN_IF_ERROR(p.IntegersToRing(column, kRingBits, CompareDepth::kRipple).status());
        return 0;
      },
      {.keep_received_bytes = 1 << 20});
  ASSERT_TRUE(run.ok()) << run.status();
  // The last message between P1 and P2.
  for (const auto* received : {&run.views[1].next_received, &run.views[2].previous_received}) {
    ASSERT_GE(received->size(), 8 * kRingBits);
    std::vector<std::uint64_t> planes(kRingBits);
    std::memcpy(planes.data(), received->data() + received->size() - 8 * kRingBits, 8 * kRingBits);
    for (const std::uint64_t plane : planes) EXPECT_EQ(plane >> 1, 0);
  }
}

void ExpectCost(const Cost& cost, const std::function<absl::Status(Protocol&)>& body) {
  const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
    CARE_RETURN_IF_ERROR(body(p));
    return 0;
  });
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE(run.rounds_agree);
  EXPECT_EQ(run.bytes_sent(), cost.bytes);
  EXPECT_EQ(run.rounds, cost.rounds);
}

TEST(RingWidth, TravelsInExactlyItsBits) {
  for (const unsigned width : kWidths) {
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{1000}}) {
      SCOPED_TRACE(std::to_string(width) + " bits, " + std::to_string(rows) + " rows");
      const Integers values(rows);
      const auto ring = [&](Protocol& p) { return p.PublicRing(values, width); };
      ExpectCost(InputRingCost(rows, width),
                 [&](Protocol& p) { return Input(p, 1, values, width).status(); });
      ExpectCost(MultiplyCost(rows, width),
                 [&](Protocol& p) { return p.Multiply(ring(p), ring(p)).status(); });
      ExpectCost(DotProductsCost(3, width), [&](Protocol& p) {
        const RingColumn x = ring(p);
        const std::vector<const RingColumn*> sides(3, &x);
        return p.DotProducts(sides, sides).status();
      });
      ExpectCost(OpenRingCost(rows, 3, width),
                 [&](Protocol& p) { return p.Open(ring(p), TestDisclosure()).status(); });
      for (const unsigned bits : {1u, 9u}) {
        const auto planes = [&](Protocol& p) { return p.PublicBits(BitPlanes(rows, bits)); };
        ExpectCost(BitsToRingCost(rows, bits, width),
                   [&](Protocol& p) { return p.BitsToRing(planes(p), width).status(); });
        for (const CompareDepth depth : {CompareDepth::kRipple, CompareDepth::kTree}) {
          ExpectCost(IntegersToRingCost(rows, bits, width, depth),
                     [&](Protocol& p) { return p.IntegersToRing(planes(p), width, depth).status(); });
          const unsigned low = std::min(bits, width);
          ExpectCost(RingToBitsCost(rows, low, depth),
                     [&](Protocol& p) { return p.RingToBits(ring(p), low, depth).status(); });
        }
      }
    }
  }
}

// What the design says of converting w-bit integers: about 6 k bits a row.
TEST(RingWidth, IntegersCostSixBitsABit) {
  for (const unsigned width : {25u, 64u}) {
    const Cost cost = IntegersToRingCost(64, 20, width, CompareDepth::kRipple);
    EXPECT_EQ(cost.bytes, 8 * (width + 3 * (width - 1) + 2 * width));
    EXPECT_EQ(cost.rounds, width + 1);
  }
}

}  // namespace
}  // namespace care::mpc
