// Three nodes in one process, with a scripted planner and executor (scripted_federation.h). What is tested is everything between an analyst's request and its answer: reservation, agreement, the ledger
// before release, who is told what when something fails, and that a node serves on after it.

#include "engine/session/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <random>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/session/agreement.h"
#include "engine/session/question.h"
#include "tests/unit/session/scripted_federation.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(NodeTest, AnswersAtEachPartyAndWritesEveryLedger) {
  for (PartyId party = 0; party < 3; ++party) {
    const Reply reply = Ask(party, absl::StrCat("count ", party));
    ASSERT_TRUE(reply.answer.has_value()) << reply.status;
    EXPECT_EQ(reply.answer->rows[0][0], "12");  // the strictest threshold
    EXPECT_EQ(reply.answer->rounds, 2u);
    EXPECT_GT(reply.answer->bytes, 6u * 32u);
    EXPECT_EQ(reply.progress, 1);
  }
  std::vector<std::string> sessions;
  for (PartyId party = 0; party < 3; ++party) {
    auto ledger = OpenLedger(party);
    EXPECT_TRUE(ledger->Verify().ok());
    const auto entries = ledger->Entries().value();
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[1].entry.recipient, "insurer");
    EXPECT_EQ(entries[1].entry.purpose, "test");
    EXPECT_EQ(entries[1].entry.sql, "count 1");
    EXPECT_EQ(entries[1].entry.threshold, 12u);
    EXPECT_THAT(entries[1].entry.signatures, AllOf(HasSubstr("hospital"), HasSubstr("insurer"), HasSubstr("bureau")));
    sessions.push_back(entries[1].entry.session_id);
  }
  EXPECT_EQ(sessions[0], sessions[1]);
  EXPECT_EQ(sessions[0], sessions[2]);
}

TEST_F(NodeTest, RecordsWhatArrivedAfterTheKeys) {
  ASSERT_TRUE(Ask(0, "ok").answer.has_value());
  std::ifstream file(certificates_.directory().File("hospital.state") + "/last_traffic.json");
  const json record = json::parse(file);
  // One message of 32 bytes came after the keys, from the previous party.
  EXPECT_EQ(record["peers"]["bureau"]["bytes"], 32);
  EXPECT_EQ(record["peers"]["insurer"]["bytes"], 0);
  EXPECT_EQ(record["opened"][0]["values"], 1);
}

TEST_F(NodeTest, ExplainGathersEveryPartysStatements) {
  const Reply reply = Ask(1, "ok", true);
  EXPECT_EQ(reply.explained,
            "plan\nhospital: SELECT at hospital\ninsurer: SELECT at insurer\nbureau: SELECT at bureau\n");
  EXPECT_TRUE(OpenLedger(0)->Entries().value().empty());
}

TEST_F(NodeTest, AnalyzeRunsTheQueryAndReportsWhatAllMoved) {
  const std::string statements = "plan\nhospital: SELECT at hospital\ninsurer: SELECT at insurer\nbureau: SELECT at bureau\n";
  // By the request, and by the text; a client that sets one flag alone means both.
  for (const Reply& reply : {Ask(1, "ok", true, true), Ask(1, "ok", false, true), Ask(1, "EXPLAIN ANALYZE SELECT 1")}) {
    EXPECT_FALSE(reply.answer.has_value());
    EXPECT_EQ(reply.explained, statements + "moved 303 bytes in 2 rounds, 3 parties\n") << reply.status;
    EXPECT_EQ(reply.progress, 1);
  }
  for (PartyId party = 0; party < 3; ++party) {
    auto ledger = OpenLedger(party);
    EXPECT_TRUE(ledger->Verify().ok());
    const auto entries = ledger->Entries().value();
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].entry.sql, "ok");
    EXPECT_EQ(entries[0].entry.recipient, "insurer");
    EXPECT_EQ(entries[2].entry.sql, "EXPLAIN ANALYZE SELECT 1");
  }
}

TEST_F(NodeTest, AnalyzeMayBeTurnedOff) {
  const Reply reply = Ask(1, "EXPLAIN (ANALYZE off) SELECT 1");
  EXPECT_THAT(reply.explained, Not(HasSubstr("moved")));
  EXPECT_TRUE(OpenLedger(1)->Entries().value().empty());
}

TEST_F(NodeTest, AnalyzeSaysWhenAPartyDidNotReport) {
  EXPECT_THAT(Ask(1, "silent bureau", true, true).explained, HasSubstr("moved 201 bytes in 2 rounds at least"));
}

TEST_F(NodeTest, AnalyzeFailsAsTheQueryWould) {
  const Reply reply = Ask(0, "refuse bureau", true, true);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("not for this purpose"));
  EXPECT_TRUE(OpenLedger(0)->Entries().value().empty());
}

TEST_F(NodeTest, APlanThatDiffersIsNamed) {
  const Reply reply = Ask(0, "digest bureau");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(reply.status.message()),
              AllOf(HasSubstr("at hospital"), HasSubstr("at bureau"), HasSubstr("different plans")));
  ExpectServes();
}

// A party that runs another care reads some query otherwise, or refuses it: whoever asked is told of both.
TEST_F(NodeTest, ThatPartiesRunDifferentProgramsIsTold) {
  nodes_[2].reset();
  options_.program_version = "9.9, source 0123456789ab";
  ASSERT_TRUE(StartNode(2).ok());
  EXPECT_THAT(std::string(Ask(0, "digest bureau").status.message()),
              HasSubstr("hospital runs care unknown, bureau runs care 9.9, source 0123456789ab; install the same care at both"));
  const Reply refused = Ask(0, "refuse bureau");
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(refused.notices, ::testing::ElementsAre("hospital runs care unknown, bureau 9.9, source 0123456789ab"));
  // Where they plan alike they answer.
  const Reply answered = Ask(0, "ok");
  EXPECT_TRUE(answered.answer.has_value()) << answered.status;
  EXPECT_TRUE(answered.notices.empty());
}

TEST_F(NodeTest, ARefusalNamesThePartyAndReleasesNothing) {
  const Reply reply = Ask(0, "refuse insurer");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reply.status.message(), "insurer: not for this purpose");
  for (PartyId party = 0; party < 3; ++party) EXPECT_TRUE(OpenLedger(party)->Entries().value().empty());
  ExpectServes();
}

TEST_F(NodeTest, AFailureAtAnyPartyReachesTheAnalyst) {
  for (const char* party : {"hospital", "insurer", "bureau"}) {
    const Reply reply = Ask(0, absl::StrCat("fail ", party));
    EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(reply.status.message(), absl::StrCat(party, ": the database cannot be opened"));
  }
  ExpectServes();
}

// The operator is told of databases and networks, and alone of the line of a file; what may quote the query is the analyst's alone.
TEST_F(NodeTest, TheLogSaysWhyAQueryFailedUnlessThatMayQuoteIt) {
  nodes_[1].reset();
  std::ostringstream lines;
  options_.log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  ASSERT_TRUE(StartNode(1).ok());
  EXPECT_FALSE(Ask(1, "fail insurer").status.ok());
  EXPECT_FALSE(Ask(0, "refuse insurer").status.ok());
  ExpectServes();
  nodes_[1].reset();
  EXPECT_THAT(lines.str(), AllOf(HasSubstr("bytes sent: insurer: the database cannot be opened (line 17)\n"),
                                 HasSubstr("took_part, permission_denied"), Not(HasSubstr("not for this purpose"))));
}

TEST_F(NodeTest, APartyThatIsDown) {
  nodes_[2].reset();
  Reply reply = Ask(0, "ok");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status.message()),
              AllOf(HasSubstr("bureau cannot be reached"), HasSubstr("care serve bureau.toml")));
  ASSERT_TRUE(StartNode(2).ok());
  ExpectServes();
}

TEST_F(NodeTest, APartyThatStopsDuringAQuery) {
  auto channel = ConnectAs("analyst@hospital", 0);
  Request(*channel, "hang insurer");
  while (hanging == 0) std::this_thread::yield();
  nodes_[1].reset();
  const Reply reply = Await(*channel);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("insurer"));
  ASSERT_TRUE(StartNode(1).ok());
  ExpectServes();
}

TEST_F(NodeTest, AnAnalystWhoLeavesEndsTheQueryEverywhere) {
  auto channel = ConnectAs("analyst@hospital", 0);
  Request(*channel, "hang bureau");
  while (hanging == 0) std::this_thread::yield();
  channel->Abort(absl::CancelledError("interrupted"));
  while (hanging != 0) std::this_thread::yield();
  ExpectServes();
}

TEST_F(NodeTest, AnotherQueryWaitsItsTurn) {
  auto first = ConnectAs("analyst@hospital", 0);
  Request(*first, "hang bureau");
  while (hanging == 0) std::this_thread::yield();
  auto second = ConnectAs("analyst@insurer", 1);
  Request(*second, "ok");
  const json notice = ReceiveJson(*second, std::chrono::seconds(60)).value();
  EXPECT_EQ(notice.value("text", ""), "queued behind 1 query");
  first->Abort(absl::CancelledError("interrupted"));
  EXPECT_TRUE(Await(*second).answer.has_value());
}

TEST_F(NodeTest, ALineThatIsFullRefusesWithThePosition) {
  nodes_[0].reset();
  change_config_ = [](planner::NodeConfig& config) { config.most_waiting = 1; };
  ASSERT_TRUE(StartNode(0).ok());
  auto running = ConnectAs("analyst@hospital", 0);
  Request(*running, "hang bureau");
  while (hanging == 0) std::this_thread::yield();
  auto waiting = ConnectAs("analyst@hospital", 0);
  Request(*waiting, "ok");
  EXPECT_EQ(ReceiveJson(*waiting, std::chrono::seconds(60)).value().value("text", ""), "queued behind 1 query");
  const Reply refused = Ask(0, "ok");
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("would be number 2. Ask again later"));
  EXPECT_FALSE(Ask(0, "ok", true).explained.empty());  // to explain takes no place
  running->Abort(absl::CancelledError("interrupted"));
  EXPECT_TRUE(Await(*waiting).answer.has_value());
}

TEST_F(NodeTest, WhoLeavesWhileQueuedLeavesTheLine) {
  auto running = ConnectAs("analyst@hospital", 0);
  Request(*running, "hang bureau");
  while (hanging == 0) std::this_thread::yield();
  auto leaves = ConnectAs("analyst@hospital", 0);
  Request(*leaves, "ok");
  EXPECT_EQ(ReceiveJson(*leaves, std::chrono::seconds(60)).value().value("text", ""), "queued behind 1 query");
  leaves->Abort(absl::CancelledError("interrupted"));
  while (nodes_[0]->resources().admission.waiting() != 0) std::this_thread::yield();
  auto waits = ConnectAs("analyst@hospital", 0);
  Request(*waits, "ok");
  EXPECT_EQ(ReceiveJson(*waits, std::chrono::seconds(60)).value().value("text", ""), "queued behind 1 query");
  running->Abort(absl::CancelledError("interrupted"));
  EXPECT_TRUE(Await(*waits).answer.has_value());
}

// What runs goes on; what waits, and what comes, is told by name, at the node that drains and at its peers.
TEST_F(NodeTest, ANodeThatDrains) {
  auto running = ConnectAs("analyst@hospital", 0);
  Request(*running, "hang insurer");
  while (hanging == 0) std::this_thread::yield();
  auto waiting = ConnectAs("analyst@insurer", 1);
  Request(*waiting, "ok");
  EXPECT_EQ(ReceiveJson(*waiting, std::chrono::seconds(60)).value().value("text", ""), "queued behind 1 query");
  nodes_[1]->Drain();
  for (const Reply& reply : {Await(*waiting), Ask(1, "ok"), Ask(1, "ok", true), Ask(2, "ok", true)}) {
    EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(reply.status.message()), HasSubstr("the node of insurer is stopping; ask again in a moment"));
  }
  EXPECT_EQ(hanging, 1);
  EXPECT_FALSE(nodes_[1]->AwaitIdle(std::chrono::seconds(0)));
  running->Abort(absl::CancelledError("interrupted"));
  EXPECT_TRUE(nodes_[1]->AwaitIdle(std::chrono::seconds(60)));
  nodes_[1].reset();
  ASSERT_TRUE(StartNode(1).ok());
  ExpectServes();
}

TEST_F(NodeTest, AnotherAnalystsFirstQueryComesBeforeTheSecondOfTheFirst) {
  nodes_[0]->resources().admission.LimitTo(100);
  auto running = ConnectAs("analyst@hospital", 0);
  Request(*running, "hang bureau");
  while (hanging == 0) std::this_thread::yield();
  std::vector<std::unique_ptr<mpc::TlsChannel>> many;
  for (std::size_t i = 0; i < 20; ++i) {
    many.push_back(ConnectAs("analyst@hospital", 0));
    Request(*many.back(), "ok");
    EXPECT_EQ(ReceiveJson(*many.back(), std::chrono::seconds(60)).value().value("text", ""),
              absl::StrCat("queued behind ", i + 1, i == 0 ? " query" : " queries"));
  }
  // Another name asks, through another front end.
  struct Silent final : Asker {
    absl::Status Notice(const std::string& text) override {
      if (first.empty()) first = text;
      if (!told) promise.set_value();
      told = true;
      return absl::OkStatus();
    }
    void Progress(double, std::string_view) override {}
    void OnLeft(std::function<void(const absl::Status&)>) override {}
    std::string first;
    bool told = false;
    std::promise<void> promise;
  } asker;
  auto other = std::async(std::launch::async, [&] {
    Question question;
    question.sql = "ok";
    question.asked_by = "another";
    return engine::Ask(nodes_[0]->resources(), question, asker).ok();
  });
  asker.promise.get_future().wait();
  EXPECT_EQ(asker.first, "queued behind 2 queries");
  running->Abort(absl::CancelledError("interrupted"));
  EXPECT_TRUE(other.get());
  for (auto& channel : many) EXPECT_TRUE(Await(*channel).answer.has_value());
}

// Certificates and keys change while a query waits: some of its links show the old ones, some the new.
TEST_F(NodeTest, KeysRenewedBetweenTheLinksOfOneQuery) {
  auto running = ConnectAs("analyst@bureau", 2);
  Request(*running, "hang bureau");
  while (hanging == 0) std::this_thread::yield();
  auto waiting = ConnectAs("analyst@hospital", 0);
  Request(*waiting, "ok");
  EXPECT_EQ(ReceiveJson(*waiting, std::chrono::seconds(60)).value().value("text", ""), "queued behind 1 query");
  for (PartyId party = 0; party < 3; ++party) {
    const NodeResources& node = nodes_[party]->resources();
    const std::string before = node.identity.Get()->public_key();
    certificates_.Files(catalog_.PartyName(party));
    nodes_[party]->CheckFiles();
    while (node.identity.Get()->public_key() == before) std::this_thread::yield();
  }
  running->Abort(absl::CancelledError("interrupted"));
  const Reply reply = Await(*waiting);
  EXPECT_TRUE(reply.answer.has_value()) << reply.status;
  ExpectServes();
}

TEST_F(NodeTest, APairThatDoesNotFitIsNotTakenUp) {
  const NodeResources& node = nodes_[0]->resources();
  const std::string before = node.identity.Get()->fingerprint();
  const std::string key = certificates_.Files("hospital").private_key_path;
  std::filesystem::copy_file(certificates_.Files("insurer").private_key_path, key,
                             std::filesystem::copy_options::overwrite_existing);
  nodes_[0]->CheckFiles();
  EXPECT_TRUE(Ask(0, "ok").answer.has_value());
  EXPECT_EQ(node.identity.Get()->fingerprint(), before);
  certificates_.Files("hospital");
  nodes_[0]->CheckFiles();
  while (node.identity.Get()->fingerprint() == before) std::this_thread::yield();
  ExpectServes();
}

TEST_F(NodeTest, SaysDailyThatItsCertificateEndsSoon) {
  nodes_[0].reset();
  std::ostringstream lines;
  options_.log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  std::atomic<UnixSeconds> now = 1'800'000'000;
  options_.clock = [&now] { return now.load(); };
  options_.upkeep = std::chrono::hours(1);
  ASSERT_TRUE(StartNode(0).ok());
  const auto look = [&] {
    // The second look begins when the first is over.
    for (int i = 0; i < 2; ++i) {
      const auto before = nodes_[0]->resources().identity.Get();
      nodes_[0]->CheckFiles();
      while (nodes_[0]->resources().identity.Get() == before) std::this_thread::yield();
    }
  };
  now += 86'399;
  look();
  now += 1;
  look();
  nodes_[0].reset();
  std::size_t warnings = 0;
  for (std::size_t at = 0; (at = lines.str().find("expires on", at)) != std::string::npos; ++at) ++warnings;
  EXPECT_EQ(warnings, 2u) << lines.str();
}

TEST_F(NodeTest, ManyQueriesAtOnceAllFinish) {
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 12; ++i) {
    replies.push_back(
        std::async(std::launch::async, [this, i] { return Ask(static_cast<PartyId>(i % 3), absl::StrCat("q ", i)); }));
  }
  for (auto& reply : replies) {
    const Reply got = reply.get();
    EXPECT_TRUE(got.answer.has_value()) << got.status;
  }
}

TEST_F(NodeTest, FederationFilesThatDiffer) {
  nodes_[1].reset();
  planner::Catalog original = catalog_;
  catalog_.version = 2;
  catalog_.digest = std::string(64, 'b');
  ASSERT_TRUE(StartNode(1).ok());
  catalog_ = original;
  const Reply reply = Ask(0, "ok");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(reply.status.message()),
              AllOf(HasSubstr("federation files differ"), HasSubstr("hospital has version 1 with digest aaaa"),
                    HasSubstr("insurer has version 2 with digest bbbb")));
}

TEST_F(NodeTest, OnlyItsOwnAnalystsMayAsk) {
  auto channel = ConnectAs("analyst@insurer", 0);
  Request(*channel, "ok");
  const Reply reply = Await(*channel);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("Ask your own organisation's node"));
}

TEST_F(NodeTest, APartysNodeIsNotAnAnalyst) {
  auto channel = ConnectAs("insurer", 0);
  Request(*channel, "ok");
  const Reply reply = Await(*channel);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("questions are asked with an analyst's, analyst@insurer"));
}

TEST_F(NodeTest, AProposalWithoutAValidSignature) {
  auto channel = ConnectAs("hospital", 2);
  const std::string session(32, '1');
  ASSERT_TRUE(SendJson(*channel, Join(false)).ok());
  EXPECT_EQ(ReceiveJson(*channel, std::chrono::seconds(60)).value()["type"], "granted");
  Proposal proposal{session, "ok", planner::PlanInputs{}.Canonical(), false, "not a signature"};
  ASSERT_TRUE(SendJson(*channel, proposal.ToJson()).ok());
  const Reply reply = Await(*channel);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnauthenticated);
  ExpectServes();
}

// Played by the test: a party that takes its turn at the bureau and hangs, and one that waits behind it.
TEST_F(NodeTest, ATurnWithoutAProposalIsGivenUp) {
  nodes_[2].reset();
  std::ostringstream lines;
  const NodeOptions usual = options_;
  options_.log = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
  options_.timeouts.agreement = std::chrono::seconds(1);  // a dozen of them to propose
  ASSERT_TRUE(StartNode(2).ok());
  options_ = usual;
  const std::string told = "the turn of hospital was given up: it proposed no query within 12 s of being granted";
  auto hangs = ConnectAs("hospital", 2);
  ASSERT_TRUE(SendJson(*hangs, Join(false)).ok());
  EXPECT_EQ(ReceiveJson(*hangs, std::chrono::seconds(60)).value()["type"], "granted");
  auto waits = ConnectAs("insurer", 2);
  ASSERT_TRUE(SendJson(*waits, Join(false, '2')).ok());
  EXPECT_EQ(ReceiveJson(*waits, std::chrono::seconds(60)).value()["type"], "queued");
  const Reply given_up = Await(*hangs);
  EXPECT_EQ(given_up.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(given_up.status.message()), HasSubstr("bureau: " + told));
  EXPECT_EQ(ReceiveJson(*waits, std::chrono::seconds(60)).value()["type"], "granted");
  nodes_[2].reset();
  EXPECT_THAT(lines.str(), HasSubstr(told));
  ASSERT_TRUE(StartNode(2).ok());
  ExpectServes();
}

TEST_F(NodeTest, NoPartyTakesAllConnections) {
  std::vector<std::unique_ptr<mpc::TlsChannel>> many;
  for (int i = 0; i < 32; ++i) {
    many.push_back(ConnectAs("insurer", 0));
    ASSERT_TRUE(SendJson(*many.back(), Join(true)).ok());
    ASSERT_EQ(ReceiveJson(*many.back(), std::chrono::seconds(60)).value()["type"], "granted");
  }
  auto refused = ConnectAs("insurer", 0);
  ASSERT_TRUE(SendJson(*refused, Join(true)).ok());
  const Reply reply = Await(*refused);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("hospital: too many connections of insurer at once"));
  for (const PartyId party : {0, 2}) {
    const Reply other = Ask(party, "ok");
    EXPECT_TRUE(other.answer.has_value()) << other.status;
  }
  many.pop_back();
  // Its place is free as soon as the node has seen it leave.
  while (!Ask(1, "ok").answer.has_value()) std::this_thread::yield();
}

// Bytes that make no sense, from strangers and from those with a certificate.
TEST_F(NodeTest, NoiseOnThePort) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 30; ++i) {
    const char* names[] = {"analyst@hospital", "insurer", "bureau", "somebody"};
    auto channel = ConnectAs(names[i % 4], 0);
    std::vector<std::uint8_t> noise(random() % 300);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
    (void)channel->Send(noise);
    if (i % 2 == 0) {
      EXPECT_FALSE(Await(*channel).status.ok());
    }
  }
  const char* messages[] = {
      R"({"type":"query"})", R"({"type":"query","sql":7,"purpose":"x"})", R"({"type":"join"})",
      R"({"type":"join","session":"zz"})", R"({"type":"join","session":"00000000000000000000000000000000"})",
      R"({"type":"link","session":"00000000000000000000000000000000"})", R"({"type":"link","session":{}})",
      R"({"type":["query"]})", R"({"type":"granted"})", "[[[[[[[[[[[[[[[[["};
  for (const char* message : messages) {
    for (const char* name : {"analyst@hospital", "insurer"}) {
      auto channel = ConnectAs(name, 0);
      const std::string text = message;
      (void)channel->Send(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
      EXPECT_FALSE(Await(*channel).status.ok()) << message;
    }
  }
  std::vector<std::uint8_t> large(kMaxControlBytes + 1, '{');
  auto channel = ConnectAs("insurer", 0);
  (void)channel->Send(large);
  EXPECT_FALSE(Await(*channel).status.ok());
  ExpectServes();
}

TEST_F(NodeTest, ALedgerThatCannotBeWrittenStopsTheRelease) {
  nodes_[2].reset();
  // A trigger stands for the full disk: every insertion at the bureau fails.
  {
    sqlite3* database = nullptr;
    const std::string path = certificates_.directory().File("bureau.state") + "/ledger.sqlite";
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database,
                           "CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
                           nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
  }
  ASSERT_TRUE(StartNode(2).ok());
  const Reply reply = Ask(0, "ok");
  EXPECT_FALSE(reply.answer.has_value());
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(reply.status.message()),
              AllOf(HasSubstr("bureau: the ledger cannot be written"), HasSubstr("disk is full"),
                    HasSubstr("free space in")));
}

TEST_F(NodeTest, RefusesToStart) {
  nodes_[0].reset();
  change_config_ = [](planner::NodeConfig& config) { config.listen = "0.0.0.0:7401"; };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("preview = true"));
  change_config_ = [this](planner::NodeConfig& config) {
    config.certificate_path = certificates_.Files("insurer").certificate_path;
    config.private_key_path = certificates_.Files("insurer").private_key_path;
  };
  // Two issues of one name: the last key written fits neither of the first certificates.
  EXPECT_FALSE(StartNode(0).ok());
  change_config_ = [this](planner::NodeConfig& config) {
    const mpc::TlsFiles files = certificates_.Files("somebody");
    config.certificate_path = files.certificate_path;
    config.private_key_path = files.private_key_path;
  };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("is of \"somebody\", not of \"hospital\""));
  change_config_ = [this](planner::NodeConfig& config) {
    const mpc::TlsFiles files = certificates_.Files("hospital", -2);
    config.certificate_path = files.certificate_path;
    config.private_key_path = files.private_key_path;
  };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("has expired"));
  change_config_ = [this](planner::NodeConfig& config) { config.listen = addresses_[1]; };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("is another node running on this port?"));
  change_config_ = [](planner::NodeConfig& config) { config.party = "nobody"; };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("is not in the federation"));
}

}  // namespace
}  // namespace care::engine
