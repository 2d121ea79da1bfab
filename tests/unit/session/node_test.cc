// Three nodes of one federation in one process, on loopback, with a planner and executor that the test scripts.
// What is tested is everything between an analyst's request and its answer: reservation, agreement, the ledger
// before release, who is told what when something fails, and that a node serves on after it.

#include "engine/session/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sqlite3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/session/agreement.h"
#include "engine/session/answer.h"
#include "engine/types/status_macros.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

// A query "does" what its text says:
//   anything       one exchange with each peer, then a table of one cell
//   hang NAME      all wait for a message that nobody sends; the party counts itself
//   fail NAME      the party's database fails
//   digest NAME    the party derives another plan
//   refuse NAME    the party refuses to plan
struct Script {
  std::string verb, party;
  explicit Script(const std::string& sql) : verb(sql.substr(0, sql.find(' '))) {
    if (sql.find(' ') != std::string::npos) party = sql.substr(sql.find(' ') + 1);
  }
};

std::atomic<int> hanging{0};

class ScriptedQuery final : public PreparedQuery {
 public:
  ScriptedQuery(std::string sql, std::string self, bool is_recipient)
      : script_(sql), self_(std::move(self)), is_recipient_(is_recipient) {
    disclosure_ = "d-" + sql;
    execution_ = "e-" + sql + (Is("digest") ? "-another" : "");
    disclosures_.push_back({1, "one count", 0, 1, "test"});
  }
  const std::string& disclosure_digest() const override { return disclosure_; }
  const std::string& execution_digest() const override { return execution_; }
  const std::vector<Disclosure>& disclosures() const override { return disclosures_; }
  absl::StatusOr<std::vector<std::string>> Statements() override {
    return std::vector<std::string>{"SELECT at " + self_};
  }
  std::string ExplainText(const std::vector<PartyStatements>& all) const override {
    std::string text = "plan\n";
    for (const PartyStatements& party : all) {
      for (const std::string& statement : party.statements) absl::StrAppend(&text, party.party, ": ", statement, "\n");
    }
    return text;
  }
  std::string ExplainJson(const std::vector<PartyStatements>&) const override { return "{}"; }
  absl::StatusOr<JointOutcome> Run(const JointRun& run) override {
    if (Is("fail")) return absl::UnavailableError("the database cannot be opened");
    std::vector<std::uint8_t> bytes(32, static_cast<std::uint8_t>(run.role));
    for (mpc::Channel* channel : {run.next, run.previous}) CARE_RETURN_IF_ERROR(channel->Send(bytes));
    for (mpc::Channel* channel : {run.next, run.previous}) CARE_RETURN_IF_ERROR(channel->Receive(bytes));
    if (run.keys_made) run.keys_made();
    CARE_RETURN_IF_ERROR(run.next->Send(bytes));
    CARE_RETURN_IF_ERROR(run.previous->Receive(bytes));
    if (run.progress) run.progress(0.5, "half");
    if (script_.verb == "hang") {
      hanging += Is("hang") ? 1 : 0;
      const absl::Status status = run.next->Receive(bytes);
      hanging -= Is("hang") ? 1 : 0;
      return status;
    }
    CARE_RETURN_IF_ERROR(run.before_open());
    JointOutcome outcome;
    outcome.rounds = 2;
    outcome.opened.push_back({1, 1});
    if (is_recipient_) {
      ReleasedTable table;
      table.columns.push_back({0, "n", kBigIntType});
      table.rows.push_back({Value(static_cast<std::int64_t>(run.threshold))});
      table.suppressed.push_back({false});
      outcome.table = std::move(table);
    }
    return outcome;
  }
  void Interrupt() override {}

 private:
  bool Is(const std::string& verb) const { return script_.verb == verb && script_.party == self_; }
  const Script script_;
  const std::string self_;
  const bool is_recipient_;
  std::string disclosure_, execution_;
  std::vector<Disclosure> disclosures_;
};

class ScriptedEngine final : public QueryEngine {
 public:
  ScriptedEngine(std::string self, PartyId id) : self_(std::move(self)), id_(id) {}
  absl::StatusOr<std::unique_ptr<PreparedQuery>> Prepare(std::string_view sql,
                                                         const planner::PlanInputs& inputs) override {
    const Script script{std::string(sql)};
    if (script.verb == "refuse" && script.party == self_) return absl::PermissionDeniedError("not for this purpose");
    return std::make_unique<ScriptedQuery>(std::string(sql), self_, inputs.recipient == id_);
  }
  absl::StatusOr<std::vector<planner::OutputColumn>> Describe(std::string_view,
                                                              const planner::PlanInputs&) override {
    return std::vector<planner::OutputColumn>{{0, "n", kBigIntType}};
  }

 private:
  const std::string self_;
  const PartyId id_;
};

int FreePort() {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(probe);
  return ntohs(address.sin_port);
}

class NodeTest : public ::testing::Test {
 protected:
  NodeTest() {
    catalog_.name = "test";
    catalog_.version = 1;
    catalog_.digest = std::string(64, 'a');
    catalog_.compute_parties = {0, 1, 2};
    catalog_.authority_sha256 = certificates_.authority().fingerprint();
    for (const char* name : {"hospital", "insurer", "bureau"}) {
      catalog_.parties.push_back({name, absl::StrCat("127.0.0.1:", FreePort())});
    }
    options_.timeouts.agreement = std::chrono::seconds(20);
    for (PartyId party = 0; party < 3; ++party) StartNode(party);
  }

  absl::Status StartNode(PartyId party) {
    const std::string& name = catalog_.PartyName(party);
    planner::NodeConfig config;
    config.party = name;
    config.listen = catalog_.parties[party].address;
    const mpc::TlsFiles files = certificates_.Files(name);
    config.certificate_path = files.certificate_path;
    config.private_key_path = files.private_key_path;
    config.authority_path = files.authority_path;
    config.data_directory = certificates_.directory().File(name + ".state");
    config.threshold = 10u + party;
    config.record_traffic = true;
    if (change_config_) change_config_(config);
    auto node = Node::Start(
        config, catalog_,
        [party](const planner::Catalog& catalog, const planner::NodeConfig&)
            -> absl::StatusOr<std::unique_ptr<QueryEngine>> {
          return std::make_unique<ScriptedEngine>(catalog.PartyName(party), party);
        },
        options_);
    if (!node.ok()) return node.status();
    nodes_[party] = *std::move(node);
    return absl::OkStatus();
  }

  struct Reply {
    std::optional<Answer> answer;
    std::string explained;
    absl::Status status;
    std::vector<std::string> notices;
    int progress = 0;
  };

  std::unique_ptr<mpc::TlsChannel> ConnectAs(const std::string& name, PartyId party) {
    std::shared_ptr<const mpc::TlsIdentity> identity;
    {
      std::lock_guard lock(identities_mutex_);
      auto& known = identities_[name];
      if (known == nullptr) known = certificates_.Identity(name);
      identity = known;
    }
    auto channel = mpc::TlsChannel::Connect(io_, identity,
                                            {catalog_.PartyName(party), catalog_.parties[party].address, ""});
    EXPECT_TRUE(channel.ok()) << channel.status();
    return channel.ok() ? *std::move(channel) : nullptr;
  }

  static void Request(mpc::TlsChannel& channel, const std::string& sql, bool explain = false) {
    ASSERT_TRUE(
        SendJson(channel, {{"type", "query"}, {"sql", sql}, {"purpose", "test"}, {"explain", explain}}).ok());
  }

  static Reply Await(mpc::TlsChannel& channel) {
    Reply reply;
    while (true) {
      const auto message = ReceiveJson(channel, std::chrono::seconds(60));
      if (!message.ok()) {
        reply.status = message.status();
        return reply;
      }
      const std::string type = TextField(*message, "type").value_or("");
      if (type == "notice") reply.notices.push_back(TextField(*message, "text").value_or(""));
      if (type == "progress") ++reply.progress;
      if (type == "error") {
        reply.status = StatusFromJson((*message)["status"]);
        return reply;
      }
      if (type == "explained") {
        reply.explained = TextField(*message, "text").value_or("");
        return reply;
      }
      if (type == "answer") {
        reply.answer = AnswerFromJson(*message).value();
        return reply;
      }
    }
  }

  Reply Ask(PartyId party, const std::string& sql, bool explain = false) {
    auto channel = ConnectAs(AnalystName(catalog_.PartyName(party)), party);
    if (channel == nullptr) return {};
    Request(*channel, sql, explain);
    return Await(*channel);
  }

  void ExpectServes() {
    for (PartyId party = 0; party < 3; ++party) {
      const Reply reply = Ask(party, "ok");
      EXPECT_TRUE(reply.answer.has_value()) << reply.status;
    }
  }

  std::unique_ptr<Ledger> OpenLedger(PartyId party) {
    return Ledger::Open(certificates_.directory().File(catalog_.PartyName(party) + ".state")).value();
  }

  mpc::TemporaryCertificates certificates_;
  std::mutex identities_mutex_;
  std::map<std::string, std::shared_ptr<const mpc::TlsIdentity>> identities_;
  planner::Catalog catalog_;
  NodeOptions options_;
  std::function<void(planner::NodeConfig&)> change_config_;
  mpc::IoThread io_;
  std::array<std::unique_ptr<Node>, 3> nodes_;
};

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

TEST_F(NodeTest, APlanThatDiffersIsNamed) {
  const Reply reply = Ask(0, "digest bureau");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(reply.status.message()),
              AllOf(HasSubstr("at hospital"), HasSubstr("at bureau"), HasSubstr("different plans")));
  ExpectServes();
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
  EXPECT_EQ(Await(*channel).status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(NodeTest, AProposalWithoutAValidSignature) {
  auto channel = ConnectAs("hospital", 2);
  const std::string session(32, '1');
  ASSERT_TRUE(SendJson(*channel, {{"type", "join"},
                                  {"session", session},
                                  {"federation", catalog_.name},
                                  {"version", catalog_.version},
                                  {"digest", catalog_.digest},
                                  {"explain", false}})
                  .ok());
  EXPECT_EQ(ReceiveJson(*channel, std::chrono::seconds(60)).value()["type"], "granted");
  Proposal proposal{session, "ok", planner::PlanInputs{}.Canonical(), false, "not a signature"};
  ASSERT_TRUE(SendJson(*channel, proposal.ToJson()).ok());
  const Reply reply = Await(*channel);
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnauthenticated);
  ExpectServes();
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
    if (i % 2 == 0) EXPECT_FALSE(Await(*channel).status.ok());
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
  change_config_ = [this](planner::NodeConfig& config) { config.listen = catalog_.parties[1].address; };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("is another node running on this port?"));
  change_config_ = [](planner::NodeConfig& config) { config.party = "nobody"; };
  EXPECT_THAT(std::string(StartNode(0).message()), HasSubstr("is not in the federation"));
}

}  // namespace
}  // namespace care::engine
