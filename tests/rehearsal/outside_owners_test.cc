// Owners that do not compute are killed while a question reads their rows: whoever asked is told who is gone, no answer is
// without its entry in all five ledgers, and what needs them not is answered while they are away.

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "engine/session/ledger.h"
#include "tests/rehearsal/running_parties.h"

namespace care::engine {
namespace {

using ::testing::HasSubstr;

constexpr char kOfTheirs[] =
    "SELECT w.sex, COUNT(*) AS n, SUM(c.cost) AS total FROM west.patients w JOIN centre.episodes c ON c.bsn "
    "= w.bsn GROUP BY w.sex";
constexpr char kOfTheThree[] =
    "SELECT COUNT(*) AS n FROM north.patients n JOIN south.episodes s ON s.bsn = n.bsn";
constexpr int kKills = 12;

TEST(OutsideOwnersTest, KilledAtAnyMoment) {
  RunningHospitals hospitals;
  std::mt19937_64 random(20'261'126);
  ASSERT_TRUE(hospitals.Ask("north", kOfTheirs, "first").ok());
  std::vector<std::string> answered = {"first"};
  int refused = 0;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    const std::string asked_at = kHospitals[random() % 3];
    const std::string killed = kHospitals[3 + random() % 2];
    SCOPED_TRACE(testing::Message() << "kill " << kill_number << ": " << killed << ", asked at " << asked_at);
    // Asked until it is refused, which is once the owner is gone.
    std::thread asking([&] {
      for (int question = 0;; ++question) {
        const std::string purpose = absl::StrCat("kill ", kill_number, " question ", question);
        const auto answer = hospitals.Ask(asked_at, kOfTheirs, purpose);
        if (!answer.ok()) {
          ++refused;
          EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable) << answer.status();
          EXPECT_THAT(std::string(answer.status().message()), HasSubstr(killed));
          return;
        }
        answered.push_back(purpose);
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 400));
    hospitals.Node(killed).Kill();
    asking.join();
    const auto of_the_three = hospitals.Ask(asked_at, kOfTheThree, absl::StrCat("without ", killed));
    EXPECT_TRUE(of_the_three.ok()) << of_the_three.status();
    hospitals.Start(killed);
  }
  const auto last = hospitals.Ask("south", kOfTheirs, "last");
  EXPECT_TRUE(last.ok()) << last.status();
  answered.push_back("last");
  for (const std::string party : kHospitals) hospitals.Node(party).Stop(std::chrono::seconds(30));
  for (const std::string party : kHospitals) {
    const auto ledger = Ledger::Open(hospitals.File(party + ".state"));
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    EXPECT_TRUE((*ledger)->Verify().ok()) << (*ledger)->Verify();
    std::set<std::string> entered;
    const std::vector<StoredLedgerEntry> entries = (*ledger)->Entries().value();
    for (const StoredLedgerEntry& stored : entries) entered.insert(stored.entry.purpose);
    for (const std::string& purpose : answered)
      EXPECT_TRUE(entered.contains(purpose)) << party << ": " << purpose;
  }
  std::printf("%zu answers, %d refusals, %d kills\n", answered.size(), refused, kKills);
}

}  // namespace
}  // namespace care::engine
