// What each party of a lookup receives: noise, of one shape whatever the tables hold, and masked even from a party that
// knows one of the masks.
#include <cmath>
#include <cstring>

#include "mpc/protocol/replicated3/lookup_table.h"
#include "mpc/protocol/replicated3/okvs.h"
#include "tests/unit/mpc/lookup_instance.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::mpc {
namespace {

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

  // The first operation, and the stream of the tables; P0 and P1 share seed 1.
  const LookupSecrets secrets(TestSeed(options.seed, 1), "0/0/1/2");
  const RawBuffer<OkvsQuery> queries = QueriesOf(secrets.query, instance.spine.keys);
  const std::vector<OkvsQuery> asked(queries.data(), queries.data() + kRows);
  Integers mask(cells.size());
  Prg(secrets.table.aes_key()).Fill(0, 1, 0, {reinterpret_cast<std::uint8_t*>(mask.data()), 8 * mask.size()});
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
