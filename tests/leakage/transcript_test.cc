// A party that counts and times the messages of a query learns nothing from them: over data of one public
// shape, however unlike, every link carries messages of the same sizes in the same order. And what arrives is
// noise: every byte value equally often at every place of a word, whatever the data.
#include "tests/leakage/example_federation.h"
#include "tests/unit/mpc/uniformity.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kPatients = 40;

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
      // How a sort compares follows from its shuffle, which every run draws anew: unit_mpc and unit_tables look at those messages.
      const bool sorts = std::any_of(query->disclosures.begin(), query->disclosures.end(),
                                     [](const Disclosure& disclosure) { return disclosure.recipient == kNoParty; });
      if (sorts) continue;
      // Other keys each time as well: sizes hang on neither.
      auto run = federation.engine().RunParties(*query, 10, {.seed = data.seed});
      ASSERT_TRUE(run.ok()) << run.status();
      ASSERT_TRUE(run->ok()) << run->status();
      EXPECT_TRUE(run->rounds_agree);
      const auto [first, is_first] = first_views.emplace(question.name, run->views);
      if (is_first) continue;
      for (unsigned role = 0; role < 3; ++role) {
        EXPECT_FALSE(run->views[role].next_records.empty());
        EXPECT_EQ(run->views[role].next_records, first->second[role].next_records) << "P" << role;
        EXPECT_EQ(run->views[role].previous_records, first->second[role].previous_records) << "P" << role;
      }
    }
  }
  EXPECT_GT(first_views.size(), 50u);
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
