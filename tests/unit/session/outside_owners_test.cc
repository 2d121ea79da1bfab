// Owners that do not compute, when something goes wrong with one of them: the analyst is told who it is and what to do, no
// answer is given without its ledger entry, and all others go on with the next question. Method: five nodes on loopback
// with a scripted planner and executor (scripted_federation.h), or four and a test that plays the fifth.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "engine/session/agreement.h"
#include "tests/unit/session/scripted_federation.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// By name, and so in the order of reservations: bureau, centre, hospital, insurer, west.
constexpr PartyId kCentre = 3, kWest = 4;

class OutsideOwners : public NodeTest {
 protected:
  explicit OutsideOwners(const std::function<void(planner::Catalog&, NodeOptions&)>& change = {})
      : NodeTest(change, {"centre", "west"}) {}

  // Whoever is asked, all five take part; and the three alone.
  void ExpectAllServe() {
    ExpectServes();
    EXPECT_TRUE(Ask(0, "three").answer.has_value());
  }

  // What is said of a question that cannot be answered while one owner is as it is.
  void ExpectTold(PartyId asked, const std::string& sql, absl::StatusCode code,
                  const ::testing::Matcher<const std::string&>& message) {
    SCOPED_TRACE(testing::Message() << "\"" << sql << "\" asked at " << catalog_.PartyName(asked));
    const Reply reply = Ask(asked, sql);
    EXPECT_FALSE(reply.answer.has_value());
    EXPECT_EQ(reply.status.code(), code) << reply.status;
    EXPECT_THAT(std::string(reply.status.message()), message);
  }

  std::size_t Entries(PartyId party) { return OpenLedger(party)->Entries().value().size(); }

  // The first words of a party that asks centre and west, besides the three.
  json JoinWithOwners(char digit = '1') const {
    json join = Join(false, digit);
    join["outside"] = {"centre", "west"};
    return join;
  }
};

TEST_F(OutsideOwners, TakePartAndWriteTheirLedgers) {
  for (PartyId party = 0; party < 3; ++party) {
    const Reply reply = Ask(party, "ok");
    ASSERT_TRUE(reply.answer.has_value()) << reply.status;
    EXPECT_EQ(reply.answer->rows[0][0], "14");  // the strictest threshold is west's
  }
  for (PartyId party = 0; party < 5; ++party) {
    EXPECT_TRUE(OpenLedger(party)->Verify().ok());
    EXPECT_EQ(Entries(party), 3u) << catalog_.PartyName(party);
  }
  // Who owns nothing of what is read is not asked.
  EXPECT_TRUE(Ask(0, "three").answer.has_value());
  EXPECT_EQ(Entries(0), 4u);
  EXPECT_EQ(Entries(kWest), 3u);
}

TEST_F(OutsideOwners, ReportWhatTheySent) {
  EXPECT_THAT(Ask(1, "ok", true, true).explained, HasSubstr("moved 2303 bytes in 2 rounds, 5 parties"));
  for (PartyId party = 0; party < 5; ++party) EXPECT_EQ(Entries(party), 1u);
}

TEST_F(OutsideOwners, NamesWhoIsMissing) {
  nodes_[kWest].reset();
  for (PartyId asked = 0; asked < 3; ++asked) {
    ExpectTold(asked, "ok", absl::StatusCode::kUnavailable,
               AllOf(HasSubstr("west cannot be reached"), HasSubstr("care serve west.toml")));
    // What concerns the three alone is answered meanwhile.
    EXPECT_TRUE(Ask(asked, "three").answer.has_value());
  }
  EXPECT_EQ(Entries(kCentre), 0u);
  ASSERT_TRUE(StartNode(kWest).ok());
  ExpectAllServe();
}

TEST_F(OutsideOwners, ARefusalIsItsOwn) {
  for (const char* owner : {"centre", "west"}) {
    ExpectTold(0, absl::StrCat("refuse ", owner), absl::StatusCode::kPermissionDenied,
               absl::StrCat(owner, ": not for this purpose"));
    ExpectTold(1, absl::StrCat("fail ", owner), absl::StatusCode::kUnavailable,
               absl::StrCat(owner, ": the database cannot be opened"));
    ExpectTold(
        2, absl::StrCat("digest ", owner), absl::StatusCode::kFailedPrecondition,
        AllOf(HasSubstr("at bureau"), HasSubstr(absl::StrCat("at ", owner)), HasSubstr("different plans")));
    ExpectTold(0, absl::StrCat("fewer ", owner), absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr(absl::StrCat(
                         owner, ": hospital asks other owners to take part than the query reads rows of")),
                     HasSubstr("same version of care")));
  }
  for (PartyId party = 0; party < 5; ++party) EXPECT_EQ(Entries(party), 0u) << catalog_.PartyName(party);
  ExpectAllServe();
}

TEST_F(OutsideOwners, AnotherVersionOfTheFederationFile) {
  nodes_[kCentre].reset();
  const planner::Catalog original = catalog_;
  catalog_.version = 2;
  catalog_.digest = std::string(64, 'b');
  ASSERT_TRUE(StartNode(kCentre).ok());
  catalog_ = original;
  for (PartyId asked = 0; asked < 3; ++asked) {
    ExpectTold(asked, "ok", absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("centre: federation files differ"),
                     HasSubstr("centre has version 2 with digest bbbb"),
                     HasSubstr("give every party the same federation file")));
  }
  nodes_[kCentre].reset();
  ASSERT_TRUE(StartNode(kCentre).ok());
  ExpectAllServe();
}

TEST_F(OutsideOwners, ALedgerThatCannotBeWrittenStopsTheRelease) {
  nodes_[kWest].reset();
  const auto with_ledger = [this](const char* sql) {
    sqlite3* database = nullptr;
    const std::string path = certificates_.directory().File("west.state") + "/ledger.sqlite";
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  };
  with_ledger("CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
  ASSERT_TRUE(StartNode(kWest).ok());
  for (PartyId asked = 0; asked < 3; ++asked) {
    ExpectTold(asked, "ok", absl::StatusCode::kResourceExhausted,
               AllOf(HasSubstr("west: the ledger cannot be written"), HasSubstr("free space in")));
  }
  EXPECT_EQ(Entries(kWest), 0u);
  nodes_[kWest].reset();
  with_ledger("DROP TRIGGER full");
  ASSERT_TRUE(StartNode(kWest).ok());
  ExpectAllServe();
}

TEST_F(OutsideOwners, StopsWhileItShares) {
  for (const PartyId owner : {kCentre, kWest}) {
    for (PartyId asked = 0; asked < 3; ++asked) {
      const std::string name = catalog_.PartyName(owner);
      auto analyst = ConnectAs(AnalystName(catalog_.PartyName(asked)), asked);
      Request(*analyst, "hang " + name);
      while (hanging == 0) std::this_thread::yield();
      nodes_[owner].reset();
      const Reply reply = Await(*analyst);
      EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
      EXPECT_THAT(std::string(reply.status.message()), HasSubstr(name));
      EXPECT_EQ(hanging, 0);
      ASSERT_TRUE(StartNode(owner).ok());
    }
  }
  for (PartyId party = 0; party < 5; ++party) EXPECT_EQ(Entries(party), 0u) << catalog_.PartyName(party);
  ExpectAllServe();
}

TEST_F(OutsideOwners, AnAnalystWhoLeavesEndsTheQueryAtTheOwners) {
  auto analyst = ConnectAs("analyst@hospital", 0);
  Request(*analyst, "hang west");
  while (hanging == 0) std::this_thread::yield();
  analyst->Abort(absl::CancelledError("interrupted"));
  while (hanging != 0) std::this_thread::yield();
  ExpectAllServe();
}

// Who shares what the plan does not have is out of step, and named by those who notice.
TEST_F(OutsideOwners, SharesOfAnotherLength) {
  for (const char* fault : {"short ", "long ", "twice "}) {
    for (const char* owner : {"centre", "west"}) {
      for (PartyId asked = 0; asked < 3; ++asked) {
        ExpectTold(asked, absl::StrCat(fault, owner), absl::StatusCode::kDataLoss,
                   AllOf(HasSubstr(absl::StrCat("out of step with ", owner)),
                         HasSubstr("same version of care at both")));
      }
    }
    // What comes twice is noticed when the ledgers are written, and before anything opens.
    if (fault != std::string("twice ")) {
      EXPECT_EQ(Entries(kWest) + Entries(kCentre), 0u);
    }
  }
  ExpectAllServe();
}

TEST_F(OutsideOwners, ManyQuestionsAtOnceAllFinish) {
  std::vector<std::thread> asking;
  for (int i = 0; i < 9; ++i) {
    asking.emplace_back([this, i] {
      const Reply reply = Ask(static_cast<PartyId>(i % 3), i % 4 == 0 ? "three" : "ok");
      EXPECT_TRUE(reply.answer.has_value()) << reply.status;
    });
  }
  for (std::thread& thread : asking) thread.join();
}

// The test plays west.
class WestPlayed : public OutsideOwners {
 protected:
  WestPlayed()
      : OutsideOwners([](planner::Catalog&, NodeOptions& options) {
          options.timeouts.agreement = std::chrono::seconds(6);
        }) {
    nodes_[kWest].reset();
    auto listener = mpc::TlsListener::Listen(io_, certificates_.Identity("west"), addresses_[kWest], {},
                                             {[this](std::unique_ptr<mpc::TlsChannel> channel) {
                                                std::lock_guard lock(mutex_);
                                                accepted_.push_back(std::move(channel));
                                                changed_.notify_all();
                                              },
                                              [](const std::string&, const absl::Status&) {}});
    EXPECT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
  }
  ~WestPlayed() override { listener_.reset(); }

  // The link of whoever asks west to take part, which grants it and has heard the proposal.
  std::unique_ptr<mpc::TlsChannel> Granted() {
    while (true) {
      std::unique_ptr<mpc::TlsChannel> link;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !accepted_.empty(); });
        link = std::move(accepted_.front());
        accepted_.pop_front();
      }
      const auto first = ReceiveJson(*link, std::chrono::seconds(60));
      if (!first.ok() || (*first)["type"] != "join")
        continue;  // another party's, of a session that has ended
      EXPECT_TRUE(SendJson(*link, {{"type", "granted"}}).ok());
      EXPECT_EQ(ReceiveJson(*link, std::chrono::seconds(60)).value()["type"], "proposal");
      return link;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<mpc::TlsChannel>> accepted_;
  std::unique_ptr<mpc::TlsListener> listener_;
};

TEST_F(WestPlayed, DropsOutAfterItsGrant) {
  for (const bool says_why : {false, true}) {
    for (PartyId asked = 0; asked < 3; ++asked) {
      SCOPED_TRACE(testing::Message() << "asked at " << catalog_.PartyName(asked));
      auto analyst = ConnectAs(AnalystName(catalog_.PartyName(asked)), asked);
      Request(*analyst, "ok");
      std::unique_ptr<mpc::TlsChannel> link = Granted();
      if (says_why) link->Abort(absl::ResourceExhaustedError("no memory is left"));
      link.reset();
      const Reply reply = Await(*analyst);
      EXPECT_EQ(reply.status.code(),
                says_why ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable);
      EXPECT_THAT(std::string(reply.status.message()),
                  AllOf(HasSubstr("west"), HasSubstr(says_why ? "no memory is left" : "")));
      EXPECT_TRUE(Ask(asked, "three").answer.has_value());
    }
  }
  for (PartyId party = 0; party < 4; ++party) EXPECT_EQ(Entries(party), party < 3 ? 6u : 0u);
}

TEST_F(WestPlayed, SaysNothingAfterItsGrant) {
  auto analyst = ConnectAs("analyst@insurer", 1);
  Request(*analyst, "ok");
  const std::unique_ptr<mpc::TlsChannel> link = Granted();
  const Reply reply = Await(*analyst);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("west sent no answer within 6 s"));
  EXPECT_TRUE(Ask(1, "three").answer.has_value());
}

TEST_F(OutsideOwners, AskedByWhomTheyMay) {
  const auto refused = [this](const std::string& who, PartyId at, const json& request) {
    auto channel = ConnectAs(who, at);
    EXPECT_TRUE(SendJson(*channel, request).ok());
    return Await(*channel).status;
  };
  // Owners that do not compute ask nobody.
  EXPECT_THAT(std::string(refused("west", kCentre, JoinWithOwners()).message()),
              HasSubstr("only compute parties"));
  EXPECT_THAT(std::string(refused("west", 0, JoinWithOwners()).message()), HasSubstr("only compute parties"));
  // An owner that is not among those who are asked.
  json join = JoinWithOwners();
  join["outside"] = {"centre"};
  EXPECT_THAT(std::string(refused("hospital", kWest, join).message()), HasSubstr("only compute parties"));
  for (const json& names : {json::array({"nobody"}), json::array({7}), json::array({"insurer"})}) {
    join["outside"] = names;
    EXPECT_THAT(std::string(refused("hospital", kWest, join).message()), HasSubstr("owns no table"));
  }
  const Reply asked = Ask(kWest, "ok");
  EXPECT_EQ(asked.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(asked.status.message()),
              HasSubstr("west is not a compute party of this federation; ask at hospital"));
  ExpectAllServe();
}

// A party that is still connecting when another has heard of the failure must not report a closed door instead of it.
TEST_F(OutsideOwners, WhoConnectsTooLateIsToldWhy) {
  auto asking = ConnectAs("hospital", kCentre);
  ASSERT_TRUE(SendJson(*asking, JoinWithOwners()).ok());
  EXPECT_EQ(ReceiveJson(*asking, std::chrono::seconds(60)).value()["type"], "granted");
  const json link = {{"type", "link"}, {"session", std::string(32, '1')}};
  auto early = ConnectAs("insurer", kCentre);
  ASSERT_TRUE(SendJson(*early, link).ok());
  asking->Abort(absl::ResourceExhaustedError("no memory is left"));
  EXPECT_THAT(std::string(Await(*early).status.message()), HasSubstr("no memory is left"));
  auto late = ConnectAs("bureau", kCentre);
  ASSERT_TRUE(SendJson(*late, link).ok());
  EXPECT_THAT(std::string(Await(*late).status.message()), HasSubstr("no memory is left"));
  auto lost = ConnectAs("bureau", kCentre);
  ASSERT_TRUE(SendJson(*lost, {{"type", "link"}, {"session", std::string(32, '2')}}).ok());
  EXPECT_THAT(std::string(Await(*lost).status.message()), HasSubstr("no query waits for this connection"));
  ExpectAllServe();
}

class WestOutbound : public OutsideOwners {
 protected:
  WestOutbound()
      : OutsideOwners([](planner::Catalog& catalog, NodeOptions& options) {
          catalog.parties[kWest].outbound = true;
          catalog.parties[kWest].address.clear();
          options.timeouts.redial = {std::chrono::milliseconds(5), std::chrono::milliseconds(50),
                                     std::chrono::milliseconds(10'000)};
        }) {}

  void AwaitStandingLinks(bool up) {
    for (PartyId party = 0; party < 3; ++party) {
      while (nodes_[party]->resources().standing.Has("west") != up)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
};

TEST_F(WestOutbound, CallsThoseWhoAskAndTheOthers) {
  AwaitStandingLinks(true);
  ExpectAllServe();
  EXPECT_EQ(Entries(kWest), 3u);
}

TEST_F(WestOutbound, DownAndBackAgain) {
  AwaitStandingLinks(true);
  nodes_[kWest].reset();
  AwaitStandingLinks(false);
  for (PartyId asked = 0; asked < 3; ++asked) {
    ExpectTold(asked, "ok", absl::StatusCode::kUnavailable,
               AllOf(HasSubstr("west cannot be dialled"), HasSubstr("care serve west.toml")));
  }
  ASSERT_TRUE(StartNode(kWest).ok());
  AwaitStandingLinks(true);
  auto analyst = ConnectAs("analyst@insurer", 1);
  Request(*analyst, "hang west");
  while (hanging == 0) std::this_thread::yield();
  nodes_[kWest].reset();
  EXPECT_THAT(std::string(Await(*analyst).status.message()), HasSubstr("west"));
  ASSERT_TRUE(StartNode(kWest).ok());
  AwaitStandingLinks(true);
  ExpectAllServe();
}

}  // namespace
}  // namespace care::engine
