// What each party sees. Message sizes and order must not depend on the data; the bytes that arrive must be
// noise, alone and against each other and against the party's own shares, whatever the data; the one message
// that is not uniform bytes (the permutation that a gather's owner sends) must be a uniform permutation
// whatever the owner's.
//
// Data: all zeros, and all ones. If a mask were forgotten, the message would be constant and the statistic
// astronomical; the last tests show on data biased in such ways that the statistic notices.

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <span>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "mpc/random/prg.h"
#include "mpc/share/compared_rows.h"
#include "tests/unit/mpc/three_parties.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

using Columns = Protocol::Columns;

// Words in each plane and rows in each ring column: messages of one length throughout, so that they pair up.
constexpr std::size_t kRingRows = 4096;
constexpr std::size_t kBitRows = 64 * kRingRows;

struct Step {
  const char* name;
  std::function<absl::StatusOr<Columns>(Protocol&, std::uint64_t)> run;
};

absl::StatusOr<BitColumn> Bits(Protocol& p, PartyId owner, std::size_t rows, std::uint64_t data) {
  BitPlanes clear(rows, 1);
  for (std::uint64_t& word : clear.words()) word = data;
  return p.InputBits(owner, IfHeld(p, owner, clear), rows, 1);
}
absl::StatusOr<RingColumn> Ring(Protocol& p, PartyId owner, std::uint64_t data) {
  const std::vector<std::uint64_t> clear(kRingRows, data);
  return p.InputRing(owner, IfHeld(p, owner, clear), kRingRows);
}
Columns OfBits(BitColumn column) {
  Columns columns;
  columns.bits.push_back(std::move(column));
  return columns;
}
Columns OfRings(std::vector<RingColumn> rings) { return Columns{{}, std::move(rings)}; }

std::vector<Step> Steps(PartyId owner) {
  return {
      {"And",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const BitColumn a, Bits(p, owner, kBitRows, data));
         CARE_ASSIGN_OR_RETURN(BitColumn z, p.And(a, a));
         return OfBits(std::move(z));
       }},
      {"Evaluate",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const BitColumn a, Bits(p, owner, kBitRows, data));
         const BitColumn* inputs[] = {&a, &a, &a};
         BooleanCircuit circuit(3);
         const BooleanCircuit::Bit first = circuit.And(circuit.Input(0), BooleanCircuit::Not(circuit.Input(1)));
         const BooleanCircuit::Bit second = circuit.And(circuit.Input(1), circuit.Input(2));
         circuit.Output(circuit.And(circuit.Xor(first, circuit.Input(2)), circuit.Xor(second, circuit.Input(0))));
         CARE_ASSIGN_OR_RETURN(BitColumn z, p.Evaluate(circuit, inputs));
         return OfBits(std::move(z));
       }},
      {"LessThanRows",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const BitColumn a, Bits(p, owner, 64, data));
         const ComparedRows rows(a);
         CARE_ASSIGN_OR_RETURN(BitColumn z, p.LessThanRows(rows, std::vector<RowRun>(kBitRows, {0, 1, 1})));
         return OfBits(std::move(z));
       }},
      {"Multiply",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const RingColumn a, Ring(p, owner, data));
         CARE_ASSIGN_OR_RETURN(RingColumn z, p.Multiply(a, a));
         return OfRings({z});
       }},
      {"DotProducts",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const RingColumn a, Ring(p, owner, data));
         const RingColumn short_a = a.Rows(0, 2);
         const std::vector<const RingColumn*> operands(kRingRows, &short_a);
         CARE_ASSIGN_OR_RETURN(RingColumn z, p.DotProducts(operands, operands));
         return OfRings({z});
       }},
      {"BitsToRing",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const BitColumn a, Bits(p, owner, kBitRows, data));
         CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> z, p.BitsToRing(a.Rows(0, kRingRows)));
         return OfRings(std::move(z));
       }},
      {"MaskOwned",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const BitColumn a,
                               Bits(p, static_cast<PartyId>((owner + 1) % 3), kBitRows, data));
         const std::vector<std::vector<std::uint64_t>> values(2, std::vector<std::uint64_t>(kRingRows, data));
         CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> z,
                               p.MaskOwned(a.Rows(0, kRingRows), owner, IfHeld(p, owner, values), 2));
         return OfRings(std::move(z));
       }},
      {"RingToBits",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const RingColumn a, Ring(p, owner, data));
         CARE_ASSIGN_OR_RETURN(BitColumn z, p.RingToBits(a, 64));
         return OfBits(std::move(z));
       }},
      {"NarrowProducts",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const RingColumn a, Ring(p, owner, data));
         const RingColumn narrow = a.Narrowed(32);
         CARE_ASSIGN_OR_RETURN(const RingColumn z, p.Multiply(narrow, narrow));
         CARE_RETURN_IF_ERROR(p.Multiply(z, narrow).status());
         return Columns();
       }},
      {"IntegersToRing",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const BitColumn a, Bits(p, owner, kBitRows, data));
         const BitColumn bit = a.Rows(0, kRingRows);
         CARE_ASSIGN_OR_RETURN(RingColumn z, p.IntegersToRing(BitColumn::JoinPlanes({&bit, &bit, &bit}), 64,
                                                              CompareDepth::kRipple));
         return OfRings({z});
       }},
      {"ReadByOwner",
       [=](Protocol& p, std::uint64_t data) -> absl::StatusOr<Columns> {
         CARE_ASSIGN_OR_RETURN(const RingColumn a, Ring(p, owner, data));
         // As many outputs as fill messages of the common length; the query has 64 bits an output.
         const std::vector<std::uint32_t> positions(kRingRows, data == 0 ? 3 : 60);
         CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> z,
                               p.ReadByOwner(owner, IfHeld(p, owner, positions), kRingRows, {a.Rows(0, 64)}));
         return OfRings(std::move(z));
       }},
  };
}

TEST(Replicated3Views, MessagesAreNoiseAndAlike) {
  for (PartyId owner = 0; owner < 3; ++owner) {
    for (const Step& step : Steps(owner)) {
      SCOPED_TRACE(testing::Message() << step.name << " for owner " << int{owner});
      std::array<PartyView, 3> views_of_zeros;
      for (const std::uint64_t data : {std::uint64_t{0}, ~std::uint64_t{0}}) {
        auto run = RunThreeParties([&](Protocol& p) { return step.run(p, data); },
                                   {.seed = 77, .keep_received_bytes = std::size_t{1} << 30});
        ASSERT_TRUE(run.ok()) << run.status();
        for (unsigned role = 0; role < 3; ++role) {
          const PartyView& view = run.views[role];
          if (data == 0) {
            views_of_zeros[role] = view;
          } else {
            EXPECT_EQ(view.next_records, views_of_zeros[role].next_records);
            EXPECT_EQ(view.previous_records, views_of_zeros[role].previous_records);
          }
          std::vector<std::vector<std::uint64_t>> columns;
          for (const auto& received : {view.next_received, view.previous_received}) {
            const std::vector<std::uint64_t> words = Words(received);
            for (std::size_t first = 0; first + kRingRows <= words.size(); first += kRingRows) {
              columns.emplace_back(words.begin() + first, words.begin() + first + kRingRows);
            }
          }
          EXPECT_LT(WorstJointStatistic(columns), kUniformityBound) << "P" << role;
          // A party's two shares of the result are noise too, alone and together.
          const Columns& result = run.value(role);
          for (const RingColumn& column : result.rings) {
            EXPECT_LT(WorstJointStatistic({column.part(0), column.part(1)}), kUniformityBound) << "P" << role;
          }
          for (const BitColumn& column : result.bits) {
            for (unsigned plane = 0; plane < column.width(); ++plane) {
              const auto a = column.part(0).plane(plane), b = column.part(1).plane(plane);
              if (a.size() < 2048) continue;
              EXPECT_LT(WorstJointStatistic({{a.begin(), a.end()}, {b.begin(), b.end()}}), kUniformityBound)
                  << "P" << role;
            }
          }
        }
      }
    }
  }
}

// The worst statistic over the parties of what arrives, alone and against the party's own shares of the
// operand.
double WorstOfProducts(const Kernels& kernels, const Step& step) {
  double worst = 0;
  auto run = RunThreeParties([&](Protocol& p) { return step.run(p, ~std::uint64_t{0}); },
                             {.seed = 77, .keep_received_bytes = std::size_t{1} << 30, .kernels = &kernels});
  EXPECT_TRUE(run.ok()) << run.status();
  for (unsigned role = 0; role < 3; ++role) {
    const PartyView& view = run.views[role];
    std::vector<std::vector<std::uint64_t>> columns;
    for (const auto& received : {view.next_received, view.previous_received}) {
      const std::vector<std::uint64_t> words = Words(received);
      for (std::size_t first = 0; first + kRingRows <= words.size(); first += kRingRows) {
        columns.emplace_back(words.begin() + first, words.begin() + first + kRingRows);
      }
    }
    if (!columns.empty()) worst = std::max(worst, WorstJointStatistic(columns));
    const Columns& result = run.value(role);
    for (const RingColumn& column : result.rings) {
      worst = std::max(worst, WorstJointStatistic({column.part(0), column.part(1)}));
    }
    for (const BitColumn& column : result.bits) {
      const auto a = column.part(0).plane(0), b = column.part(1).plane(0);
      worst = std::max(worst, WorstJointStatistic({{a.begin(), a.end()}, {b.begin(), b.end()}}));
    }
  }
  return worst;
}

// An operand of all zeros in public shares: an unmasked product of it is all zeros.
TEST(Replicated3Views, ADroppedMaskShows) {
  const Step both = {"And", [](Protocol& p, std::uint64_t) -> absl::StatusOr<Columns> {
                       const BitColumn a = p.PublicBits(BitPlanes(kBitRows, 1));
                       CARE_ASSIGN_OR_RETURN(BitColumn z, p.And(a, a));
                       return OfBits(std::move(z));
                     }};
  const Step product = {"Multiply", [](Protocol& p, std::uint64_t) -> absl::StatusOr<Columns> {
                          const RingColumn a = p.PublicRing(std::vector<std::uint64_t>(kRingRows));
                          CARE_ASSIGN_OR_RETURN(RingColumn z, p.Multiply(a, a));
                          return OfRings({z});
                        }};
  EXPECT_LT(WorstOfProducts(BestKernels(), both), kUniformityBound);
  EXPECT_LT(WorstOfProducts(BestKernels(), product), kUniformityBound);
  Kernels broken = BestKernels();
  broken.and_masked = [](const ShareProduct& p, const AesSchedule&, const AesSchedule&, AesCounter) {
    for (std::size_t k = 0; k < p.words; ++k)
      p.out[k] = (p.x0[k] & (p.y0[k] ^ p.y1[k])) ^ (p.x1[k] & p.y0[k]);
  };
  broken.multiply_masked = [](const ShareProduct& p, const AesSchedule&, const AesSchedule&, AesCounter) {
    for (std::size_t k = 0; k < p.words; ++k) p.out[k] = p.x0[k] * (p.y0[k] + p.y1[k]) + p.x1[k] * p.y0[k];
  };
  EXPECT_GT(WorstOfProducts(broken, both), kUniformityBound);
  EXPECT_GT(WorstOfProducts(broken, product), kUniformityBound);
}

// Without the share that the dealer draws with P2, P1 would know the number that hides the integer.
TEST(Replicated3Views, ADroppedShareOfAnIntegerShows) {
  const Step convert = {"IntegersToRing", [](Protocol& p, std::uint64_t) -> absl::StatusOr<Columns> {
                          const BitColumn a = p.PublicBits(BitPlanes(kRingRows, 3));
                          CARE_ASSIGN_OR_RETURN(RingColumn z, p.IntegersToRing(a, 64, CompareDepth::kRipple));
                          return OfRings({z});
                        }};
  EXPECT_LT(WorstOfProducts(BestKernels(), convert), kUniformityBound);
  Kernels broken = BestKernels();
  // Stream 0 of operation 0, which the pair of P0 and P2 shares, and of nothing else in this run.
  broken.key_stream = [](const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
    BestKernels().key_stream(key, counter, out, bytes);
    if (counter.high == 0) std::fill_n(out, bytes, 0);
  };
  EXPECT_GT(WorstOfProducts(broken, convert), kUniformityBound);
}

TEST(Replicated3Views, GatherShowsNoise) {
  for (PartyId owner = 0; owner < 3; ++owner) {
    std::array<PartyView, 3> views_of_zeros;
    for (const std::uint64_t data : {std::uint64_t{0}, ~std::uint64_t{0}}) {
      auto run = RunThreeParties(
          [&](Protocol& p) -> absl::StatusOr<Columns> {
            CARE_ASSIGN_OR_RETURN(const RingColumn a, Ring(p, owner, data));
            CARE_ASSIGN_OR_RETURN(const BitColumn bits, Bits(p, owner, kRingRows, data));
            std::vector<std::uint32_t> source(kRingRows);
            std::iota(source.begin(), source.end(), 0);
            if (data != 0) std::reverse(source.begin(), source.end());
            return p.GatherByOwner(owner, IfHeld(p, owner, source), kRingRows, Columns{{bits}, {a}});
          },
          {.seed = 78, .keep_received_bytes = std::size_t{1} << 30});
      ASSERT_TRUE(run.ok());
      for (unsigned role = 0; role < 3; ++role) {
        const PartyView& view = run.views[role];
        if (data == 0) views_of_zeros[role] = view;
        EXPECT_EQ(view.next_records, views_of_zeros[role].next_records);
        EXPECT_EQ(view.previous_records, views_of_zeros[role].previous_records);
        const bool is_helper = role == (owner + 2u) % 3;
        const std::size_t index_words = kRingRows / 2;
        // The helper's next is the owner, whose first message there is the permutation.
        const std::vector<std::uint64_t> from_next = Words(view.next_received);
        const std::vector<std::uint64_t> from_previous = Words(view.previous_received);
        for (const auto words :
             {std::span(from_next).subspan(is_helper ? index_words : 0), std::span(from_previous)}) {
          if (words.size() >= 2048) {
            EXPECT_LT(WorstByteStatistic(words), kUniformityBound);
          }
        }
        const Columns& result = run.value(role);
        EXPECT_LT(WorstJointStatistic({result.rings[0].part(0), result.rings[0].part(1)}), kUniformityBound);
      }
    }
  }
}

// Three rows, every permutation of the owner, 600 seeds: the helper sees each of the six orders equally
// often. Chi-square with 5 degrees of freedom stays below 30 but once in 10^5.
TEST(Replicated3Views, GatherShowsTheHelperAUniformPermutation) {
  for (const std::vector<std::uint32_t>& source :
       std::vector<std::vector<std::uint32_t>>{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}}) {
    std::map<std::vector<std::uint8_t>, double> counts;
    for (std::uint64_t seed = 0; seed < 600; ++seed) {
      auto run = RunThreeParties(
          [&](Protocol& p) -> absl::StatusOr<Columns> {
            const std::vector<std::uint64_t> clear = {1, 2, 3};
            return p.GatherByOwner(0, IfHeld(p, 0, source), 3, Columns{{}, {p.PublicRing(clear)}});
          },
          {.seed = seed, .keep_received_bytes = 16});
      ASSERT_TRUE(run.ok());
      ++counts[run.views[2].next_received];
    }
    ASSERT_EQ(counts.size(), 6);
    double statistic = 0;
    for (const auto& [order, count] : counts) statistic += (count - 100) * (count - 100) / 100;
    EXPECT_LT(statistic, 30);
  }
}

// --- The statistic itself: it passes noise and fails what a forgotten or repeated mask would show.
std::vector<std::uint64_t> Noise(std::uint32_t operation) {
  const std::array<std::uint8_t, 16> key{9};
  Prg prg(key);
  std::vector<std::uint64_t> words(4096);
  prg.FillWords(operation, 0, 0, words);
  return words;
}

TEST(Uniformity, PassesNoise) {
  EXPECT_LT(WorstJointStatistic({Noise(1), Noise(2), Noise(3), Noise(4)}), kUniformityBound);
}

TEST(Uniformity, FailsAForgottenMask) {
  std::vector<std::uint64_t> counter(4096);
  std::iota(counter.begin(), counter.end(), 0);
  EXPECT_GT(WorstJointStatistic({counter}), kUniformityBound);
  EXPECT_GT(WorstJointStatistic({std::vector<std::uint64_t>(4096, 0)}), kUniformityBound);
}

TEST(Uniformity, FailsAMaskThatSparesABit) {
  std::vector<std::uint64_t> words = Noise(1);
  for (std::uint64_t& word : words) word |= 1u << 20;
  EXPECT_GT(WorstJointStatistic({words}), kUniformityBound);
}

TEST(Uniformity, FailsAMaskThatServesTwice) {
  std::vector<std::uint64_t> first = Noise(1), second = Noise(1);
  for (std::size_t k = 0; k < first.size(); ++k) second[k] += k % 100;
  EXPECT_LT(WorstJointStatistic({first}), kUniformityBound);
  EXPECT_LT(WorstJointStatistic({second}), kUniformityBound);
  EXPECT_GT(WorstJointStatistic({first, second}), kUniformityBound);
}

}  // namespace
}  // namespace care::mpc
