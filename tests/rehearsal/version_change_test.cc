// A federation changes while it is asked: at all three nodes questions are asked in a loop while (a) a new
// version of the federation file comes into force, with another address and a new view, and (b) all certificates
// and keys are renewed, one party after the other. Every question is answered, and exactly.

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <mutex>
#include <thread>

#include "absl/strings/str_replace.h"
#include "engine/session/federation_versions.h"
#include "mpc/net/certificate_authority.h"
#include "tests/rehearsal/running_parties.h"

namespace care::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kQuestion[] =
    "SELECT COUNT(*) AS patients FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn";

// Asks at some nodes, one question after the other, until it ends.
class AskingAll {
 public:
  AskingAll(const RunningParties& parties, std::string expected, const std::vector<std::string>& at)
      : expected_(std::move(expected)) {
    for (const std::string& party : at) {
      threads_.emplace_back([this, &parties, party] {
        while (!done_) {
          const auto answer = parties.Ask(party, kQuestion, "rehearsal");
          std::lock_guard lock(mutex_);
          ++asked_;
          if (!answer.ok()) {
            failures_.push_back(absl::StrCat(party, ": ", answer.status().ToString()));
          } else if (answer->rows.size() != 1 || answer->rows[0][0] != expected_) {
            failures_.push_back(absl::StrCat(party, ": another answer"));
          }
        }
      });
    }
  }
  ~AskingAll() { Finish(); }

  std::vector<std::string> Finish() {
    done_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return failures_;
  }
  int asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  // Until so many more were asked.
  void Await(int more) const {
    const int until = asked() + more;
    while (asked() < until) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

 private:
  const std::string expected_;
  std::atomic<bool> done_ = false;
  mutable std::mutex mutex_;
  int asked_ = 0;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

// An instant that leaves time to sign and activate, however slow this machine is now.
std::time_t SoonEnough(RunningParties& parties) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string file = parties.File("federation.toml");
  EXPECT_EQ(parties.Care({"federation", "diff", file, file}).exit_code, 0);
  const auto once = std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begin);
  return std::time(nullptr) + 8 + 20 * once.count();
}

TEST(VersionChangeTest, EveryQuestionIsAnsweredThroughAVersionChangeAndRenewals) {
  RunningParties parties;
  const auto first = parties.Ask("hospital", kQuestion, "rehearsal");
  ASSERT_TRUE(first.ok()) << first.status();
  AskingAll asking(parties, first->rows[0][0].value(), {kParties.begin(), kParties.end()});

  // (a) The hospital has another name for its address, and there is a new view.
  const std::string before = ReadTextFile(parties.File("federation.toml"));
  const std::string address = absl::StrCat("127.0.0.1:", parties.PortOf("hospital"));
  ASSERT_THAT(before, HasSubstr(address));
  std::string after = absl::StrReplaceAll(
      before, {{"version = 1\n", "version = 2\n"}, {address, absl::StrCat("localhost:", parties.PortOf("hospital"))}});
  absl::StrAppend(&after, "\n[[view]]\nname = \"app_users\"\nsql = \"SELECT bsn FROM hospital.patients WHERE uses_app\"\n");
  const std::string file = parties.directory().Write("federation-2.toml", after);
  const std::time_t instant = SoonEnough(parties);
  const std::string at = FormatInstant(instant);
  const CommandResult diff = parties.Care({"federation", "diff", parties.File("federation.toml"), file});
  EXPECT_THAT(diff.output, HasSubstr("+ view app_users"));
  for (const std::string party : kParties) {
    const CommandResult early = parties.Care({"federation", "activate", file, "--at", at, "--node", parties.NodeFile(party)});
    EXPECT_EQ(early.exit_code, 1) << "not all have signed";
    EXPECT_THAT(early.error, HasSubstr("not signed by "));
    const CommandResult sign = parties.Care({"federation", "sign", file, "--at", at, "--node", parties.NodeFile(party)});
    ASSERT_EQ(sign.exit_code, 0) << sign.error;
  }
  for (const std::string party : kParties) {
    const CommandResult activate =
        parties.Care({"federation", "activate", file, "--at", at, "--node", parties.NodeFile(party)});
    ASSERT_EQ(activate.exit_code, 0) << activate.error;
    parties.Signal(party, SIGHUP);
    parties.AwaitLog(party, "version 2 of federation ibd-coaching, digest");
  }
  std::this_thread::sleep_until(std::chrono::system_clock::from_time_t(instant));
  for (const std::string party : kParties) parties.AwaitLog(party, "version 2 of federation ibd-coaching is in force now");
  asking.Await(9);
  for (const std::string party : kParties) {
    const auto view = parties.Ask(party, "SELECT COUNT(*) FROM app_users a JOIN insurer.insured i ON i.bsn = a.bsn", "view");
    EXPECT_TRUE(view.ok()) << view.status();
    const CommandResult status = parties.Care({"federation", "status", "--node", parties.NodeFile(party)});
    EXPECT_THAT(status.output, HasSubstr(absl::StrCat("version 2: in force since ", at)));
    EXPECT_THAT(status.output, HasSubstr("signed by  bureau, hospital, insurer"));
  }

  // (b) New keys, one party after the other.
  for (const std::string party : kParties) {
    const CommandResult renew =
        parties.Care({"keygen", "--federation-directory", parties.File(""), "--renew", party});
    ASSERT_EQ(renew.exit_code, 0) << renew.error;
    parties.Signal(party, SIGHUP);
    parties.AwaitLog(party, "the certificate was renewed");
    asking.Await(3);
  }

  EXPECT_THAT(asking.Finish(), IsEmpty());
  RecordProperty("questions", asking.asked());

  // A restart keeps what is in force, whatever the file says.
  for (const std::string party : kParties) {
    parties.Node(party).Stop(std::chrono::seconds(30));
    parties.Start(party);
  }
  EXPECT_TRUE(parties.Ask("bureau", "SELECT COUNT(*) FROM app_users a JOIN insurer.insured i ON i.bsn = a.bsn", "view").ok());
}

// The agency takes the place of the bureau, with the same data at another address.
TEST(VersionChangeTest, APartyLeavesAndAnotherJoins) {
  RunningParties parties;
  const std::string three_owners =
      "SELECT COUNT(*) AS patients FROM hospital.patients p JOIN insurer.insured i ON i.bsn = p.bsn "
      "JOIN bureau.persons s ON s.bsn = p.bsn";
  const std::string after_question = absl::StrReplaceAll(three_owners, {{"bureau", "agency"}});
  const auto first = parties.Ask("hospital", kQuestion, "rehearsal");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto joined = parties.Ask("hospital", three_owners, "rehearsal");
  ASSERT_TRUE(joined.ok()) << joined.status();
  AskingAll asking(parties, first->rows[0][0].value(), {"hospital", "insurer"});

  const auto authority = mpc::CertificateAuthority::Load(ReadTextFile(parties.File("authority.pem")),
                                                         ReadTextFile(parties.File("authority.key")));
  ASSERT_TRUE(authority.ok()) << authority.status();
  for (const auto& [file, name] : {std::pair("agency", "agency"), std::pair("analyst.agency", "analyst@agency")}) {
    const mpc::CertifiedKey key = authority->Issue(name, 30).value();
    parties.directory().Write(absl::StrCat(file, ".pem"), key.certificate_pem);
    parties.directory().Write(absl::StrCat(file, ".key"), key.private_key_pem);
  }
  const std::string file = parties.directory().Write(
      "federation-2.toml",
      absl::StrReplaceAll(ReadTextFile(parties.File("federation.toml")),
                          {{"version = 1\n", "version = 2\n"},
                           {"bureau", "agency"},
                           {absl::StrCat(":", parties.PortOf("bureau")), absl::StrCat(":", parties.PortOf("agency"))}}));
  parties.WriteNodeFile("agency", "federation-2.toml", "bureau");
  const std::time_t instant = SoonEnough(parties);
  const std::string at = FormatInstant(instant);
  for (const std::string party : {"hospital", "insurer", "bureau", "agency"}) {
    std::vector<std::string> arguments{"federation", "sign", file, "--at", at, "--node", parties.NodeFile(party)};
    if (party == "agency") arguments.insert(arguments.end(), {"--replaces", parties.File("federation.toml")});
    const CommandResult sign = parties.Care(arguments);
    ASSERT_EQ(sign.exit_code, 0) << sign.error;
  }
  parties.Start("agency");
  for (const std::string party : kParties) {
    const CommandResult activate = parties.Care({"federation", "activate", file, "--node", parties.NodeFile(party)});
    ASSERT_EQ(activate.exit_code, 0) << activate.error;
    parties.Signal(party, SIGHUP);
  }
  std::this_thread::sleep_until(std::chrono::system_clock::from_time_t(instant));
  for (const std::string party : kParties) parties.AwaitLog(party, "version 2 of federation ibd-coaching is in force now");
  asking.Await(4);
  EXPECT_THAT(asking.Finish(), IsEmpty());
  for (const std::string party : {"hospital", "insurer", "agency"}) {
    const auto answer = parties.Ask(party, after_question, "rehearsal");
    ASSERT_TRUE(answer.ok()) << party << ": " << answer.status();
    EXPECT_EQ(answer->rows, joined->rows) << party;
  }
  const auto left = parties.Ask("bureau", kQuestion, "rehearsal");
  ASSERT_FALSE(left.ok());
  EXPECT_THAT(std::string(left.status().message()), HasSubstr("bureau is not a"));
}

}  // namespace
}  // namespace care::engine
