#include <cmath>
#include <cstring>
#include <string>

#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/lookup_table.h"
#include "mpc/protocol/replicated3/okvs.h"
#include "mpc/relational/join.h"
#include "tests/unit/mpc/both_protocols.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

JoinKey KeyOf(std::uint64_t number) {
  JoinKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  key[15] = 7;
  return key;
}

// A lookup and what it must give: payload of arm key k is a pure function of k.
struct Instance {
  LookupShape shape;
  LookupArm arm;
  LookupSpine spine;
  Integers matched, bits;
  std::vector<Integers> rings;
};

std::uint64_t BitsOf(std::uint64_t key, unsigned width) {
  return width == 0 ? 0 : key * 0x9e3779b97f4a7c15 >> (64 - width);
}
std::uint64_t RingOf(std::uint64_t key, unsigned ring) { return key * 0xc2b2ae3d27d4eb4f + ring; }

// Spine keys are given; `present` marks pads. Arm keys must be distinct.
Instance Make(std::array<PartyId, 3> arm_spine_helper, const Integers& arm_keys, std::size_t arm_bound,
              const Integers& spine_keys, const std::vector<std::uint8_t>& present, unsigned bits,
              unsigned rings) {
  Instance instance;
  instance.shape = {.arm = arm_spine_helper[0],
                    .spine = arm_spine_helper[1],
                    .helper = arm_spine_helper[2],
                    .arm_bound = arm_bound,
                    .spine_rows = spine_keys.size(),
                    .payload_bits = bits,
                    .payload_rings = rings};
  Integers payload;
  instance.arm.rings.resize(rings);
  for (const std::uint64_t key : arm_keys) {
    instance.arm.keys.push_back(KeyOf(key));
    payload.push_back(BitsOf(key, bits));
    for (unsigned r = 0; r < rings; ++r) instance.arm.rings[r].push_back(RingOf(key, r));
  }
  instance.arm.bits = BitPlanes::FromIntegers(payload, bits);
  Integers sorted = arm_keys;
  std::sort(sorted.begin(), sorted.end());
  instance.rings.resize(rings);
  for (std::size_t row = 0; row < spine_keys.size(); ++row) {
    instance.spine.keys.push_back(KeyOf(spine_keys[row]));
    instance.spine.present.push_back(present[row]);
    const bool match = present[row] && std::binary_search(sorted.begin(), sorted.end(), spine_keys[row]);
    instance.matched.push_back(match);
    instance.bits.push_back(match ? BitsOf(spine_keys[row], bits) : 0);
    for (unsigned r = 0; r < rings; ++r) instance.rings[r].push_back(match ? RingOf(spine_keys[row], r) : 0);
  }
  return instance;
}

absl::StatusOr<Integers> JoinAndOpen(Protocol& p, const Instance& instance) {
  CARE_ASSIGN_OR_RETURN(const Joined joined,
                        LookupJoin(p, instance.shape, IfHeld(p, instance.shape.arm, instance.arm),
                                   IfHeld(p, instance.shape.spine, instance.spine)));
  std::vector<BitColumn> bits = {joined.matched};
  if (instance.shape.payload_bits > 0) bits.push_back(joined.bits);
  return OpenAll(p, bits, joined.rings);
}

Integers Expected(const Instance& instance) {
  Integers all = instance.matched;
  if (instance.shape.payload_bits > 0) all.insert(all.end(), instance.bits.begin(), instance.bits.end());
  for (const Integers& ring : instance.rings) all.insert(all.end(), ring.begin(), ring.end());
  return all;
}

void ExpectJoin(const Instance& instance) {
  ExpectOnBoth([&](Protocol& p) { return JoinAndOpen(p, instance); }, Expected(instance));
}

Integers Range(std::uint64_t first, std::size_t count) {
  Integers values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(first + i);
  return values;
}
std::vector<std::uint8_t> All(std::size_t count) { return std::vector<std::uint8_t>(count, 1); }

TEST(Lookup, EveryAssignmentOfRoles) {
  const std::vector<std::uint8_t> present = {1, 1, 0, 1, 0};
  for (const auto& roles : std::vector<std::array<PartyId, 3>>{
           {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
    ExpectJoin(Make(roles, {5, 7, 9, 11}, 10, {7, 8, 9, 5, 5}, present, 12, 2));
  }
}

TEST(Lookup, EqualDisjointEmptyAndSingleTables) {
  const std::array<PartyId, 3> roles = {0, 1, 2};
  ExpectJoin(Make(roles, Range(1, 100), 100, Range(1, 100), All(100), 5, 1));   // equal
  ExpectJoin(Make(roles, Range(1, 100), 128, Range(1000, 70), All(70), 5, 1));  // disjoint
  ExpectJoin(Make(roles, {}, 50, Range(1, 65), All(65), 5, 1));                 // no arm rows
  ExpectJoin(Make(roles, {}, 0, Range(1, 65), All(65), 5, 1));                  // no arm at all
  ExpectJoin(Make(roles, Range(1, 20), 20, {}, {}, 5, 1));                      // no spine
  ExpectJoin(Make(roles, {}, 0, {}, {}, 5, 1));                                 // nothing
  ExpectJoin(Make(roles, {3}, 1, {3}, All(1), 5, 1));                           // one row each, match
  ExpectJoin(Make(roles, {3}, 1, {4}, All(1), 5, 1));                           // one row each, none
  ExpectJoin(
      Make(roles, Range(1, 64), 64, Range(1, 64), std::vector<std::uint8_t>(64, 0), 5, 1));  // all pads
}

TEST(Lookup, PayloadsOfEveryShape) {
  for (const auto& [bits, rings] : std::vector<std::pair<unsigned, unsigned>>{
           {0, 0}, {1, 0}, {8, 0}, {63, 1}, {64, 0}, {0, 1}, {0, 5}, {9, 3}}) {
    SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(rings) + " rings");
    ExpectJoin(Make({2, 0, 1}, Range(10, 80), 90, Range(50, 75), All(75), bits, rings));
  }
}

// More rows than are matched at a time, with the tags of more than 2^24 rows.
TEST(Lookup, BlocksOfRowsAndLongTags) {
  for (const auto& [bits, rings] :
       std::vector<std::pair<unsigned, unsigned>>{{0, 1}, {1, 0}, {40, 1}, {64, 2}}) {
    for (const bool long_tags : {false, true}) {
      for (const std::size_t block_rows : {64, 192, 1 << 22}) {
        SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(long_tags) +
                     std::to_string(block_rows));
        Instance instance = Make({2, 0, 1}, Range(10, 800), 900, Range(500, 650), All(650), bits, rings);
        instance.shape.long_tags = long_tags;
        instance.shape.block_rows = block_rows;
        ExpectJoin(instance);
      }
    }
  }
}

TEST(Lookup, AWideBitPayload) {
  // 130 bits: two words of payload and a bit. Expected by planes, as integers cannot hold it.
  constexpr unsigned kBits = 130;
  LookupShape shape = {
      .arm = 0, .spine = 1, .helper = 2, .arm_bound = 40, .spine_rows = 30, .payload_bits = kBits};
  LookupArm arm;
  arm.bits = BitPlanes(40, kBits);
  std::mt19937_64 random(9);
  for (std::size_t row = 0; row < 40; ++row) {
    arm.keys.push_back(KeyOf(row));
    for (unsigned p = 0; p < kBits; ++p) arm.bits.Set(row, p, random() & 1);
  }
  LookupSpine spine;
  Integers low, middle, high;
  for (std::size_t row = 0; row < 30; ++row) {
    const std::size_t key = 20 + row;  // 20..39 match
    spine.keys.push_back(KeyOf(key));
    spine.present.push_back(1);
    const auto slice = [&](unsigned first, unsigned count) {
      std::uint64_t value = 0;
      for (unsigned p = 0; p < count && key < 40; ++p)
        value |= std::uint64_t{arm.bits.Get(key, first + p)} << p;
      return value;
    };
    low.push_back(slice(0, 64));
    middle.push_back(slice(64, 64));
    high.push_back(slice(128, 2));
  }
  Integers expected = low;
  expected.insert(expected.end(), middle.begin(), middle.end());
  expected.insert(expected.end(), high.begin(), high.end());
  ExpectOnBoth(
      [&](Protocol& p) -> absl::StatusOr<Integers> {
        CARE_ASSIGN_OR_RETURN(const Joined joined,
                              LookupJoin(p, shape, IfHeld(p, 0, arm), IfHeld(p, 1, spine)));
        return OpenAll(p, {joined.bits.Planes(0, 64), joined.bits.Planes(64, 64), joined.bits.Planes(128, 2)},
                       {});
      },
      expected);
}

TEST(Lookup, AHundredThousandRowsWithPads) {
  std::mt19937_64 random(4);
  Integers arm_keys = Range(0, 90000);
  Integers spine_keys = Range(40000, 100000);
  std::shuffle(arm_keys.begin(), arm_keys.end(), random);
  std::shuffle(spine_keys.begin(), spine_keys.end(), random);
  std::vector<std::uint8_t> present(spine_keys.size());
  for (std::uint8_t& bit : present) bit = random() % 10 != 0;
  ExpectJoin(Make({1, 0, 2}, arm_keys, 100000, spine_keys, present, 17, 1));
}

TEST(Lookup, DuplicateKeysAndTooManyRowsAreTheCallersErrorBeforeAnythingIsSent) {
  const std::array<PartyId, 3> roles = {0, 1, 2};
  const std::vector<Instance> instances = {
      Make(roles, {4, 5, 4}, 9, {1, 2}, All(2), 0, 0),
      Make(roles, {4, 5, 6}, 2, {1, 2}, All(2), 0, 0),
      Make(roles, {4, 5, 6}, 9, {1, 2, 1}, All(3), 0, 0),
  };
  for (const Instance& instance : instances) {
    const auto run = RunThreeParties([&](Protocol& p) { return JoinAndOpen(p, instance); });
    const bool arm_at_fault = &instance != &instances[2];
    EXPECT_EQ(run.results[arm_at_fault ? 0 : 1].status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(run.views[arm_at_fault ? 0 : 1].bytes_sent, 0u);
    EXPECT_FALSE(run.results[2].ok());
  }
}

// Chi-square of the bytes that a link delivered against the uniform distribution, in standard deviations.
double DeviationsFromUniform(const std::vector<std::uint8_t>& bytes) {
  std::array<double, 256> count{};
  for (const std::uint8_t byte : bytes) ++count[byte];
  const double expected = static_cast<double>(bytes.size()) / 256;
  double chi_square = 0;
  for (const double c : count) chi_square += (c - expected) * (c - expected) / expected;
  return (chi_square - 255) / 22.58;  // sqrt(2 * 255)
}

absl::StatusOr<int> LookupOnly(Protocol& p, const Instance& instance) {
  CARE_RETURN_IF_ERROR(p.Lookup(instance.shape, IfHeld(p, instance.shape.arm, instance.arm),
                                IfHeld(p, instance.shape.spine, instance.spine))
                           .status());
  return 0;
}

TEST(Lookup, TheHelperSeesNoiseAndEveryTranscriptHasOneShape) {
  constexpr std::size_t kRows = 5000;
  const std::array<PartyId, 3> roles = {0, 1, 2};
  const std::vector<Instance> instances = {
      Make(roles, Range(0, kRows), kRows, Range(0, kRows), All(kRows), 8, 1),              // equal
      Make(roles, Range(0, kRows), kRows, Range(90000, kRows), All(kRows), 8, 1),          // disjoint
      Make(roles, {}, kRows, Range(0, kRows), std::vector<std::uint8_t>(kRows, 0), 8, 1),  // nobody at all
  };
  ThreePartiesOptions options;
  options.keep_received_bytes = std::size_t{1} << 24;
  std::vector<ThreePartiesRun<int>> runs;
  for (const Instance& instance : instances) {
    runs.push_back(RunThreeParties([&](Protocol& p) { return LookupOnly(p, instance); }, options));
    ASSERT_TRUE(runs.back().ok()) << runs.back().status();
  }
  for (const auto& run : runs) {
    for (unsigned role = 0; role < 3; ++role) {
      EXPECT_EQ(run.views[role].next_records, runs[0].views[role].next_records) << "P" << role;
      EXPECT_EQ(run.views[role].previous_records, runs[0].views[role].previous_records) << "P" << role;
      for (const auto* bytes : {&run.views[role].next_received, &run.views[role].previous_received}) {
        if (bytes->size() < 10000) continue;
        EXPECT_LT(std::abs(DeviationsFromUniform(*bytes)), 6.0) << "P" << role;
      }
    }
    EXPECT_GT(run.views[2].next_received.size() + run.views[2].previous_received.size(), 12 * kRows);
  }
}

// What the helper can compute of one lookup: the table's cells, what they read at the queries, and how many
// queries the peeling leaves over.
struct HelperView {
  Integers cells, reads, queries;
  std::size_t core = 0;
};
HelperView ViewOf(std::size_t bound, const std::vector<std::uint64_t>& cells,
                  const std::vector<OkvsQuery>& queries) {
  const OkvsLayout layout = OkvsLayout::For(bound);
  HelperView view;
  view.cells = cells;
  view.reads = OkvsDecode(layout, {1, 1}, cells, queries);
  for (const OkvsQuery& query : queries) {
    std::uint64_t word;
    std::memcpy(&word, query.data() + 4, sizeof word);
    view.queries.push_back(word);
  }
  view.core = OkvsCoreSize(layout, queries);
  return view;
}

// Chi-square of two samples of one size, over the bytes of words: 255 degrees of freedom.
double TwoSampleStatistic(const Integers& left, const Integers& right) {
  double worst = 0;
  for (unsigned position = 0; position < 8; ++position) {
    std::array<double, 256> a{}, b{};
    for (const std::uint64_t word : left) ++a[word >> (8 * position) & 0xff];
    for (const std::uint64_t word : right) ++b[word >> (8 * position) & 0xff];
    double statistic = 0;
    for (unsigned byte = 0; byte < 256; ++byte) {
      if (a[byte] + b[byte] > 0) statistic += (a[byte] - b[byte]) * (a[byte] - b[byte]) / (a[byte] + b[byte]);
    }
    worst = std::max(worst, statistic);
  }
  return worst;
}

void Append(Integers& to, const Integers& from) { to.insert(to.end(), from.begin(), from.end()); }

// Tables whose keys are the spine's, and tables that have none of them: many lookups of each, of a size at
// which cores are common. What the helper reads has one distribution; if the table came unmasked, the same
// statistic would say so.
TEST(Lookup, TheHelperCannotTellEqualTablesFromDisjointOnes) {
  constexpr std::size_t kRows = 200;
  constexpr std::size_t kRuns = 60;
  std::array<HelperView, 2> all, unmasked;
  std::mt19937_64 random(11);
  for (std::size_t run_number = 0; run_number < kRuns; ++run_number) {
    for (const bool equal : {true, false}) {
      Instance instance =
          Make({0, 1, 2}, Range(0, kRows), kRows, Range(equal ? 0 : 5000, kRows), All(kRows), 0, 1);
      for (std::size_t row = 0; row < kRows; ++row) instance.arm.rings[0][row] = row;
      ThreePartiesOptions options;
      options.seed = 1 + run_number + (equal ? 0 : kRuns);  // a pair's randomness is fresh in each query
      options.keep_received_bytes = std::size_t{1} << 20;
      const auto run = RunThreeParties([&](Protocol& p) { return LookupOnly(p, instance); }, options);
      ASSERT_TRUE(run.ok()) << run.status();
      // The helper is P2: its next party is the arm's owner, its previous the spine's.
      Integers cells(2 * OkvsLayout::For(kRows).cells());
      std::vector<OkvsQuery> queries(kRows);
      ASSERT_GE(run.views[2].next_received.size(), 8 * cells.size());
      ASSERT_GE(run.views[2].previous_received.size(), 12 * kRows);
      std::memcpy(cells.data(), run.views[2].next_received.data(), 8 * cells.size());
      std::memcpy(queries.data(), run.views[2].previous_received.data(), 12 * kRows);
      const HelperView view = ViewOf(kRows, cells, queries);
      HelperView& sum = all[equal];
      Append(sum.cells, view.cells);
      Append(sum.reads, view.reads);
      Append(sum.queries, view.queries);
      sum.core += view.core > 0;

      Integers values;
      for (std::size_t row = 0; row < kRows; ++row) Append(values, {random(), row});
      const auto table = OkvsEncode(OkvsLayout::For(kRows), {1, 1}, queries, values);
      ASSERT_TRUE(table.ok());
      if (!equal) {
        for (OkvsQuery& query : queries) query[11] ^= 0x5a;  // others than the table's
      }
      Append(unmasked[equal].reads, ViewOf(kRows, *table, queries).reads);
    }
  }
  EXPECT_LT(TwoSampleStatistic(all[0].cells, all[1].cells), kUniformityBound);
  EXPECT_LT(TwoSampleStatistic(all[0].reads, all[1].reads), kUniformityBound);
  EXPECT_LT(TwoSampleStatistic(all[0].queries, all[1].queries), kUniformityBound);
  EXPECT_LT(WorstByteStatistic(all[1].reads), kUniformityBound);
  EXPECT_GT(TwoSampleStatistic(unmasked[0].reads, unmasked[1].reads), 10 * kUniformityBound);
  // Lookups with a core, of 60: both counts come from one binomial, so five deviations of their difference
  // bound it.
  const double rate = static_cast<double>(all[0].core + all[1].core) / (2 * kRuns);
  const double difference = static_cast<double>(all[0].core) - static_cast<double>(all[1].core);
  EXPECT_LE(std::abs(difference), 5 * std::sqrt(2 * kRuns * rate * (1 - rate)) + 1);
}

// The spine's owner knows the table's mask, so what the helper read would tell it the payload: it must arrive under
// another mask. The test computes both sides' summands from the views and the pair's seed, and sees that they add up.
TEST(Lookup, WhatTheSpineReceivesIsMaskedForWhoKnowsTheTablesMask) {
  constexpr std::size_t kRows = 4032;
  Instance instance = Make({0, 1, 2}, Range(0, kRows), kRows, Range(0, kRows), All(kRows), 0, 1);
  for (std::size_t row = 0; row < kRows; ++row) instance.arm.rings[0][row] = row;
  ThreePartiesOptions options;
  options.keep_received_bytes = std::size_t{1} << 21;
  const auto run = RunThreeParties([&](Protocol& p) { return LookupOnly(p, instance); }, options);
  ASSERT_TRUE(run.ok()) << run.status();
  const OkvsLayout layout = OkvsLayout::For(kRows);
  ASSERT_EQ(layout.buckets, 1u);
  Integers cells(2 * layout.cells());
  std::memcpy(cells.data(), run.views[2].next_received.data(), 8 * cells.size());

  // The first operation; P0 and P1 share seed 1.
  const LookupSecrets secrets(TestSeed(options.seed, 1), "0/0/1/2");
  const RawBuffer<OkvsQuery> queries = QueriesOf(secrets.query, instance.spine.keys);
  const std::vector<OkvsQuery> asked(queries.data(), queries.data() + kRows);
  Integers mask(cells.size());
  Prg(secrets.table.aes_key()).Fill(0, 0, 0, {reinterpret_cast<std::uint8_t*>(mask.data()), 8 * mask.size()});
  const Integers of_helper = OkvsDecode(layout, {1, 1}, cells, asked);
  Integers of_spine = OkvsDecode(layout, {1, 1}, mask, asked);
  std::vector<PlacedQuery> placed;
  for (std::uint32_t row = 0; row < kRows; ++row) placed.push_back({asked[row], row});
  LookupTags(secrets.tag).AddTo(instance.shape, placed, of_spine);

  // One piece: 64 tag planes, then the ring.
  BitPlanes received_tags(kRows, 64);
  Integers received_rings(kRows);
  const auto& received = run.views[1].next_received;
  ASSERT_GE(received.size(), 8 * (received_tags.words().size() + kRows));
  std::memcpy(received_tags.words().data(), received.data(), received_tags.words().size_bytes());
  std::memcpy(received_rings.data(), received.data() + received_tags.words().size_bytes(), 8 * kRows);
  const Integers tags = received_tags.ToIntegers();
  Integers tag_sums, ring_sums;
  for (std::size_t row = 0; row < kRows; ++row) {
    EXPECT_EQ(of_helper[2 * row] ^ of_spine[2 * row], 0u);
    EXPECT_EQ(of_helper[2 * row + 1] - of_spine[2 * row + 1], row);
    tag_sums.push_back(tags[row] ^ of_spine[2 * row]);
    ring_sums.push_back(received_rings[row] - of_spine[2 * row + 1]);
  }
  EXPECT_LT(WorstByteStatistic(tag_sums), kUniformityBound);
  EXPECT_LT(WorstByteStatistic(ring_sums), kUniformityBound);
}

// The queries that the helper received, lookup after lookup. The helper is P2, its previous link the spine.
std::vector<std::array<std::uint8_t, 12>> QueriesSeen(const PartyView& helper, std::size_t rows) {
  std::vector<std::array<std::uint8_t, 12>> queries;
  std::size_t offset = 0;
  for (const MessageRecord& record : helper.previous_records) {
    if (record.direction != MessageRecord::Direction::kReceived) continue;
    if (record.bytes == 12 * rows) {
      queries.resize(queries.size() + rows);
      std::memcpy(queries[queries.size() - rows].data(), helper.previous_received.data() + offset,
                  record.bytes);
    }
    offset += record.bytes;
  }
  std::sort(queries.begin(), queries.end());
  return queries;
}

// Two lookups over one pair of tables must not show the helper that their keys are the same.
TEST(Lookup, QueriesOfTwoLookupsHaveNothingInCommon) {
  constexpr std::size_t kRows = 2000;
  const Instance instance = Make({0, 1, 2}, Range(0, 50), 50, Range(0, kRows), All(kRows), 0, 0);
  ThreePartiesOptions options;
  options.keep_received_bytes = std::size_t{1} << 22;
  const auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        CARE_RETURN_IF_ERROR(LookupOnly(p, instance).status());
        return LookupOnly(p, instance);
      },
      options);
  ASSERT_TRUE(run.ok()) << run.status();
  const auto queries = QueriesSeen(run.views[2], kRows);
  ASSERT_EQ(queries.size(), 2 * kRows);
  EXPECT_EQ(std::adjacent_find(queries.begin(), queries.end()), queries.end());
}

// Absent rows all carry one key, yet the helper must not be able to count them; nor may their queries repeat
// from run to run, as they would if a party could foresee them.
TEST(Lookup, AbsentRowsAskWhatNobodyCanForesee) {
  constexpr std::size_t kRows = 2000;
  const Instance instance =
      Make({0, 1, 2}, Range(0, 50), 50, Integers(kRows, 7), std::vector<std::uint8_t>(kRows, 0), 0, 0);
  ThreePartiesOptions options;
  options.keep_received_bytes = std::size_t{1} << 22;
  std::vector<std::array<std::uint8_t, 12>> queries;
  for (int repetition = 0; repetition < 2; ++repetition) {
    const auto run = RunThreeParties([&](Protocol& p) { return LookupOnly(p, instance); }, options);
    ASSERT_TRUE(run.ok()) << run.status();
    const auto seen = QueriesSeen(run.views[2], kRows);
    queries.insert(queries.end(), seen.begin(), seen.end());
  }
  ASSERT_EQ(queries.size(), 2 * kRows);
  std::sort(queries.begin(), queries.end());
  EXPECT_EQ(std::adjacent_find(queries.begin(), queries.end()), queries.end());
}

}  // namespace
}  // namespace care::mpc
