// Every primitive on Replicated3 against Plain, over shapes around the word and owners in every role; rounds
// and bytes against the formulas of protocol.h; faults; the ways in which a call must not be made.
//
// A case prepares operands, then runs one primitive. Results are opened and compared; rounds and bytes are
// metered in a second pair of runs, with and without the primitive and without opening.

#include "mpc/protocol/replicated3/replicated3.h"

#include <functional>
#include <numeric>
#include <random>
#include <string>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::mpc {
namespace {

using Columns = Protocol::Columns;
using Opened = std::vector<std::vector<std::uint64_t>>;

std::vector<std::uint64_t> RandomValues(std::size_t rows, std::uint64_t seed, unsigned width = 64) {
  std::mt19937_64 generator(seed);
  std::vector<std::uint64_t> values(rows);
  for (std::uint64_t& value : values) value = generator() >> (64 - width);
  return values;
}

// The size of the messages that carry one plane, in bits.
std::uint64_t PlaneBits(std::size_t rows) { return (rows + 63) / 64 * 64; }

struct Case {
  std::string name;
  std::uint64_t rounds;
  std::uint64_t bits;  // over all parties
  std::function<absl::StatusOr<Columns>(Protocol&)> prepare;
  std::function<absl::StatusOr<Columns>(Protocol&, const Columns&)> run;
};

absl::StatusOr<Opened> OpenAll(Protocol& p, const Columns& columns) {
  Opened opened;
  for (const BitColumn& column : columns.bits) {
    CARE_ASSIGN_OR_RETURN(auto values, OpenForTest(p, column));
    opened.push_back(std::move(values));
  }
  for (const RingColumn& column : columns.rings) {
    CARE_ASSIGN_OR_RETURN(auto values, OpenForTest(p, column));
    opened.push_back(std::move(values));
  }
  return opened;
}

// Two Boolean columns of 13 bits and one flag, two ring columns, from owners in every role.
absl::StatusOr<Columns> Operands(Protocol& p, std::size_t rows, PartyId first_owner, std::uint64_t seed) {
  Columns columns;
  const unsigned widths[] = {13, 13, 1};
  for (unsigned c = 0; c < 3; ++c) {
    const auto owner = static_cast<PartyId>((first_owner + c) % 3);
    const BitPlanes clear = BitPlanes::FromIntegers(RandomValues(rows, seed + c, widths[c]), widths[c]);
    CARE_ASSIGN_OR_RETURN(BitColumn column, p.InputBits(owner, IfHeld(p, owner, clear), rows, widths[c]));
    columns.bits.push_back(std::move(column));
  }
  for (unsigned c = 0; c < 2; ++c) {
    const auto owner = static_cast<PartyId>((first_owner + c) % 3);
    const std::vector<std::uint64_t> clear = RandomValues(rows, seed + 10 + c);
    CARE_ASSIGN_OR_RETURN(RingColumn column, p.InputRing(owner, IfHeld(p, owner, clear), rows));
    columns.rings.push_back(std::move(column));
  }
  return columns;
}

template <typename T>
std::vector<T> Vector(T first) {
  std::vector<T> values;
  values.push_back(std::move(first));
  return values;
}

unsigned AdderRounds(unsigned width) {
  if (width == 1) return 1;
  unsigned levels = 0;
  while ((1u << levels) < width - 1) ++levels;
  return 2 + levels;
}
std::uint64_t AdderGates(unsigned width) {
  std::uint64_t gates = width - 1;
  for (unsigned span = 1; span + 1 < width; span *= 2) {
    for (unsigned i = 0; i + 1 < width; ++i) gates += (i & span) == 0 ? 0 : i >= 2 * span ? 2 : 1;
  }
  return gates;
}

std::vector<Case> Cases(std::size_t rows, PartyId owner, std::uint64_t seed) {
  const std::uint64_t plane = PlaneBits(rows);
  const auto operands = [=](Protocol& p) { return Operands(p, rows, owner, seed); };
  const auto nothing = [](Protocol&) -> absl::StatusOr<Columns> { return Columns(); };
  std::vector<Case> cases;
  const auto add = [&](std::string name, std::uint64_t rounds, std::uint64_t bits, auto prepare, auto run) {
    cases.push_back({std::move(name), rounds, bits, prepare, run});
  };

  add("InputBits", 1, plane * 13, nothing, [=](Protocol& p, const Columns&) -> absl::StatusOr<Columns> {
    const BitPlanes clear = BitPlanes::FromIntegers(RandomValues(rows, seed, 13), 13);
    CARE_ASSIGN_OR_RETURN(BitColumn column, p.InputBits(owner, IfHeld(p, owner, clear), rows, 13));
    return Columns{Vector(std::move(column)), {}};
  });
  add("InputRing", 1, 64 * rows, nothing, [=](Protocol& p, const Columns&) -> absl::StatusOr<Columns> {
    const std::vector<std::uint64_t> clear = RandomValues(rows, seed);
    CARE_ASSIGN_OR_RETURN(RingColumn column, p.InputRing(owner, IfHeld(p, owner, clear), rows));
    return Columns{{}, Vector(std::move(column))};
  });
  add("Local", 0, 0, operands, [=](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
    const std::vector<std::uint64_t> values = RandomValues(rows, seed + 7);
    const BitPlanes bits = BitPlanes::FromIntegers(values, 13);
    Columns out;
    out.bits.push_back(p.Xor(in.bits[0], in.bits[1]));
    out.bits.push_back(p.Not(in.bits[0]));
    out.bits.push_back(p.Xor(p.PublicBits(bits), in.bits[1]));
    out.bits.push_back(p.AndPublic(in.bits[0], bits));
    out.bits.push_back(p.PrefixXor(in.bits[0]));
    out.rings.push_back(p.Add(in.rings[0], p.PublicRing(values)));
    out.rings.push_back(p.Subtract(in.rings[0], in.rings[1]));
    out.rings.push_back(p.MultiplyPublic(in.rings[0], values.empty() ? 3 : values[0]));
    out.rings.push_back(p.PrefixSum(in.rings[1]));
    out.rings.push_back(p.Sum(in.rings[0]));
    return out;
  });
  add("And", 1, 3 * plane * 13, operands, [](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
    CARE_ASSIGN_OR_RETURN(BitColumn column, p.And(in.bits[0], in.bits[1]));
    return Columns{Vector(std::move(column)), {}};
  });
  add("AndMask", 1, 3 * plane * 13, operands, [](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
    CARE_ASSIGN_OR_RETURN(BitColumn column, p.And(in.bits[0], in.bits[2]));
    return Columns{Vector(std::move(column)), {}};
  });
  add("Multiply", 1, 192 * rows, operands, [](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
    CARE_ASSIGN_OR_RETURN(RingColumn column, p.Multiply(in.rings[0], in.rings[1]));
    return Columns{{}, Vector(std::move(column))};
  });
  add("DotProducts", 1, 192 * 3, operands, [](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
    const RingColumn* lefts[] = {&in.rings[0], &in.rings[0], &in.rings[1]};
    const RingColumn* rights[] = {&in.rings[0], &in.rings[1], &in.rings[1]};
    CARE_ASSIGN_OR_RETURN(RingColumn column, p.DotProducts(lefts, rights));
    return Columns{{}, Vector(std::move(column))};
  });
  add("BitsToRing", 2, 192 * 13 * rows, operands,
      [](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
        CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> columns, p.BitsToRing(in.bits[0]));
        return Columns{{}, std::move(columns)};
      });
  add("MaskOwned", 2, 256 * 3 * rows, operands,
      [=](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
        const std::vector<std::vector<std::uint64_t>> values = {
            RandomValues(rows, seed + 20), RandomValues(rows, seed + 21), RandomValues(rows, seed + 22)};
        CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> columns,
                              p.MaskOwned(in.bits[2], owner, IfHeld(p, owner, values), 3));
        return Columns{{}, std::move(columns)};
      });
  for (const unsigned width : {1u, 2u, 3u, 21u, 64u}) {
    add("RingToBits" + std::to_string(width), AdderRounds(width), plane * (width + 3 * AdderGates(width)),
        operands, [=](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
          CARE_ASSIGN_OR_RETURN(BitColumn column, p.RingToBits(in.rings[0], width));
          return Columns{Vector(std::move(column)), {}};
        });
  }
  for (const std::size_t out_rows : {rows, rows / 2, rows / 70}) {
    const std::uint64_t width = 13 + 13 + 1;
    const std::uint64_t index_bits = rows <= 2 ? 1 : std::bit_width(rows - 1);
    const std::uint64_t bits = plane * width + 128 * rows + PlaneBits(out_rows) * index_bits +
                               2 * (PlaneBits(out_rows) * width + 128 * out_rows);
    add("GatherByOwner" + std::to_string(out_rows), 2, bits, operands,
        [=](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
          std::vector<std::uint32_t> source(rows);
          std::iota(source.begin(), source.end(), 0);
          std::shuffle(source.begin(), source.end(), std::mt19937_64(seed));
          source.resize(out_rows);
          return p.GatherByOwner(owner, IfHeld(p, owner, source), out_rows, in);
        });
  }
  if (rows > 0) {
    add("ReadByOwner", 3, 5 * plane + 64 * 5 * (1 + 5 * 2), operands,
        [=](Protocol& p, const Columns& in) -> absl::StatusOr<Columns> {
          const auto last = static_cast<std::uint32_t>(rows - 1);
          const std::vector<std::uint32_t> positions = {0, last, last / 2, last, last / 3};
          CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> columns,
                                p.ReadByOwner(owner, IfHeld(p, owner, positions), 5, in.rings));
          return Columns{{}, std::move(columns)};
        });
  }
  return cases;
}

class EveryShape : public testing::TestWithParam<std::tuple<std::size_t, int>> {};

TEST_P(EveryShape, EqualsPlainAtTheStatedCost) {
  const auto [rows, owner] = GetParam();
  for (const Case& test : Cases(rows, static_cast<PartyId>(owner), 100 + rows)) {
    SCOPED_TRACE(test.name);
    const auto whole = [&](Protocol& p) -> absl::StatusOr<Opened> {
      CARE_ASSIGN_OR_RETURN(const Columns in, test.prepare(p));
      CARE_ASSIGN_OR_RETURN(const Columns out, test.run(p, in));
      return OpenAll(p, out);
    };
    Plain plain({TestDisclosure()});
    const absl::StatusOr<Opened> expected = whole(plain);
    ASSERT_TRUE(expected.ok()) << expected.status();
    auto run = RunThreeParties(whole);
    ASSERT_TRUE(run.ok()) << run.status();
    for (unsigned role = 0; role < 3; ++role) ASSERT_EQ(run.value(role), *expected) << "P" << role;

    const auto before = RunThreeParties([&](Protocol& p) { return test.prepare(p); });
    const auto after = RunThreeParties([&](Protocol& p) -> absl::StatusOr<Columns> {
      CARE_ASSIGN_OR_RETURN(const Columns in, test.prepare(p));
      return test.run(p, in);
    });
    EXPECT_TRUE(after.rounds_agree);
    EXPECT_EQ(after.rounds - before.rounds, test.rounds);
    EXPECT_EQ(8 * (after.bytes_sent() - before.bytes_sent()), test.bits);
  }
}

INSTANTIATE_TEST_SUITE_P(Replicated3, EveryShape,
                         testing::Combine(testing::Values(0, 1, 2, 63, 64, 65, 200),
                                          testing::Values(0, 1, 2)));
// More rows than one piece of a message holds: one owner suffices.
INSTANTIATE_TEST_SUITE_P(Replicated3Long, EveryShape,
                         testing::Combine(testing::Values(70000), testing::Values(1)));

TEST(Replicated3, OpensToTheRecipientAlone) {
  const Disclosure to_one{.id = 1, .what = "x", .recipient = 1, .max_values = 200, .rule = "test"};
  const std::vector<std::uint64_t> clear = RandomValues(100, 1, 13);
  const BitPlanes bits = BitPlanes::FromIntegers(clear, 13);
  auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<std::pair<bool, bool>> {
        CARE_ASSIGN_OR_RETURN(const RingColumn ring, p.InputRing(2, IfHeld(p, 2, clear), 100));
        CARE_ASSIGN_OR_RETURN(const BitColumn column, p.InputBits(0, IfHeld(p, 0, bits), 100, 13));
        CARE_ASSIGN_OR_RETURN(const auto opened_ring, p.Open(ring, to_one));
        CARE_ASSIGN_OR_RETURN(const auto opened_bits, p.Open(column, to_one));
        EXPECT_EQ(opened_ring.has_value(), p.Holds(1));
        EXPECT_EQ(opened_bits.has_value(), p.Holds(1));
        if (!opened_ring || !opened_bits) return std::pair(false, false);
        return std::pair(*opened_ring == clear, opened_bits->ToIntegers() == clear);
      },
      {.disclosures = {to_one}});
  ASSERT_TRUE(run.ok()) << run.status();
  for (unsigned role = 0; role < 3; ++role) {
    EXPECT_EQ(run.value(role), std::pair(role == 1, role == 1));
    EXPECT_EQ(run.opened[role], (std::vector<OpenedCount>{{1, 200}}));
  }
  EXPECT_EQ(run.bytes_sent(), 100 * 8 + 2 * 8 * 13 + 100 * 8 + 2 * 8 * 13);
}

// A column's last word may hold other rows' bits: they must not leave with it.
TEST(Replicated3, OpenClearsWhatLiesPastTheLastRow) {
  BitPlanes ones(1, 1);
  ones.words()[0] = ~std::uint64_t{0};
  auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<std::uint64_t> {
        BitColumn column(1, 1, 2);  // shares 1 ^ 1 ^ 1 in every bit of the word
        column.part(0) = ones;
        column.part(1) = ones;
        CARE_ASSIGN_OR_RETURN(const auto opened, p.Open(column, TestDisclosure()));
        return opened->words()[0];
      },
      {.keep_received_bytes = 8});
  ASSERT_TRUE(run.ok());
  for (unsigned role = 0; role < 3; ++role) {
    EXPECT_EQ(run.value(role), 1);
    EXPECT_EQ(run.views[role].next_received, (std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 0, 0}));
  }
}

TEST(Replicated3DeathTest, AnUnlistedOpenEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto [next, next_peer] = MakeMemoryChannelPair();
  auto [previous, previous_peer] = MakeMemoryChannelPair();
  const Disclosure listed{.id = 1, .recipient = 0, .max_values = 2};
  Replicated3 p(0, {0, 1, 2}, *next, *previous, TestSeed(1, 1), TestSeed(1, 0), {listed});
  const RingColumn two(2, 2), three(3, 2);
  EXPECT_DEATH((void)p.Open(two, Disclosure{.id = 2, .recipient = 0, .max_values = 2}), "check failed");
  EXPECT_DEATH((void)p.Open(two, Disclosure{.id = 1, .recipient = 1, .max_values = 2}), "check failed");
  EXPECT_DEATH((void)p.Open(three, listed), "check failed");
  // A disclosure that is laxer than the listed one of the same id does not help.
  EXPECT_DEATH((void)p.Open(three, Disclosure{.id = 1, .recipient = 0, .max_values = 9}), "check failed");
  EXPECT_EQ(next->meter().messages_sent + previous->meter().messages_sent, 0);
}

TEST(Replicated3, EstablishAgreesOnKeys) {
  std::array<std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>>, 3> links;
  for (auto& link : links) link = MakeMemoryChannelPair();
  const auto once = [&](std::string_view digest_of_p2) {
    std::array<std::vector<std::uint64_t>, 3> opened;
    std::vector<std::thread> threads;
    for (unsigned role = 0; role < 3; ++role) {
      threads.emplace_back([&, role] {
        auto p = EstablishReplicated3(role, {5, 6, 7}, *links[role].first, *links[(role + 2) % 3].second,
                                      "session", role == 2 ? digest_of_p2 : "digest", {TestDisclosure()});
        ASSERT_TRUE(p.ok());
        const std::vector<std::uint64_t> clear = {3, 4};
        const auto x = (*p)->InputRing(6, IfHeld(**p, 6, clear), 2);
        ASSERT_TRUE(x.ok());
        const auto product = (*p)->Multiply(*x, *x);
        ASSERT_TRUE(product.ok());
        opened[role] = *OpenForTest(**p, *product);
      });
    }
    for (std::thread& thread : threads) thread.join();
    return opened;
  };
  for (const auto& values : once("digest")) EXPECT_EQ(values, (std::vector<std::uint64_t>{9, 16}));
  // A party with another plan has other keys: what it computes is noise to everybody.
  for (const auto& values : once("another plan")) EXPECT_NE(values, (std::vector<std::uint64_t>{9, 16}));
}

// The link breaks, falls silent or cuts a message short at each message in turn: every party ends with the
// right answer or an error.
TEST(Replicated3, AFaultNeverGivesAWrongAnswer) {
  const std::size_t rows = 70;
  const auto body = [&](Protocol& p) -> absl::StatusOr<Opened> {
    Opened all;
    for (const Case& test : Cases(rows, 1, 5)) {
      if (test.name != "BitsToRing" && test.name != "MaskOwned" && test.name != "GatherByOwner35" &&
          test.name != "ReadByOwner" && test.name != "RingToBits3") {
        continue;
      }
      CARE_ASSIGN_OR_RETURN(const Columns in, test.prepare(p));
      CARE_ASSIGN_OR_RETURN(const Columns out, test.run(p, in));
      CARE_ASSIGN_OR_RETURN(Opened opened, OpenAll(p, out));
      for (auto& values : opened) all.push_back(std::move(values));
    }
    return all;
  };
  Plain plain({TestDisclosure()});
  const Opened expected = *body(plain);
  for (const auto kind : {FaultPlan::Kind::kCut, FaultPlan::Kind::kTruncate, FaultPlan::Kind::kSilence}) {
    const unsigned step =
        kind == FaultPlan::Kind::kSilence ? 17 : 1;  // silence waits for a deadline each time
    for (unsigned role = 0; role < 3; ++role) {
      for (const bool to_next : {false, true}) {
        bool finished = false;
        for (std::uint64_t after = 0; !finished; after += step) {
          ThreePartiesOptions options;
          options.faulty_role = role;
          (to_next ? options.next_fault : options.previous_fault) = {.kind = kind, .after_messages = after};
          if (kind == FaultPlan::Kind::kSilence) options.channel.deadline = std::chrono::milliseconds(100);
          auto run = RunThreeParties(body, options);
          for (unsigned i = 0; i < 3; ++i) {
            if (run.results[i].ok()) {
              ASSERT_EQ(run.value(i), expected);
            }
          }
          finished = run.ok();
          ASSERT_LT(after, 1000);
        }
      }
    }
  }
}

// The parties may have different processors.
TEST(Replicated3, EveryLevelOfKernelsDrawsTheSameShares) {
  const auto body = [&](Protocol& p) -> absl::StatusOr<std::vector<std::vector<std::uint64_t>>> {
    CARE_ASSIGN_OR_RETURN(const Columns in, Operands(p, 300, 1, 9));
    CARE_ASSIGN_OR_RETURN(const BitColumn both, p.And(in.bits[0], in.bits[1]));
    CARE_ASSIGN_OR_RETURN(const RingColumn product, p.Multiply(in.rings[0], in.rings[1]));
    const RingColumn* side = &product;
    CARE_ASSIGN_OR_RETURN(const RingColumn sum, p.DotProducts({&side, 1}, {&side, 1}));
    const auto words = both.part(0).words();
    return std::vector<std::vector<std::uint64_t>>{
        {words.begin(), words.end()}, product.part(0), product.part(1), sum.part(0)};
  };
  auto best = RunThreeParties(body);
  ASSERT_TRUE(best.ok()) << best.status();
  for (const KernelLevel level : {KernelLevel::kPortable, KernelLevel::kAvx2, KernelLevel::kAvx512}) {
    if (!HasKernels(level)) continue;
    ThreePartiesOptions options;
    options.kernels = &KernelsOf(level);
    auto run = RunThreeParties(body, options);
    ASSERT_TRUE(run.ok()) << run.status();
    for (unsigned role = 0; role < 3; ++role) EXPECT_EQ(run.value(role), best.value(role));
  }
}

// Delays reorder the threads, never the result.
TEST(Replicated3, SlowLinksChangeNothing) {
  const auto body = [&](Protocol& p) -> absl::StatusOr<Opened> {
    CARE_ASSIGN_OR_RETURN(const Columns in, Operands(p, 100, 2, 1));
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> columns, p.BitsToRing(in.bits[0]));
    return OpenAll(p, Columns{{}, columns});
  };
  Plain plain({TestDisclosure()});
  const Opened expected = *body(plain);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ThreePartiesOptions options;
    options.faulty_role = seed % 3;
    options.next_fault = options.previous_fault = {
        .delay_probability = 0.5, .longest_delay = std::chrono::microseconds(500), .seed = seed};
    auto run = RunThreeParties(body, options);
    ASSERT_TRUE(run.ok());
    for (unsigned role = 0; role < 3; ++role) EXPECT_EQ(run.value(role), expected);
  }
}

}  // namespace
}  // namespace care::mpc
