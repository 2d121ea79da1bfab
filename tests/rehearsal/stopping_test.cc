// Nodes that are told to stop, and nodes that are killed, while they are asked. A node that drains finishes what
// runs and refuses the rest by name; whatever is killed when, no answer is without its entry in all three
// ledgers, and every ledger is whole.

#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <set>

#include "engine/session/ledger.h"
#include "tests/rehearsal/running_parties.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kQuestion[] =
    "SELECT p.sex, COUNT(*) AS patients FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn GROUP BY p.sex";
constexpr int kKills = 20;

TEST(StoppingTest, KilledAtAnyMomentNoAnswerIsWithoutItsEntry) {
  RunningParties parties;
  std::mt19937_64 random(20'261'125);
  std::vector<std::string> answered;
  int refused = 0;
  for (int kill_number = 0; kill_number < kKills; ++kill_number) {
    const std::string asked_at = kParties[random() % 3];
    const std::string killed = kParties[random() % 3];
    std::atomic<bool> done = false;
    std::thread asking([&] {
      for (int question = 0; !done; ++question) {
        const std::string purpose = absl::StrCat("kill ", kill_number, " question ", question);
        if (parties.Ask(asked_at, kQuestion, purpose).ok()) {
          answered.push_back(purpose);
        } else {
          ++refused;
        }
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 250));
    parties.Node(killed).Kill();
    done = true;
    asking.join();
    parties.Start(killed);
  }
  const auto last = parties.Ask("hospital", kQuestion, "last");
  EXPECT_TRUE(last.ok()) << last.status();
  for (const std::string party : kParties) parties.Node(party).Stop(std::chrono::seconds(30));
  for (const std::string party : kParties) {
    const auto ledger = Ledger::Open(parties.File(party + ".state"));
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    EXPECT_TRUE((*ledger)->Verify().ok()) << (*ledger)->Verify();
    std::set<std::string> entered;
    const std::vector<StoredLedgerEntry> entries = (*ledger)->Entries().value();
    for (const StoredLedgerEntry& stored : entries) entered.insert(stored.entry.purpose);
    for (const std::string& purpose : answered) EXPECT_TRUE(entered.contains(purpose)) << party << ": " << purpose;
  }
  std::printf("%zu answers, %d refusals, %d kills\n", answered.size(), refused, kKills);
}

TEST(StoppingTest, ANodeThatDrainsRefusesByNameAndComesBackQuickly) {
  RunningParties parties;
  ASSERT_TRUE(parties.Ask("hospital", kQuestion, "warm").ok());
  const auto told = std::chrono::steady_clock::now();
  parties.Signal("hospital", SIGTERM);
  ASSERT_EQ(parties.Node("hospital").WaitFor(std::chrono::seconds(30)), 0) << parties.Log("hospital");
  const auto stopped = std::chrono::steady_clock::now();
  parties.Start("hospital");
  const auto back = std::chrono::steady_clock::now();
  EXPECT_THAT(parties.Log("hospital"), HasSubstr("stopped"));
  EXPECT_TRUE(parties.Ask("insurer", kQuestion, "back").ok());
  using Milliseconds = std::chrono::milliseconds;
  std::printf("SIGTERM to end %lld ms, to accepting again %lld ms\n",
              static_cast<long long>(std::chrono::duration_cast<Milliseconds>(stopped - told).count()),
              static_cast<long long>(std::chrono::duration_cast<Milliseconds>(back - told).count()));
}

// SIGTERM while all three are asked without a pause: whatever is answered is exact, whatever is not says why.
TEST(StoppingTest, AskedWhileANodeRestarts) {
  RunningParties parties;
  const auto expected = parties.Ask("hospital", kQuestion, "first");
  ASSERT_TRUE(expected.ok()) << expected.status();
  std::atomic<bool> done = false;
  std::atomic<int> answers = 0;
  std::atomic<int> refusals = 0;
  std::vector<std::thread> threads;
  for (const char* party : kParties) {
    threads.emplace_back([&, party] {
      while (!done) {
        const auto answer = parties.Ask(party, kQuestion, "restart");
        if (answer.ok()) {
          ++answers;
          EXPECT_EQ(answer->rows, expected->rows);
        } else {
          ++refusals;
          EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable) << party << ": " << answer.status();
          EXPECT_THAT(std::string(answer.status().message()), HasSubstr("insurer")) << party;
          std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
      }
    });
  }
  for (int restart = 0; restart < 3; ++restart) {
    const int before = answers;
    while (answers < before + 3) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    parties.Signal("insurer", SIGTERM);
    EXPECT_EQ(parties.Node("insurer").WaitFor(std::chrono::seconds(30)), 0) << parties.Log("insurer");
    parties.Start("insurer");
  }
  const int before = answers;
  while (answers < before + 6) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  done = true;
  for (std::thread& thread : threads) thread.join();
  std::printf("%d answers, %d refusals over 3 restarts\n", answers.load(), refusals.load());
}

}  // namespace
}  // namespace care::engine
