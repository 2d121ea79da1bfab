// Every mask of the protocol, left out in turn: what arrives, or the party's shares of the result, must then be
// noise no longer. All inputs are public zeros, so that a message without its mask is a constant, whatever the
// sharing. The shuffle's masks are in replicated3_shuffle_test.cc.
//
// A mask that is drawn is left out by kernels whose key stream is zero in one stream; one that is made where it is
// used, by kernels that make the product alone.

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "mpc/protocol/replicated3/okvs.h"
#include "mpc/share/compared_rows.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

using Columns = Protocol::Columns;

// Words of a message, so that messages of a party pair up.
constexpr std::size_t kRows = 4096;

// `kFill` for every byte of one stream.
template <std::uint8_t kStream, std::uint8_t kFill = 0>
const Kernels& Without() {
  static const Kernels kernels = [] {
    Kernels broken = BestKernels();
    broken.key_stream = [](const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
      BestKernels().key_stream(key, counter, out, bytes);
      if ((counter.high >> 24 & 0xff) == kStream) std::fill_n(out, bytes, kFill);
    };
    return broken;
  }();
  return kernels;
}

// Products that nothing masks.
const Kernels& Unmasked() {
  static const Kernels kernels = [] {
    Kernels broken = BestKernels();
    broken.and_masked = [](const ShareProduct& p, const AesSchedule&, const AesSchedule&, AesCounter) {
      for (std::size_t k = 0; k < p.words; ++k)
        p.out[k] = (p.x0[k] & (p.y0[k] ^ p.y1[k])) ^ (p.x1[k] & p.y0[k]);
    };
    broken.borrow_masked = [](const BorrowStep& s, const AesSchedule&, const AesSchedule&, AesCounter) {
      for (std::size_t k = 0; k < s.words; ++k) {
        s.c0[k] ^= s.product[k];
        s.c1[k] ^= s.received[k];
        const std::uint64_t x0 = s.a0[k] ^ s.not0 ^ s.c0[k], x1 = s.a1[k] ^ s.not1 ^ s.c1[k];
        const std::size_t b = s.b_groups[k / BorrowStep::kGroup] * BorrowStep::kGroup + k % BorrowStep::kGroup;
        const std::uint64_t y0 = s.b0[b] ^ s.c0[k], y1 = s.b1[b] ^ s.c1[k];
        s.product[k] = (x0 & (y0 ^ y1)) ^ (x1 & y0);
      }
    };
    broken.add_zero = [](const ShareProduct& p, const AesSchedule&, const AesSchedule&, AesCounter) {
      if (p.out != p.x0) std::copy_n(p.x0, p.words, p.out);
    };
    return broken;
  }();
  return kernels;
}

BitColumn ZeroBits(const Protocol& p, std::size_t rows, unsigned width = 1) {
  return p.PublicBits(BitPlanes(rows, width));
}
RingColumn ZeroRing(const Protocol& p, std::size_t rows = kRows) { return p.PublicRing(Integers(rows)); }

absl::StatusOr<Columns> ZerosToRing(Protocol& p) {
  CARE_ASSIGN_OR_RETURN(RingColumn ring, p.IntegersToRing(ZeroBits(p, kRows, 64), 64, CompareDepth::kTree));
  return Columns{{}, {std::move(ring)}};
}

LookupShape ShapeOfLookup() {
  return {.arm = 0, .spine = 1, .helper = 2, .arm_bound = kRows, .spine_rows = kRows, .payload_rings = 1};
}
// Each spine row finds a zero.
absl::StatusOr<Columns> RunLookup(Protocol& p) {
  LookupArm arm;
  for (std::uint64_t key = 0; key < kRows; ++key) {
    JoinKey& block = arm.keys.emplace_back();
    std::memcpy(block.data(), &key, sizeof key);
  }
  arm.rings = {Integers(kRows)};
  const LookupSpine spine{arm.keys, std::vector<std::uint8_t>(kRows, 1)};
  CARE_ASSIGN_OR_RETURN(LookupResult found,
                        p.Lookup(ShapeOfLookup(), IfHeld(p, 0, arm), IfHeld(p, 1, spine)));
  return Columns{{}, std::move(found.rings)};
}

struct Mask {
  const char* name;
  const Kernels& without;
  std::function<absl::StatusOr<Columns>(Protocol&)> run;  // what it returns is shared afresh
};

// Primitives in which one party has another part than the others; `owner` is that party where it can be chosen.
std::vector<Mask> MasksOf(PartyId owner) {
  const auto bits_to_ring = [](Protocol& p) -> absl::StatusOr<Columns> {
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> rings, p.BitsToRing(ZeroBits(p, kRows)));
    return Columns{{}, std::move(rings)};
  };
  const auto integers_to_ring = [](Protocol& p) -> absl::StatusOr<Columns> { return ZerosToRing(p); };
  const auto mask_owned = [=](Protocol& p) -> absl::StatusOr<Columns> {
    const std::vector<Integers> values(2, Integers(kRows));
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> rings,
                          p.MaskOwned(ZeroBits(p, kRows), owner, IfHeld(p, owner, values), 2));
    return Columns{{}, std::move(rings)};
  };
  const auto gather = [=](Protocol& p) -> absl::StatusOr<Columns> {
    std::vector<std::uint32_t> source(kRows);
    std::iota(source.begin(), source.end(), 0);
    return p.GatherByOwner(owner, IfHeld(p, owner, source), kRows, {{}, {ZeroRing(p)}});
  };
  const auto read = [=](Protocol& p) -> absl::StatusOr<Columns> {
    const std::vector<std::uint32_t> positions(kRows, 5);  // queries of one word each
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> rings,
                          p.ReadByOwner(owner, IfHeld(p, owner, positions), kRows, {ZeroRing(p, 64)}));
    return Columns{{}, std::move(rings)};
  };
  return {
      {"InputBits", Without<0>(),
       [=](Protocol& p) -> absl::StatusOr<Columns> {
         const BitPlanes clear(64 * kRows, 1);
         CARE_RETURN_IF_ERROR(p.InputBits(owner, IfHeld(p, owner, clear), 64 * kRows, 1).status());
         return Columns{};
       }},
      {"InputRing", Without<0>(),
       [=](Protocol& p) -> absl::StatusOr<Columns> {
         CARE_RETURN_IF_ERROR(InputRingForTest(p, owner, Integers(kRows)).status());
         return Columns{};
       }},
      {"RingToBits, P0's sum", Without<0>(),
       [](Protocol& p) -> absl::StatusOr<Columns> {
         CARE_RETURN_IF_ERROR(p.RingToBits(ZeroRing(p), 64).status());
         return Columns{};
       }},
      {"IntegersToRing, share 0", Without<0>(), integers_to_ring},
      {"IntegersToRing, share 1", Without<1>(), integers_to_ring},
      {"BitsToRing, the shares", Without<0>(), bits_to_ring},
      {"BitsToRing, P0's bit", Without<1>(), bits_to_ring},
      {"MaskOwned, the shares", Without<0>(), mask_owned},
      {"MaskOwned, alpha", Without<1>(), mask_owned},
      {"MaskOwned, beta", Without<2>(), mask_owned},
      {"GatherByOwner, the rows", Without<0>(), gather},
      {"GatherByOwner, the shares", Without<2>(), gather},
      {"ReadByOwner, the position", Without<1>(), read},
      {"ReadByOwner, the sign", Without<2>(), read},
      {"ReadByOwner, the answers", Without<3>(), read},
      {"Lookup, the shares", Without<0>(), RunLookup},
      {"LessThanRows", Unmasked(),
       [](Protocol& p) -> absl::StatusOr<Columns> {
         const ComparedRows rows(ZeroBits(p, 2));
         CARE_ASSIGN_OR_RETURN(BitColumn less,
                               p.LessThanRows(rows, std::vector<RowRun>(64 * kRows, {0, 1, 1})));
         return Columns{{std::move(less)}, {}};
       }},
      {"Evaluate", Unmasked(),
       [](Protocol& p) -> absl::StatusOr<Columns> {
         BooleanCircuit circuit(2);
         circuit.Output(circuit.And(circuit.Input(0), circuit.Input(1)));
         const BitColumn zeros = ZeroBits(p, 64 * kRows);
         const BitColumn* inputs[] = {&zeros, &zeros};
         CARE_ASSIGN_OR_RETURN(BitColumn product, p.Evaluate(circuit, inputs));
         return Columns{{std::move(product)}, {}};
       }},
      {"SumOfProducts", Unmasked(),
       [](Protocol& p) -> absl::StatusOr<Columns> {
         const std::vector<RingColumn> zeros(2, ZeroRing(p));
         CARE_ASSIGN_OR_RETURN(RingColumn sum, p.SumOfProducts(zeros, zeros));
         return Columns{{}, {std::move(sum)}};
       }},
      {"DotProducts", Unmasked(),
       [](Protocol& p) -> absl::StatusOr<Columns> {
         const RingColumn zeros = ZeroRing(p, 3);
         const std::vector<const RingColumn*> operands(kRows, &zeros);
         CARE_ASSIGN_OR_RETURN(RingColumn product, p.DotProducts(operands, operands));
         return Columns{{}, {std::move(product)}};
       }},
  };
}

auto RunWith(const Kernels& kernels, const std::function<absl::StatusOr<Columns>(Protocol&)>& run) {
  return RunThreeParties(run, {.seed = 91, .keep_received_bytes = std::size_t{1} << 30, .kernels = &kernels});
}

// Over all parties: what arrives, and the two shares of each result, alone and together.
double WorstStatistic(const Mask& mask, const Kernels& kernels) {
  auto run = RunWith(kernels, mask.run);
  EXPECT_TRUE(run.ok()) << run.status();
  double worst = 0;
  for (unsigned role = 0; role < 3; ++role) {
    const PartyView& view = run.views[role];
    std::vector<std::vector<std::uint64_t>> messages;
    for (const auto& received : {view.next_received, view.previous_received}) {
      const std::vector<std::uint64_t> words = Words(received);
      for (std::size_t first = 0; first + kRows <= words.size(); first += kRows) {
        messages.emplace_back(words.begin() + first, words.begin() + first + kRows);
      }
    }
    worst = std::max(worst, WorstJointStatistic(messages));
    for (const RingColumn& column : run.value(role).rings) {
      worst = std::max(worst, WorstJointStatistic({column.part(0), column.part(1)}));
    }
    for (const BitColumn& column : run.value(role).bits) {
      const auto a = column.part(0).plane(0), b = column.part(1).plane(0);
      worst = std::max(worst, WorstJointStatistic({{a.begin(), a.end()}, {b.begin(), b.end()}}));
    }
  }
  return worst;
}

TEST(Replicated3Masks, EachOneShowsWhereItIsLeftOut) {
  for (PartyId owner = 0; owner < 3; ++owner) {
    for (const Mask& mask : MasksOf(owner)) {
      SCOPED_TRACE(testing::Message() << mask.name << " for owner " << int{owner});
      EXPECT_LT(WorstStatistic(mask, BestKernels()), kUniformityBound);
      EXPECT_GT(WorstStatistic(mask, mask.without), kUniformityBound);
    }
  }
}

// Unmasked, the table's cells look like noise, for most of them are: but the helper reads the payload from it.
TEST(Replicated3Masks, TheHelperReadsNothingFromALookupsTable) {
  for (const bool masked : {true, false}) {
    const auto run = RunWith(masked ? BestKernels() : Without<1>(), RunLookup);
    ASSERT_TRUE(run.ok()) << run.status();
    const OkvsLayout layout = OkvsLayout::For(kRows);
    ASSERT_EQ(layout.buckets, 1);
    std::vector<std::uint64_t> cells(2 * layout.cells());  // tag and payload
    std::vector<OkvsQuery> queries(kRows);
    ASSERT_GE(run.views[2].next_received.size(), 8 * cells.size());
    ASSERT_GE(run.views[2].previous_received.size(), 12 * kRows);
    std::memcpy(cells.data(), run.views[2].next_received.data(), 8 * cells.size());
    std::memcpy(queries.data(), run.views[2].previous_received.data(), 12 * kRows);
    const std::vector<std::uint64_t> records = OkvsDecode(layout, {1, 1}, cells, queries);
    std::size_t payloads = 0;
    for (std::size_t row = 0; row < kRows; ++row) payloads += records[2 * row + 1] == 0;
    EXPECT_EQ(payloads, masked ? 0 : kRows);
  }
}

// P0's sum of two shares looks like noise unmasked, too: but P1 holds the third share.
TEST(Replicated3Masks, P1AddsNothingUpOfIntegersThatEnterTheRing) {
  for (const bool masked : {true, false}) {
    auto run = RunWith(masked ? BestKernels() : Without<2>(), ZerosToRing);
    ASSERT_TRUE(run.ok()) << run.status();
    BitPlanes first_message(kRows, 64);
    ASSERT_GE(run.views[1].previous_received.size(), 8 * first_message.words().size());
    std::memcpy(first_message.words().data(), run.views[1].previous_received.data(),
                8 * first_message.words().size());
    const Integers sum = first_message.ToIntegers();
    std::size_t zeros = 0;
    for (std::size_t row = 0; row < kRows; ++row) zeros += sum[row] + run.value(1).rings[0].part(1)[row] == 0;
    EXPECT_EQ(zeros, masked ? 0 : kRows);
  }
}

// Ones throughout the stream draw the identity. Then the helper of a gather sees the owner's own order, which a
// uniform permutation of thousands of rows never is; and the order of a shuffle is the order before.
TEST(Replicated3Masks, WithoutItsPermutationsAnOrderShows) {
  for (const bool drawn : {true, false}) {
    std::vector<std::uint32_t> source(kRows);
    std::iota(source.rbegin(), source.rend(), 0);
    const auto run = RunThreeParties(
        [&](Protocol& p) {
          return p.GatherByOwner(0, IfHeld(p, 0, source), kRows, {{}, {ZeroRing(p)}});
        },
        {.keep_received_bytes = std::size_t{1} << 20,
         .kernels = drawn ? &BestKernels() : &Without<1, 0xff>()});
    ASSERT_TRUE(run.ok()) << run.status();
    const std::vector<std::uint64_t> seen = Words(run.views[2].next_received);
    const BitPlanes order = BitPlanes::FromIntegers(Integers(source.begin(), source.end()), 12);
    EXPECT_EQ(std::ranges::equal(order.words(), std::span(seen).first(order.words().size())), !drawn);

    const Integers before(source.begin(), source.end());
    const auto shuffled = RunThreeParties(
        [&](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Protocol::Shuffled after, p.Shuffle({{}, {p.PublicRing(before)}}));
          return OpenForTest(p, after.columns.rings[0]);
        },
        {.kernels = drawn ? &BestKernels() : &Without<3, 0xff>()});
    ASSERT_TRUE(shuffled.ok()) << shuffled.status();
    EXPECT_EQ(*shuffled.results[0] == before, !drawn);
  }
}

}  // namespace
}  // namespace care::mpc
