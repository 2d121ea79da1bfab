// What each party sees of a shuffle. Every message is noise, alone and beside the party's other messages; each
// party's shares of the result are noise; and no party meets again, in what it receives, a row that it could
// recognise. The last is tested apart because a forgotten mask of the first two factors leaves messages that look
// like noise, and tell the permutation only to the party that knows what was permuted.
//
// Each test of a mask is run again with a key stream that leaves the mask out, and must then fail.

#include <algorithm>
#include <map>
#include <set>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "mpc/random/key_derivation.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

using Columns = Protocol::Columns;

constexpr std::size_t kRows = 4096;
constexpr std::uint64_t kSeed = 79;

// The streams of shuffle.cc.
constexpr std::uint8_t kMaskLeft = 0, kMaskRight = 1, kReshare = 2;

// What is left out, of the operations numbered from 3 on (the inputs before them are not at fault).
template <std::uint8_t kStream>
void WithoutStream(const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
  BestKernels().key_stream(key, counter, out, bytes);
  const bool dropped = counter.high >> 32 >= 3 && (counter.high >> 24 & 0xff) == kStream;
  if (dropped) std::fill_n(out, bytes, 0);
}

template <std::uint8_t kStream>
const Kernels& Without() {
  static const Kernels kernels = [] {
    Kernels broken = BestKernels();
    broken.key_stream = &WithoutStream<kStream>;
    return broken;
  }();
  return kernels;
}

struct Seen {
  Columns before, after;
};

// Inputs, then a shuffle whose operation is 3 + dealer, which decides who deals.
auto ShuffleOf(std::uint64_t value, const Kernels& kernels, unsigned dealer) {
  return RunThreeParties(
      [=](Protocol& p) -> absl::StatusOr<Seen> {
        Seen seen;
        const Integers clear(kRows, value);
        CARE_ASSIGN_OR_RETURN(const RingColumn ring, InputRingForTest(p, 0, clear));
        seen.before.rings = {ring};
        for (unsigned skip = 0; skip < 2 + dealer; ++skip) {
          CARE_RETURN_IF_ERROR(InputRingForTest(p, 1, {}).status());
        }
        CARE_ASSIGN_OR_RETURN(Protocol::Shuffled shuffled, p.Shuffle(seen.before));
        seen.after = std::move(shuffled.columns);
        return seen;
      },
      {.seed = kSeed, .keep_received_bytes = std::size_t{1} << 30, .kernels = &kernels});
}

using ShuffleRun = decltype(ShuffleOf(0, BestKernels(), 0));

// The messages of the shuffle alone: the input's is the only other one, and P1 receives it from P0.
std::vector<std::vector<std::uint64_t>> Received(const ShuffleRun& run, unsigned role) {
  std::vector<std::vector<std::uint64_t>> messages;
  for (const bool from_next : {true, false}) {
    const PartyView& view = run.views[role];
    std::vector<std::uint64_t> words = Words(from_next ? view.next_received : view.previous_received);
    if (role == 1 && !from_next) words.erase(words.begin(), words.begin() + kRows);
    for (std::size_t first = 0; first < words.size(); first += kRows) {
      messages.emplace_back(words.begin() + first, words.begin() + first + kRows);
    }
  }
  return messages;
}

double WorstStatistic(ShuffleRun& run) {
  double worst = 0;
  for (unsigned role = 0; role < 3; ++role) {
    const RingColumn& after = run.value(role).after.rings[0];
    worst = std::max({worst, WorstJointStatistic(Received(run, role)),
                      WorstJointStatistic({after.part(0), after.part(1)})});
  }
  return worst;
}

TEST(ShuffleViews, MessagesAndSharesAreNoise) {
  for (unsigned dealer = 0; dealer < 3; ++dealer) {
    std::array<PartyView, 3> views_of_zeros;
    for (const std::uint64_t value : {std::uint64_t{0}, ~std::uint64_t{0}}) {
      ShuffleRun run = ShuffleOf(value, BestKernels(), dealer);
      ASSERT_TRUE(run.ok()) << run.status();
      EXPECT_LT(WorstStatistic(run), kUniformityBound) << "dealer " << dealer;
      for (unsigned role = 0; role < 3; ++role) {
        if (value == 0) views_of_zeros[role] = run.views[role];
        EXPECT_EQ(run.views[role].next_records, views_of_zeros[role].next_records);
        EXPECT_EQ(run.views[role].previous_records, views_of_zeros[role].previous_records);
      }
    }
    ShuffleRun unshared = ShuffleOf(0, Without<kReshare>(), dealer);
    ASSERT_TRUE(unshared.ok());
    EXPECT_GT(WorstStatistic(unshared), kUniformityBound) << "without its share, dealer " << dealer;
  }
}

// Words that `role` received and that are among those it knows.
std::size_t Recognised(const ShuffleRun& run, unsigned role, const std::vector<std::uint64_t>& known) {
  const std::set<std::uint64_t> words(known.begin(), known.end());
  std::size_t recognised = 0;
  for (const auto& message : Received(run, role)) {
    recognised += static_cast<std::size_t>(
        std::ranges::count_if(message, [&](std::uint64_t word) { return words.contains(word); }));
  }
  return recognised;
}

// The right party knows the share that the left one permutes.
TEST(ShuffleViews, TheRightPartyCannotFollowTheRows) {
  for (unsigned dealer = 0; dealer < 3; ++dealer) {
    const unsigned right = (dealer + 2) % 3;
    for (const bool masked : {true, false}) {
      ShuffleRun run = ShuffleOf(0, masked ? BestKernels() : Without<kMaskLeft>(), dealer);
      ASSERT_TRUE(run.ok());
      const RingColumn& before = run.value(right).before.rings[0];
      const std::vector<std::uint64_t>& common = before.part(0);  // share `right`, which the left one has too
      EXPECT_EQ(Recognised(run, right, common), masked ? 0 : kRows) << "dealer " << dealer;
    }
  }
}

// Where all rows are zero, what the dealer permutes is minus the left party's share: it knows that too, and Z.
TEST(ShuffleViews, TheLeftPartyCannotFollowTheRows) {
  for (unsigned dealer = 0; dealer < 3; ++dealer) {
    const unsigned left = (dealer + 1) % 3;
    for (const bool masked : {true, false}) {
      ShuffleRun run = ShuffleOf(0, masked ? BestKernels() : Without<kMaskRight>(), dealer);
      ASSERT_TRUE(run.ok());
      // The pair of dealer and left shares seed `left`.
      const Seed seed = TestSeed(kSeed, static_cast<std::uint8_t>(left));
      Prg prg(DeriveKey(seed, "prg").aes_key());
      std::vector<std::uint64_t> known(kRows);
      prg.FillWords(3 + dealer, kMaskLeft, 0, known);
      const RingColumn& before = run.value(left).before.rings[0];
      for (std::size_t row = 0; row < kRows; ++row) known[row] -= before.part(1)[row];
      EXPECT_EQ(Recognised(run, left, known), masked ? 0 : kRows) << "dealer " << dealer;
    }
  }
}

// Three rows, 600 seeds: each of the six orders equally often. Chi-square with 5 degrees of freedom stays below
// 30 but once in 10^5.
TEST(ShuffleViews, TheOrderIsUniform) {
  std::map<Integers, double> counts;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    auto run = RunThreeParties(
        [](Protocol& p) -> absl::StatusOr<Integers> {
          CARE_ASSIGN_OR_RETURN(const Protocol::Shuffled shuffled,
                                p.Shuffle({{}, {p.PublicRing(Integers{1, 2, 3})}}));
          return OpenForTest(p, shuffled.columns.rings[0]);
        },
        {.seed = seed});
    ASSERT_TRUE(run.ok());
    ++counts[run.value(0)];
  }
  ASSERT_EQ(counts.size(), 6);
  double statistic = 0;
  for (const auto& [order, count] : counts) statistic += (count - 100) * (count - 100) / 100;
  EXPECT_LT(statistic, 30);
}

}  // namespace
}  // namespace care::mpc
