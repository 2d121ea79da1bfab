// Runs every primitive and operator and compares the meters with the planner's formulas, byte for byte.
#include "mpc/cost/cost.h"

#include <bit>
#include <functional>
#include <string>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "mpc/protocol/replicated3/okvs.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/expand.h"
#include "mpc/relational/group_boundaries.h"
#include "mpc/relational/group_dense.h"
#include "mpc/relational/join.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/spread.h"
#include "mpc/relational/segment_reduce.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::mpc {
namespace {

using Body = std::function<absl::Status(Protocol&)>;

// Operands are public constants, which are free.
void ExpectCost(const std::string& what, const Cost& cost, const Body& body) {
  SCOPED_TRACE(what);
  const auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<int> {
    CARE_RETURN_IF_ERROR(body(p));
    return 0;
  });
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE(run.rounds_agree);
  EXPECT_EQ(run.bytes_sent(), cost.bytes);
  EXPECT_EQ(run.rounds, cost.rounds);
}

constexpr std::size_t kRowCounts[] = {0, 1, 63, 64, 65, 1000};

TEST(Cost, Inputs) {
  for (const std::size_t n : kRowCounts) {
    ExpectCost("input bits", InputBitsCost(n, 7), [&](Protocol& p) {
      const BitPlanes planes(n, 7);
      return p.InputBits(1, IfHeld(p, 1, planes), n, 7).status();
    });
    ExpectCost("input ring", InputRingCost(n), [&](Protocol& p) {
      const std::vector<std::uint64_t> values(n);
      return p.InputRing(2, IfHeld(p, 2, values), n).status();
    });
  }
}

TEST(Cost, Circuits) {
  for (const std::size_t n : kRowCounts) {
    ExpectCost("and", AndCost(n, 5), [&](Protocol& p) {
      const BitColumn a = PublicZeroes(p, n, 5);
      return p.And(a, a).status();
    });
    ExpectCost("and, one mask", AndCost(n, 5),
               [&](Protocol& p) { return p.And(PublicZeroes(p, n, 5), PublicZeroes(p, n, 1)).status(); });
    ExpectCost("multiply", MultiplyCost(n),
               [&](Protocol& p) { return p.Multiply(PublicZeroes(p, n), PublicZeroes(p, n)).status(); });
    ExpectCost("dot products", DotProductsCost(3), [&](Protocol& p) {
      const RingColumn a = PublicZeroes(p, n);
      const std::vector<const RingColumn*> sides(3, &a);
      return p.DotProducts(sides, sides).status();
    });
    ExpectCost("bits to ring", BitsToRingCost(n, 3),
               [&](Protocol& p) { return p.BitsToRing(PublicZeroes(p, n, 3)).status(); });
    ExpectCost("mask owned", MaskOwnedCost(n, 2), [&](Protocol& p) {
      const std::vector<std::vector<std::uint64_t>> values(2, std::vector<std::uint64_t>(n));
      return p.MaskOwned(PublicZeroes(p, n, 1), 1, IfHeld(p, 1, values), 2).status();
    });
    for (const unsigned width : {1u, 2u, 3u, 4u, 9u, 32u, 64u}) {
      ExpectCost("ring to bits " + std::to_string(width), RingToBitsCost(n, width),
                 [&](Protocol& p) { return p.RingToBits(PublicZeroes(p, n), width).status(); });
    }
  }
}

TEST(Cost, GatherReadOpen) {
  for (const std::size_t n : kRowCounts) {
    for (const std::size_t out : {std::size_t{0}, n / 2, n}) {
      ExpectCost("gather", GatherByOwnerCost(n, out, 12, 2), [&](Protocol& p) {
        std::vector<std::uint32_t> source(out);
        for (std::size_t i = 0; i < out; ++i) source[i] = static_cast<std::uint32_t>(n - 1 - i);
        const Protocol::Columns in = {{PublicZeroes(p, n, 11), PublicZeroes(p, n, 1)},
                                      {PublicZeroes(p, n), PublicZeroes(p, n)}};
        return p.GatherByOwner(0, IfHeld(p, 0, source), out, in).status();
      });
    }
    if (n > 0) {
      ExpectCost("read", ReadByOwnerCost(n, 4, 3), [&](Protocol& p) {
        const std::vector<std::uint32_t> positions(4, static_cast<std::uint32_t>(n - 1));
        return p.ReadByOwner(2, IfHeld(p, 2, positions), 4, std::vector<RingColumn>(3, PublicZeroes(p, n)))
            .status();
      });
    }
    ExpectCost("open bits", OpenBitsCost(n, 5, 3),
               [&](Protocol& p) { return p.Open(PublicZeroes(p, n, 5), TestDisclosure()).status(); });
    ExpectCost("open ring", OpenRingCost(n, 3),
               [&](Protocol& p) { return p.Open(PublicZeroes(p, n), TestDisclosure()).status(); });
  }
}

TEST(Cost, Shuffle) {
  for (const std::size_t n : kRowCounts) {
    const auto columns = [n](Protocol& p) {
      return Protocol::Columns{{PublicZeroes(p, n, 11), PublicZeroes(p, n, 1)}, {PublicZeroes(p, n)}};
    };
    ExpectCost("shuffle", ShuffleCost(n, 12, 1), [&](Protocol& p) { return p.Shuffle(columns(p)).status(); });
    ExpectCost("there, more columns, and back", ShuffleCost(n, 12, 1) + ShuffleCost(n, 12, 1) + ShuffleCost(n, 12, 1),
               [&](Protocol& p) -> absl::Status {
                 CARE_ASSIGN_OR_RETURN(const Protocol::Shuffled shuffled, p.Shuffle(columns(p)));
                 CARE_RETURN_IF_ERROR(p.ShuffleAlike(shuffled.permutation, columns(p)).status());
                 return p.Unshuffle(shuffled.permutation, columns(p)).status();
               });
  }
}

TEST(Cost, OpenToOneRecipient) {
  Disclosure to_one = TestDisclosure();
  to_one.id = 5;
  to_one.recipient = 1;
  ThreePartiesOptions options;
  options.disclosures = {to_one};
  const auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        CARE_RETURN_IF_ERROR(p.Open(PublicZeroes(p, 100), to_one).status());
        CARE_RETURN_IF_ERROR(p.Open(PublicZeroes(p, 100, 3), to_one).status());
        return 0;
      },
      options);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run.bytes_sent(), (OpenRingCost(100, 1) + OpenBitsCost(100, 3, 1)).bytes);
}

TEST(Cost, Comparisons) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{65}}) {
    for (unsigned width = 0; width <= 64; ++width) {
      const std::string bits = std::to_string(width) + " bits";
      ExpectCost("equal " + bits, EqualBitsCost(n, width), [&](Protocol& p) {
        return EqualBits(p, PublicZeroes(p, n, width), PublicZeroes(p, n, width)).status();
      });
      for (const CompareDepth depth : {CompareDepth::kRipple, CompareDepth::kBlock4, CompareDepth::kTree}) {
        ExpectCost("less " + bits, LessThanBitsCost(n, width, depth), [&](Protocol& p) {
          return LessThanBits(p, PublicZeroes(p, n, width), PublicZeroes(p, n, width), depth).status();
        });
        if (width % 7 != 0) continue;
        for (const std::uint64_t constant : {0, 1, 10, 64, 255}) {
          ExpectCost("less than public " + bits, LessThanPublicCost(n, width, constant, depth),
                     [&](Protocol& p) {
                       return LessThanPublic(p, PublicZeroes(p, n, width), constant, depth).status();
                     });
        }
      }
    }
    ExpectCost("or", OrCost(n, 3),
               [&](Protocol& p) { return Or(p, PublicZeroes(p, n, 3), PublicZeroes(p, n, 3)).status(); });
    ExpectCost("mux", MuxCost(n, 3), [&](Protocol& p) {
      return Mux(p, PublicZeroes(p, n, 1), PublicZeroes(p, n, 3), PublicZeroes(p, n, 3)).status();
    });
  }
}

// What the headers promise, as numbers: the cost functions count a circuit's gates, so they cannot say.
TEST(Cost, ComparisonsAreAsDeepAndAsWideAsStated) {
  const auto ands = [](const Cost& cost) { return cost.bytes / 24; };
  for (unsigned width = 1; width <= 84; ++width) {
    SCOPED_TRACE(width);
    const auto log = static_cast<unsigned>(std::bit_width(width - 1));
    const Cost equal = EqualBitsCost(64, width);
    EXPECT_EQ(ands(equal), width - 1);
    EXPECT_EQ(equal.rounds, log);
    const Cost ripple = LessThanBitsCost(64, width, CompareDepth::kRipple);
    EXPECT_EQ(ands(ripple), width);
    EXPECT_EQ(ripple.rounds, width);
    const Cost block = LessThanBitsCost(64, width, CompareDepth::kBlock4);
    EXPECT_LE(ands(block), (9 * width + 3) / 4);
    EXPECT_EQ(block.rounds, width < 4 ? width : 4 + std::bit_width((width + 3) / 4 - 1));
    const Cost tree = LessThanBitsCost(64, width, CompareDepth::kTree);
    EXPECT_LE(ands(tree), 3 * width);
    EXPECT_EQ(tree.rounds, 1 + log);
    for (const std::uint64_t constant : {1, 10, 64}) {
      if (width < 64 && constant >> width != 0) continue;
      const auto zeroes = static_cast<unsigned>(std::countr_zero(constant));
      EXPECT_LE(LessThanPublicCost(64, width, constant).rounds, std::bit_width(width - zeroes - 1));
      EXPECT_LE(ands(LessThanPublicCost(64, width, constant, CompareDepth::kRipple)), width - zeroes - 1);
    }
  }
}

TEST(Cost, TableCellsAreTheLayouts) {
  for (const std::size_t bound : {0, 1, 2, 100, 16384, 16385, 40000, 1 << 20, 10000000, 1 << 28}) {
    EXPECT_EQ(LookupTableCells(bound), OkvsLayout::For(bound).cells()) << bound;
  }
}

TEST(Cost, LookupAndJoin) {
  for (const std::size_t bound : {std::size_t{0}, std::size_t{1}, std::size_t{333}, std::size_t{20000}}) {
    for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{777}}) {
      for (const auto& [bits, rings] : {std::pair{0u, 0u}, {0u, 1u}, {13u, 2u}, {70u, 0u}}) {
        SCOPED_TRACE(std::to_string(bound) + ", " + std::to_string(rows));
        const LookupShape shape = {.arm = 0,
                                   .spine = 2,
                                   .helper = 1,
                                   .arm_bound = bound,
                                   .spine_rows = rows,
                                   .payload_bits = bits,
                                   .payload_rings = rings};
        LookupArm arm;
        arm.bits = BitPlanes(0, bits);
        arm.rings.resize(rings);
        LookupSpine spine;
        spine.keys.resize(rows);
        spine.present.resize(rows);
        LookupSize size = {bound, rows, bits, rings};
        ExpectCost("lookup", LookupCost(size), [&](Protocol& p) {
          return p.Lookup(shape, IfHeld(p, 0, arm), IfHeld(p, 2, spine)).status();
        });
        ExpectCost("join", LookupJoinCost(size), [&](Protocol& p) {
          return LookupJoin(p, shape, IfHeld(p, 0, arm), IfHeld(p, 2, spine)).status();
        });
        LookupShape blocks = shape;
        blocks.block_rows = size.block_rows = 128;
        blocks.long_tags = size.long_tags = true;
        ExpectCost("lookup in blocks, long tags", LookupCost(size), [&](Protocol& p) {
          return p.Lookup(blocks, IfHeld(p, 0, arm), IfHeld(p, 2, spine)).status();
        });
      }
    }
  }
}

TEST(Cost, SegmentsAndGroups) {
  for (const std::size_t keys : {std::size_t{0}, std::size_t{1}, std::size_t{100}}) {
    for (const std::size_t bound : {std::size_t{0}, std::size_t{77}}) {
      const SegmentLayout layout = LayOutSegments({}, keys, bound);
      ExpectCost("expand", ExpandCost(keys, bound, 9, 1), [&](Protocol& p) {
        return Expand(p, 1, IfHeld(p, 1, layout), keys, bound,
                      {{PublicZeroes(p, keys, 9)}, {PublicZeroes(p, keys)}})
            .status();
      });
      ExpectCost("spread", SpreadCost(keys, bound, 9, 1), [&](Protocol& p) {
        const std::vector<std::uint32_t> no_rows;
        return Spread(p, 1, IfHeld(p, 1, no_rows), keys, bound, {{PublicZeroes(p, keys, 9)}, {PublicZeroes(p, keys)}}).status();
      });
      ExpectCost("segment reduce", SegmentReduceCost(keys, bound, 1, 2), [&](Protocol& p) {
        const std::size_t slots = keys + bound;
        return SegmentReduce(p, 1, IfHeld(p, 1, layout), keys, bound,
                             {{PublicZeroes(p, slots, 1)}, {PublicZeroes(p, slots), PublicZeroes(p, slots)}})
            .status();
      });
    }
  }
  for (const std::size_t n : kRowCounts) {
    ExpectCost("boundaries", SumByBoundariesCost(n, 3, 2), [&](Protocol& p) {
      const std::vector<std::uint32_t> ends(3, static_cast<std::uint32_t>(n));
      return SumByBoundaries(p, 0, IfHeld(p, 0, ends), 3, {PublicZeroes(p, n), PublicZeroes(p, n)}).status();
    });
    for (const std::vector<unsigned>& sizes : {std::vector<unsigned>{}, {5}, {9, 2}, {2, 9}, {3, 4, 2}}) {
      ExpectCost("codes", SumByCodesCost(n, sizes, 2), [&](Protocol& p) {
        std::vector<BitColumn> dimensions;
        for (const unsigned size : sizes) dimensions.push_back(PublicZeroes(p, n, size));
        return SumByCodes(p, dimensions, {PublicZeroes(p, n), PublicZeroes(p, n)}).status();
      });
    }
  }
  ExpectCost("multiply each", MultiplyEachCost(10, 3), [&](Protocol& p) {
    return MultiplyEach(p, PublicZeroes(p, 10), std::vector<RingColumn>(3, PublicZeroes(p, 10))).status();
  });
}

// The promise of one join with one sum at a million rows each way.
TEST(Cost, AMillionRowJoinWithAGroupedSum) {
  const std::uint64_t n = 1 << 20;
  const Cost cost = LookupJoinCost({n, n, 0, 1}) + SumByBoundariesCost(n, 10, 2);
  EXPECT_LE(cost.bytes, 150 * n);
  EXPECT_LE(cost.rounds, 40u);
}

}  // namespace
}  // namespace care::mpc
