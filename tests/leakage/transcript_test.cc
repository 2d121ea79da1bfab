// A party that counts and times the messages of a query learns nothing from them: over data of one public
// shape, however unlike, every link carries messages of the same sizes in the same order. Where a plan sorts, these follow from
// the shuffle: with the same shuffles they are the same for rows in the same order, and over many shuffles as many for unlike
// data (tests/unit/tables/transcripts_test.cc does the same of each operator). And what arrives is
// noise: every byte value equally often at every place of a word, whatever the data.
#include <cmath>

#include "planner/physical/fit_memory.h"
#include "tests/leakage/example_federation.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kPatients = 40;
constexpr std::uint32_t kPartitions = 3;

struct NamedData {
  const char* name;
  std::uint64_t seed;
  DataKind kind;
};
constexpr NamedData kUnlike[] = {
    {"seed 1", 1, DataKind::kGenerated},    {"seed 2", 2, DataKind::kGenerated},
    {"all match", 3, DataKind::kAllMatch},  {"none match", 4, DataKind::kNoneMatch},
    {"all NULL", 5, DataKind::kAllNull},    {"empty", 6, DataKind::kEmpty},
    {"one person's", 7, DataKind::kSkewed},
};

// Whether the plan opens how shuffled rows compare.
bool Sorts(const planner::PlannedQuery& query) {
  return std::ranges::any_of(query.disclosures, [](const Disclosure& disclosure) { return disclosure.recipient == kNoParty; });
}

std::array<mpc::PartyView, 3> ViewsOf(const EngineRunner& engine, const planner::PlannedQuery& query, std::uint64_t seed) {
  auto run = engine.RunParties(query, 10, {.seed = seed});
  EXPECT_TRUE(run.ok()) << run.status();
  if (!run.ok()) return {};
  EXPECT_TRUE(run->ok()) << run->status();
  EXPECT_TRUE(run->rounds_agree);
  return run->views;
}

void ExpectSameRecords(const std::array<mpc::PartyView, 3>& views, const std::array<mpc::PartyView, 3>& others) {
  for (unsigned role = 0; role < 3; ++role) {
    EXPECT_FALSE(views[role].next_records.empty());
    EXPECT_EQ(views[role].next_records, others[role].next_records) << "P" << role;
    EXPECT_EQ(views[role].previous_records, others[role].previous_records) << "P" << role;
  }
}

// With those that only the general placement runs, which sorts.
std::vector<QuestionText> GeneralQueries() {
  std::vector<QuestionText> all = AllQueries();
  for (QuestionText& query : QueriesIn("tests/differential/general_queries")) all.push_back(std::move(query));
  return all;
}

TEST(Transcripts, AreTheSameForUnlikeDataOfLikeShape) {
  std::map<std::string, std::array<mpc::PartyView, 3>> first_views;
  std::string first_digest;
  for (const NamedData& data : kUnlike) {
    SCOPED_TRACE(data.name);
    const ExampleFederation federation(kPatients, data.seed, data.kind);
    if (first_digest.empty()) first_digest = federation.engine().catalog().digest;
    ASSERT_EQ(federation.engine().catalog().digest, first_digest);
    for (const QuestionText& question : AllQueries()) {
      SCOPED_TRACE(question.name);
      const auto query = federation.engine().Plan(question.sql, 0);
      ASSERT_TRUE(query.ok()) << query.status();
      if (Sorts(*query)) continue;
      // Other keys each time as well: sizes hang on neither.
      const std::array<mpc::PartyView, 3> views = ViewsOf(federation.engine(), *query, data.seed);
      const auto [first, is_first] = first_views.emplace(question.name, views);
      if (is_first) continue;
      ExpectSameRecords(views, first->second);
    }
  }
  EXPECT_GT(first_views.size(), 50u);
}

// How many rows an owner has in a partition is padded away: neither sizes nor order of messages tell which persons it has, nor that
// all rows are one person's.
TEST(Transcripts, OfPartitionsAreTheSameForUnlikeDataOfLikeShape) {
  std::map<std::string, std::array<mpc::PartyView, 3>> first_views;
  for (const NamedData& data : kUnlike) {
    SCOPED_TRACE(data.name);
    const ExampleFederation federation(kPatients, data.seed, data.kind);
    federation.RunInPartitions(kPartitions);
    for (const QuestionText& question : AllQueries()) {
      SCOPED_TRACE(question.name);
      const auto query = federation.engine().Plan(question.sql, 0);
      ASSERT_TRUE(query.ok()) << query.status();
      if (Sorts(*query) || !planner::RunsInPartitions(query->plan)) continue;
      const std::array<mpc::PartyView, 3> views = ViewsOf(federation.engine(), *query, data.seed);
      const auto [first, is_first] = first_views.emplace(question.name, views);
      if (is_first) continue;
      ExpectSameRecords(views, first->second);
    }
  }
  EXPECT_GT(first_views.size(), 10u);
}

TEST(Transcripts, OfSortsAreTheSameForRowsInTheSameOrder) {
  const ExampleFederation federation(kPatients, 1), shifted(kPatients, 1, DataKind::kShifted);
  int compared = 0;
  for (const QuestionText& question : GeneralQueries()) {
    SCOPED_TRACE(question.name);
    const auto query = federation.engine().Plan(question.sql, 0);
    ASSERT_TRUE(query.ok()) << query.status();
    if (!Sorts(*query)) continue;
    ++compared;
    const auto views = ViewsOf(federation.engine(), *query, 1), others = ViewsOf(shifted.engine(), *query, 1);
    ExpectSameRecords(views, others);
  }
  EXPECT_GE(compared, 4);
}

TEST(Transcripts, OfSortsInPartitionsAreTheSameForRowsInTheSameOrder) {
  const ExampleFederation federation(kPatients, 1), shifted(kPatients, 1, DataKind::kShifted);
  int compared = 0;
  for (const QuestionText& question : GeneralQueries()) {
    SCOPED_TRACE(question.name);
    federation.RunInPartitions(0);
    const auto at_once = federation.engine().Plan(question.sql, 0);
    federation.RunInPartitions(kPartitions);
    const auto query = federation.engine().Plan(question.sql, 0);
    ASSERT_TRUE(at_once.ok() && query.ok()) << query.status();
    // The same queries as above: shifted rows keep the ranges of what these read.
    if (!Sorts(*at_once) || !planner::RunsInPartitions(query->plan)) continue;
    ++compared;
    const auto views = ViewsOf(federation.engine(), *query, 1), others = ViewsOf(shifted.engine(), *query, 1);
    ExpectSameRecords(views, others);
  }
  EXPECT_GE(compared, 2);
}

// Bytes of whole queries over data that have nothing but their shape in common: the mean of many shuffles differs by less than
// six times what it varies by.
TEST(Transcripts, OfSortsHaveOneDistributionForUnlikeData) {
  constexpr int kRuns = 16, kQueries = 4;
  const ExampleFederation few(kPatients, 4, DataKind::kNoneMatch), many(kPatients, 3, DataKind::kAllMatch);
  int compared = 0, vary = 0;
  for (const QuestionText& question : GeneralQueries()) {
    SCOPED_TRACE(question.name);
    const auto query = few.engine().Plan(question.sql, 0);
    ASSERT_TRUE(query.ok()) << query.status();
    if (!Sorts(*query) || compared == kQueries) continue;
    ++compared;
    std::array<double, 2> mean{}, squares{};
    for (std::uint64_t run = 0; run < kRuns; ++run) {
      for (unsigned which = 0; which < 2; ++which) {
        double bytes = 0;
        for (const mpc::PartyView& view : ViewsOf((which == 0 ? few : many).engine(), *query, 2 * run + which + 1))
          bytes += static_cast<double>(view.bytes_sent);
        mean[which] += bytes / kRuns;
        squares[which] += bytes * bytes / kRuns;
      }
    }
    const double variance = (squares[0] - mean[0] * mean[0] + squares[1] - mean[1] * mean[1]) / (kRuns - 1);
    vary += variance > 1 ? 1 : 0;
    EXPECT_LE(std::abs(mean[0] - mean[1]), 6 * std::sqrt(std::max(variance, 0.0)) + 1e-6 * mean[0]);
  }
  EXPECT_EQ(compared, kQueries);
  EXPECT_GT(vary, 0);
}

// Questions without rows below the keys: there, one message is a permutation, which is uniform but not in
// bytes (tests/unit/mpc/replicated3_views_test.cc).
TEST(Transcripts, ReceivedBytesAreNoise) {
  const char* const queries[] = {
      "SELECT COUNT(*) FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn",
      "SELECT s.education, SUM(s.birth_year) FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn "
      "GROUP BY s.education"};
  for (const DataKind kind :
       {DataKind::kAllMatch, DataKind::kNoneMatch, DataKind::kAllNull, DataKind::kEmpty}) {
    const ExampleFederation federation(1'000, 11, kind);
    for (const char* sql : queries) {
      const auto query = federation.engine().Plan(sql, 0);
      ASSERT_TRUE(query.ok()) << query.status();
      auto run = federation.engine().RunParties(*query, 10,
                                                {.seed = 5, .keep_received_bytes = std::size_t{1} << 30});
      ASSERT_TRUE(run.ok()) << run.status();
      ASSERT_TRUE(run->ok()) << run->status();
      for (unsigned role = 0; role < 3; ++role) {
        const mpc::PartyView& view = run->views[role];
        for (const auto* received : {&view.next_received, &view.previous_received}) {
          const std::vector<std::uint64_t> words = mpc::Words(*received);
          if (words.size() < 2'000) continue;
          EXPECT_LT(mpc::WorstByteStatistic(words), mpc::kUniformityBound)
              << sql << "; data " << static_cast<int>(kind) << "; P" << role << " from its "
              << (received == &view.next_received ? "next" : "previous") << "; words " << words.size();
        }
        EXPECT_GE(view.next_received.size() + view.previous_received.size(), 16'000) << "too little to tell";
      }
    }
  }
}

}  // namespace
}  // namespace care::engine
