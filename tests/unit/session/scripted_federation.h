// tests/unit/session/scripted_federation.h
//
// Three nodes of one federation in one process, on loopback, with a planner and executor that the test scripts, and
// what an analyst or a peer does with them. A test may add owners that do not compute: each has a node, too.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/session/answer.h"
#include "engine/session/ledger.h"
#include "engine/session/messages.h"
#include "engine/session/node.h"
#include "engine/types/owner_detail.h"
#include "engine/types/status_macros.h"
#include "tests/unit/net/temporary_certificates.h"

namespace care::engine {

using nlohmann::json;

// A query "does" what its text says:
//   anything       one exchange with each peer, then a table of one cell
//   hang NAME      all wait for a message that nobody sends; the party counts itself
//   fail NAME      the party's database fails
//   digest NAME    the party derives another plan
//   refuse NAME    the party refuses to plan
//   three          no owner but the three takes part
//   fewer NAME     the party finds that fewer owners take part than the others do
//   silent NAME    the party does not say what each node moved
//   short NAME     the owner, which does not compute, shares a byte too little; long: too much; twice: all again
struct Script {
  std::string verb, party;
  explicit Script(const std::string& sql) : verb(sql.substr(0, sql.find(' '))) {
    if (sql.find(' ') != std::string::npos) party = sql.substr(sql.find(' ') + 1);
  }
};

inline std::atomic<int> hanging{0};

class ScriptedQuery final : public PreparedQuery {
 public:
  ScriptedQuery(std::string sql, std::string self, bool is_recipient, std::vector<PartyId> outside)
      : script_(sql), self_(std::move(self)), is_recipient_(is_recipient), outside_(std::move(outside)) {
    if (script_.verb == "three") outside_.clear();
    if (Is("fewer")) outside_.pop_back();
    disclosure_ = "d-" + sql;
    execution_ = "e-" + sql + (Is("digest") ? "-another" : "");
    disclosures_.push_back({1, "one count", 0, 1, "test"});
  }
  const std::string& disclosure_digest() const override { return disclosure_; }
  const std::string& execution_digest() const override { return execution_; }
  const std::vector<Disclosure>& disclosures() const override { return disclosures_; }
  std::vector<PartyId> outside_owners() const override { return outside_; }
  absl::StatusOr<std::vector<std::string>> Statements() override {
    return std::vector<std::string>{"SELECT at " + self_};
  }
  std::string ExplainText(const std::vector<PartyStatements>& all, const planner::MeasuredPlan* measured) const override {
    std::string text = "plan\n";
    for (const PartyStatements& party : all) {
      for (const std::string& statement : party.statements) absl::StrAppend(&text, party.party, ": ", statement, "\n");
    }
    if (measured != nullptr) {
      absl::StrAppend(&text, "moved ", measured->nodes[0].bytes, " bytes in ", measured->nodes[0].rounds, " rounds",
                      measured->is_complete ? "" : " at least", ", ", measured->sent.size(), " parties\n");
    }
    return text;
  }
  std::string ExplainJson(const std::vector<PartyStatements>&, const planner::MeasuredPlan*) const override { return "{}"; }
  absl::StatusOr<JointOutcome> Run(const JointRun& run) override {
    if (Is("fail")) return WithOwnerDetail(absl::UnavailableError("the database cannot be opened"), "line 17");
    if (run.outside) return Share(run);
    std::vector<std::uint8_t> bytes(32, static_cast<std::uint8_t>(run.role));
    for (mpc::Channel* channel : {run.next, run.previous}) CARE_RETURN_IF_ERROR(channel->Send(bytes));
    for (mpc::Channel* channel : {run.next, run.previous}) CARE_RETURN_IF_ERROR(channel->Receive(bytes));
    for (const auto& [owner, channel] : run.owners) CARE_RETURN_IF_ERROR(channel->Receive(bytes));
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
    if (!Is("silent")) outcome.nodes.push_back({100u + run.role, 2});
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
  // At an owner that does not compute.
  absl::StatusOr<JointOutcome> Share(const JointRun& run) {
    std::vector<std::uint8_t> bytes(Is("short") ? 31 : Is("long") ? 33 : 32, 7);
    for (int time = 0; time < (Is("twice") ? 2 : 1); ++time) {
      for (mpc::Channel* channel : run.compute) CARE_RETURN_IF_ERROR(channel->Send(bytes));
    }
    if (Is("hang")) {
      ++hanging;
      const absl::Status status = run.compute[0]->Receive(bytes);
      --hanging;
      return status;
    }
    CARE_RETURN_IF_ERROR(run.before_open());
    JointOutcome outcome;
    outcome.nodes.push_back({1000, 0});
    return outcome;
  }
  bool Is(const std::string& verb) const { return script_.verb == verb && script_.party == self_; }
  const Script script_;
  const std::string self_;
  const bool is_recipient_;
  std::vector<PartyId> outside_;
  std::string disclosure_, execution_;
  std::vector<Disclosure> disclosures_;
};

class ScriptedEngine final : public QueryEngine {
 public:
  ScriptedEngine(const planner::Catalog& catalog, PartyId id) : self_(catalog.PartyName(id)), id_(id) {
    for (PartyId party = 3; party < catalog.parties.size(); ++party) outside_.push_back(party);
  }
  absl::StatusOr<std::unique_ptr<PreparedQuery>> Prepare(std::string_view sql,
                                                         const planner::PlanInputs& inputs) override {
    const Script script{std::string(sql)};
    if (script.verb == "refuse" && script.party == self_) return absl::PermissionDeniedError("not for this purpose");
    return std::make_unique<ScriptedQuery>(std::string(sql), self_, inputs.recipient == id_, outside_);
  }
  absl::StatusOr<std::vector<planner::OutputColumn>> Describe(std::string_view,
                                                              const planner::PlanInputs&) override {
    return std::vector<planner::OutputColumn>{{0, "n", kBigIntType}};
  }

 private:
  const std::string self_;
  const PartyId id_;
  std::vector<PartyId> outside_;
};

inline int FreePort() {
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
  // With `change`, nodes that are not as usual; they are started here all the same. `owners` do not compute.
  explicit NodeTest(const std::function<void(planner::Catalog&, NodeOptions&)>& change = {},
                    const std::vector<std::string>& owners = {}) {
    catalog_.name = "test";
    catalog_.version = 1;
    catalog_.digest = std::string(64, 'a');
    catalog_.compute_parties = {0, 1, 2};
    catalog_.authority_sha256 = certificates_.authority().fingerprint();
    for (const char* name : {"hospital", "insurer", "bureau"}) {
      addresses_.push_back(absl::StrCat("127.0.0.1:", FreePort()));
      catalog_.parties.push_back({name, addresses_.back()});
    }
    for (const std::string& name : owners) {
      planner::CatalogTable table;
      table.schema = name;
      table.name = "patients";
      table.owner = static_cast<PartyId>(catalog_.parties.size());
      catalog_.tables.push_back(std::move(table));
      addresses_.push_back(absl::StrCat("127.0.0.1:", FreePort()));
      catalog_.parties.push_back({name, addresses_.back()});
    }
    options_.timeouts.agreement = std::chrono::seconds(20);
    if (change) change(catalog_, options_);
    nodes_.resize(catalog_.parties.size());
    for (PartyId party = 0; party < nodes_.size(); ++party) EXPECT_TRUE(StartNode(party).ok());
  }

  absl::Status StartNode(PartyId party) {
    const std::string& name = catalog_.PartyName(party);
    planner::NodeConfig config;
    config.party = name;
    config.listen = addresses_[party];
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
          return std::make_unique<ScriptedEngine>(catalog, party);
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
                                            {catalog_.PartyName(party), addresses_[party], ""});
    EXPECT_TRUE(channel.ok()) << channel.status();
    return channel.ok() ? *std::move(channel) : nullptr;
  }

  // What a party says that asks this federation, as session "111..." or the like.
  json Join(bool explain, char digit = '1') const {
    return {{"type", "join"},
            {"session", std::string(32, digit)},
            {"federation", catalog_.name},
            {"version", catalog_.version},
            {"digest", catalog_.digest},
            {"explain", explain}};
  }

  static void Request(mpc::TlsChannel& channel, const std::string& sql, bool explain = false, bool analyze = false) {
    ASSERT_TRUE(SendJson(channel, {{"type", "query"}, {"sql", sql}, {"purpose", "test"}, {"explain", explain}, {"analyze", analyze}})
                    .ok());
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

  Reply Ask(PartyId party, const std::string& sql, bool explain = false, bool analyze = false) {
    auto channel = ConnectAs(AnalystName(catalog_.PartyName(party)), party);
    if (channel == nullptr) return {};
    Request(*channel, sql, explain, analyze);
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
  std::vector<std::string> addresses_;  // where each listens, whatever the federation file says
  NodeOptions options_;
  std::function<void(planner::NodeConfig&)> change_config_;
  mpc::IoThread io_;
  std::vector<std::unique_ptr<Node>> nodes_;  // by PartyId
};

}  // namespace care::engine
