// A party that is none of the three compute parties brings rows and receives answers: as on Plain, in exactly its bytes;
// what every party sees of it is noise, beside what it holds, and no longer if one of the masks is left out; and it may
// fail.

#include "mpc/protocol/replicated3/outside_owner.h"

#include <functional>
#include <thread>

#include "mpc/cost/cost.h"
#include "mpc/relational/neighbours.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

constexpr PartyId kOutside = 7;

Disclosure ToOutside() {
  return {.id = 5, .what = "an answer", .recipient = kOutside, .max_values = std::uint64_t{1} << 40, .rule = "test"};
}

struct View {
  std::vector<std::uint8_t> from_outside;  // at a compute party
  std::uint64_t bytes_sent = 0;            // to everybody
  std::uint64_t rounds = 0;
};
template <typename Result>
struct FourPartiesRun {
  std::array<absl::StatusOr<Result>, 3> results{absl::UnknownError(""), absl::UnknownError(""),
                                                absl::UnknownError("")};
  absl::Status outside = absl::UnknownError("");
  std::array<View, 3> views;
  std::array<std::vector<std::uint8_t>, 3> at_outside;  // received from each
  std::uint64_t outside_sent = 0;

  std::uint64_t bytes_sent() const {
    return views[0].bytes_sent + views[1].bytes_sent + views[2].bytes_sent + outside_sent;
  }
  absl::Status status() const {
    for (const auto& result : results) {
      if (!result.ok()) return result.status();
    }
    return outside;
  }
};

// `compute(Protocol&)` at the three, `outside(OutsideOwner&)` at the fourth.
template <typename Compute>
auto RunFourParties(const Compute& compute, const std::function<absl::Status(OutsideOwner&)>& outside,
                    const Kernels& kernels = BestKernels(), std::uint64_t seed = 1) {
  using Result = typename std::invoke_result_t<Compute, Protocol&>::value_type;
  using Link = std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>>;
  std::array<Link, 3> links, outside_links;  // P_i and P_{i+1}; P_i and the outside owner
  for (Link& link : links) link = MakeMemoryChannelPair();
  for (Link& link : outside_links) link = MakeMemoryChannelPair();
  const std::vector<Disclosure> disclosures = {TestDisclosure(), ToOutside()};
  const std::array<Seed, 2> seeds = {TestSeed(seed, 100), TestSeed(seed, 101)};
  FourPartiesRun<Result> run;
  std::vector<std::thread> threads;
  for (unsigned role = 0; role < 3; ++role) {
    threads.emplace_back([&, role] {
      Channel& next = *links[role].first;
      Channel& previous = *links[(role + 2) % 3].second;
      RecordingChannel of_outside(*outside_links[role].first, std::size_t{1} << 26);
      Replicated3 protocol(role, {0, 1, 2}, next, previous, TestSeed(seed, (role + 1) % 3),
                           TestSeed(seed, static_cast<std::uint8_t>(role)), disclosures, true, kernels);
      OutsideSeeds held;
      if (role != 1) held[0] = seeds[0];
      if (role != 2) held[1] = seeds[1];
      protocol.Admit(kOutside, of_outside, held);
      run.results[role] = compute(static_cast<Protocol&>(protocol));
      if (!run.results[role].ok()) {
        for (Channel* channel : {&next, &previous, static_cast<Channel*>(&of_outside)}) {
          channel->Abort(run.results[role].status());
        }
      }
      View& view = run.views[role];
      view.from_outside = of_outside.received();
      view.bytes_sent = next.meter().bytes_sent + previous.meter().bytes_sent + of_outside.meter().bytes_sent;
      view.rounds = protocol.rounds();
    });
  }
  threads.emplace_back([&] {
    std::vector<std::unique_ptr<RecordingChannel>> channels;
    std::array<Channel*, 3> compute_channels{};
    for (unsigned role = 0; role < 3; ++role) {
      channels.push_back(std::make_unique<RecordingChannel>(*outside_links[role].second, std::size_t{1} << 26));
      compute_channels[role] = channels.back().get();
    }
    OutsideOwner owner(kOutside, compute_channels, seeds, disclosures, true, kernels);
    run.outside = outside(owner);
    for (unsigned role = 0; role < 3; ++role) {
      if (!run.outside.ok()) channels[role]->Abort(run.outside);
      run.at_outside[role] = channels[role]->received();
      run.outside_sent += channels[role]->meter().bytes_sent;
    }
  });
  for (std::thread& thread : threads) thread.join();
  return run;
}

TEST(OutsideOwner, BringsRowsAndReceivesAnswers) {
  std::mt19937_64 random(1);
  for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{130}, std::size_t{70000}}) {
    for (const unsigned width : {1u, 20u, 64u, 100u, 128u}) {
      SCOPED_TRACE(testing::Message() << rows << " rows of " << width << " bits");
      const std::size_t words = RingWords(width);
      const Integers bits = RandomIntegers(random, rows, 9), other_bits = RandomIntegers(random, rows, 9);
      const Integers values = RandomIntegers(random, rows * words, 64);
      const BitPlanes planes = BitPlanes::FromIntegers(bits, 9);
      // The same calls on both protocols. Only Plain holds the outside party.
      struct Answers {
        std::optional<BitPlanes> both;
        std::optional<std::vector<std::uint64_t>> product;
        Integers at_all;
      };
      const auto compute = [&](Protocol& p) -> absl::StatusOr<Answers> {
        CARE_ASSIGN_OR_RETURN(const BitColumn x, p.InputBits(kOutside, IfHeld(p, kOutside, planes), rows, 9));
        CARE_ASSIGN_OR_RETURN(const BitColumn y, InputBitsForTest(p, 1, other_bits, 9));
        CARE_ASSIGN_OR_RETURN(const BitColumn both, p.And(x, y));
        CARE_ASSIGN_OR_RETURN(const RingColumn z, p.InputRing(kOutside, IfHeld(p, kOutside, values), rows, width));
        CARE_ASSIGN_OR_RETURN(const RingColumn product, p.Multiply(z, z));
        Answers answers;
        CARE_ASSIGN_OR_RETURN(answers.both, p.Open(both, ToOutside()));
        CARE_ASSIGN_OR_RETURN(answers.product, p.Open(product, ToOutside()));
        CARE_ASSIGN_OR_RETURN(answers.at_all, OpenForTest(p, z));
        return answers;
      };
      Plain plain({TestDisclosure(), ToOutside()});
      const auto expected = compute(plain);
      ASSERT_TRUE(expected.ok()) << expected.status();
      Integers expected_bits(rows);
      for (std::size_t i = 0; i < rows; ++i) expected_bits[i] = bits[i] & other_bits[i];
      EXPECT_EQ(expected->both->ToIntegers(), expected_bits);

      Integers seen_bits, seen_product;
      auto run = RunFourParties(compute, [&](OutsideOwner& owner) -> absl::Status {
        CARE_RETURN_IF_ERROR(owner.InputBits(planes));
        CARE_RETURN_IF_ERROR(owner.InputRing(values, width));
        CARE_ASSIGN_OR_RETURN(const BitPlanes both, owner.OpenBits(rows, 9, ToOutside()));
        CARE_ASSIGN_OR_RETURN(seen_product, owner.OpenRing(rows, width, ToOutside()));
        seen_bits = both.ToIntegers();
        return absl::OkStatus();
      });
      ASSERT_TRUE(run.status().ok()) << run.status();
      EXPECT_EQ(seen_bits, expected_bits);
      EXPECT_EQ(seen_product, *expected->product);
      for (unsigned role = 0; role < 3; ++role) {
        EXPECT_FALSE(run.results[role]->both.has_value());
        EXPECT_FALSE(run.results[role]->product.has_value());
        EXPECT_EQ(run.results[role]->at_all, expected->at_all);
        EXPECT_EQ(run.views[role].rounds, run.views[0].rounds);
      }
    }
  }
}

TEST(OutsideOwner, CostsWhatTheFormulasSay) {
  for (const std::size_t rows : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{1000}}) {
    for (const unsigned width : {1u, 20u, 64u, 100u}) {
      const Integers words(rows * RingWords(width));
      const BitPlanes planes(rows, 7);
      const auto run = RunFourParties(
          [&](Protocol& p) -> absl::StatusOr<int> {
            CARE_RETURN_IF_ERROR(p.InputBits(kOutside, nullptr, rows, 7).status());
            CARE_RETURN_IF_ERROR(p.InputRing(kOutside, nullptr, rows, width).status());
            CARE_RETURN_IF_ERROR(p.Open(PublicZeroes(p, rows, 7), ToOutside()).status());
            CARE_RETURN_IF_ERROR(p.Open(p.PublicRing(words, width), ToOutside()).status());
            return 0;
          },
          [&](OutsideOwner& owner) -> absl::Status {
            CARE_RETURN_IF_ERROR(owner.InputBits(planes));
            CARE_RETURN_IF_ERROR(owner.InputRing(words, width));
            CARE_RETURN_IF_ERROR(owner.OpenBits(rows, 7, ToOutside()).status());
            return owner.OpenRing(rows, width, ToOutside()).status();
          });
      ASSERT_TRUE(run.status().ok()) << run.status();
      const Cost cost = OutsideInputBitsCost(rows, 7) + OutsideInputRingCost(rows, width) +
                        OutsideOpenBitsCost(rows, 7) + OutsideOpenRingCost(rows, width);
      EXPECT_EQ(run.bytes_sent(), cost.bytes) << rows << " rows, " << width << " bits";
      EXPECT_EQ(run.views[0].rounds, cost.rounds);
    }
  }
}

// --- What each party sees. Zeros go in and come out, so that whatever is not masked is a constant.

constexpr std::size_t kRows = 4096;

template <int kStream>
const Kernels& Without() {
  static const Kernels kernels = [] {
    Kernels broken = BestKernels();
    broken.key_stream = [](const AesSchedule& key, AesCounter counter, std::uint8_t* out, std::size_t bytes) {
      BestKernels().key_stream(key, counter, out, bytes);
      if ((counter.high >> 24 & 0xff) == kStream) std::fill_n(out, bytes, std::uint8_t{0});
    };
    return broken;
  }();
  return kernels;
}

struct Statistics {
  double first_lacked, second_lacked;  // of what P1 and P2 receive, beside the shares that they hold
  double first_half, second_half;      // of what the recipient receives from P0 and P1
};
Statistics WorstOf(const Kernels& kernels, std::uint64_t value) {
  const Integers values(kRows, value);
  auto run = RunFourParties(
      [&](Protocol& p) -> absl::StatusOr<RingColumn> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, p.InputRing(kOutside, nullptr, kRows));
        CARE_RETURN_IF_ERROR(p.Open(p.PublicRing(values), ToOutside()).status());
        return x;
      },
      [&](OutsideOwner& owner) -> absl::Status {
        CARE_RETURN_IF_ERROR(owner.InputRing(values));
        return owner.OpenRing(kRows, 64, ToOutside()).status();
      },
      kernels, 17);
  EXPECT_TRUE(run.status().ok()) << run.status();
  EXPECT_TRUE(run.views[0].from_outside.empty());
  EXPECT_TRUE(run.at_outside[2].empty());
  // P1 holds share 1 as its part 0, P2 share 0 as its part 1.
  const Integers at_p1 = Words(run.views[1].from_outside), at_p2 = Words(run.views[2].from_outside);
  EXPECT_EQ(at_p1.size(), kRows);
  EXPECT_EQ(at_p2.size(), kRows);
  const auto sum = [](Integers a, const Integers& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  };
  return {WorstByteStatistic(sum(at_p1, run.results[1]->part(0))),
          WorstByteStatistic(sum(at_p2, run.results[2]->part(1))), WorstByteStatistic(Words(run.at_outside[0])),
          WorstByteStatistic(Words(run.at_outside[1]))};
}

TEST(OutsideOwner, EveryMessageIsNoiseAndEveryMaskIsNeeded) {
  for (const std::uint64_t value : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    const Statistics masked = WorstOf(BestKernels(), value);
    for (const double statistic :
         {masked.first_lacked, masked.second_lacked, masked.first_half, masked.second_half}) {
      EXPECT_LT(statistic, kUniformityBound);
    }
  }
  // Stream 0 is share 0's, which P1 lacks, and that of the split; stream 1 is share 1's, which P2 lacks.
  const Statistics without_first = WorstOf(Without<0>(), 0);
  EXPECT_GT(without_first.first_lacked, kUniformityBound);
  EXPECT_LT(without_first.second_lacked, kUniformityBound);
  EXPECT_GT(without_first.first_half, kUniformityBound);
  EXPECT_GT(without_first.second_half, kUniformityBound);
  const Statistics without_second = WorstOf(Without<1>(), 0);
  EXPECT_LT(without_second.first_lacked, kUniformityBound);
  EXPECT_GT(without_second.second_lacked, kUniformityBound);
}

// What is past the last row of a bit column may be other rows': the recipient must not get it.
TEST(OutsideOwner, NothingPastTheLastRowIsOpened) {
  auto run = RunFourParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        BitColumn column = p.PublicBits(BitPlanes(1, 3));
        for (unsigned part = 0; part < 2; ++part) {
          for (std::uint64_t& word : column.part(part).words()) word |= 0xabcdef00;
        }
        CARE_RETURN_IF_ERROR(p.Open(column, ToOutside()).status());
        return 0;
      },
      [&](OutsideOwner& owner) { return owner.OpenBits(1, 3, ToOutside()).status(); });
  ASSERT_TRUE(run.status().ok()) << run.status();
  const Integers first = Words(run.at_outside[0]), second = Words(run.at_outside[1]);
  ASSERT_EQ(first.size(), 3);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ((first[k] ^ second[k]) >> 1, 0);
}

TEST(OutsideOwner, ThatGivesUpEndsTheCall) {
  auto run = RunFourParties(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const RingColumn x, p.InputRing(kOutside, nullptr, 10));
        return OpenForTest(p, x);
      },
      [&](OutsideOwner&) { return absl::ResourceExhaustedError("a table is too large"); });
  for (const auto& result : run.results) EXPECT_FALSE(result.ok());
  EXPECT_EQ(run.results[1].status().code(), absl::StatusCode::kResourceExhausted);
}

// The keys as a session makes them: fresh in each, and of no use under another session or plan.
TEST(OutsideOwner, Establishes) {
  std::array<std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>>, 3> links;
  const auto establish = [&](std::string_view session, std::string_view session_at_p0) {
    for (auto& link : links) link = MakeMemoryChannelPair();
    const auto owner = EstablishOutsideOwner(
        kOutside, {links[0].second.get(), links[1].second.get(), links[2].second.get()}, session, "digest", {});
    EXPECT_TRUE(owner.ok()) << owner.status();
    std::array<OutsideSeeds, 3> seeds;
    for (unsigned role = 0; role < 3; ++role) {
      auto received =
          ReceiveOutsideSeeds(role, kOutside, *links[role].first, role == 0 ? session_at_p0 : session, "digest");
      EXPECT_TRUE(received.ok()) << received.status();
      seeds[role] = *received;
    }
    return seeds;
  };
  const auto equal = [](const std::optional<Seed>& a, const std::optional<Seed>& b) {
    return std::ranges::equal(a->bytes(), b->bytes());
  };
  const auto seeds = establish("s", "s");
  EXPECT_FALSE(seeds[1][0].has_value());
  EXPECT_FALSE(seeds[2][1].has_value());
  EXPECT_TRUE(equal(seeds[0][0], seeds[2][0]));
  EXPECT_TRUE(equal(seeds[0][1], seeds[1][1]));
  EXPECT_FALSE(equal(seeds[0][0], seeds[0][1]));
  EXPECT_FALSE(equal(seeds[0][0], establish("s", "s")[0][0]));
  const auto others = establish("s", "t");
  EXPECT_FALSE(equal(others[0][0], others[2][0]));
}

}  // namespace
}  // namespace care::mpc
