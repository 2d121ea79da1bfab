// The record that comes with an answer: every party's verdict, statements and ledger entry, and only when asked for.

#include "engine/session/answer_record.h"

#include <gmock/gmock.h>

#include "engine/session/agreement.h"
#include "tests/unit/session/scripted_federation.h"

namespace care::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class AnswerRecordTest : public NodeTest {
 protected:
  Reply AskWithRecord(PartyId party, const std::string& sql) {
    auto channel = ConnectAs(AnalystName(catalog_.PartyName(party)), party);
    const json request = {{"type", "query"}, {"sql", sql},         {"purpose", "quality of care"},
                          {"record", true},  {"legal_basis", "article 9"}};
    EXPECT_TRUE(SendJson(*channel, request).ok());
    return Await(*channel);
  }
};

TEST_F(AnswerRecordTest, HoldsWhatEveryPartyDid) {
  // The bureau's ledger holds an entry more, so that the parties' hashes are not the same.
  LedgerEntry earlier;
  earlier.session_id = "an earlier one";
  ASSERT_TRUE(OpenLedger(2)->Append(earlier).ok());
  const Reply reply = AskWithRecord(1, "count patients");
  ASSERT_TRUE(reply.answer.has_value()) << reply.status;
  ASSERT_TRUE(reply.answer->record.has_value());
  const AnswerRecord& record = *reply.answer->record;
  EXPECT_EQ(record.sql, "count patients");
  EXPECT_EQ(record.purpose, "quality of care");
  EXPECT_EQ(record.legal_basis, "article 9");
  EXPECT_EQ(record.asked_by, "analyst@insurer");
  EXPECT_EQ(record.recipient, "insurer");
  EXPECT_EQ(record.federation, "test");
  EXPECT_EQ(record.federation_digest, catalog_.digest);
  EXPECT_EQ(record.threshold, 12u);
  EXPECT_FALSE(record.care_version.empty());
  EXPECT_EQ(record.protocol, "replicated3");
  ASSERT_THAT(record.parties, SizeIs(3));
  for (PartyId id = 0; id < 3; ++id) {
    const RecordedParty& party = record.parties[id];
    EXPECT_EQ(party.name, catalog_.PartyName(id));
    EXPECT_EQ(party.threshold, 10u + id);
    EXPECT_EQ(party.disclosure_digest, "d-count patients");
    EXPECT_EQ(party.execution_digest, "e-count patients");
    EXPECT_THAT(party.statements, ElementsAre("SELECT at " + party.name));
    EXPECT_THAT(party.key_sha256, SizeIs(64));
    // What the record says is what the party's own ledger holds.
    const auto entries = OpenLedger(id)->Entries().value();
    ASSERT_THAT(entries, SizeIs(id == 2 ? 2 : 1));
    const StoredLedgerEntry& stored = entries.back();
    EXPECT_EQ(party.ledger_hash, stored.hash);
    EXPECT_EQ(record.session_id, stored.entry.session_id);
    EXPECT_THAT(stored.entry.plan_inputs, HasSubstr("\nlegal_basis=article 9\n"));
    EXPECT_THAT(stored.entry.signatures, HasSubstr(party.signature));
    EXPECT_THAT(stored.entry.signatures, HasSubstr(record.proposal_signature));
    if (id == 1) {
      EXPECT_EQ(record.time, stored.entry.time);
    }
  }
  EXPECT_NE(record.parties[0].key_sha256, record.parties[1].key_sha256);
  EXPECT_NE(record.parties[0].ledger_hash, record.parties[2].ledger_hash);
}

TEST_F(AnswerRecordTest, IsOnlySentWhenAskedFor) {
  const Reply reply = Ask(0, "count");
  ASSERT_TRUE(reply.answer.has_value()) << reply.status;
  EXPECT_FALSE(reply.answer->record.has_value());
}

TEST_F(AnswerRecordTest, ASignatureIsOfOneKindOfQuestion) {
  Proposal proposal{"00", "SELECT 1", "recipient=0\n", false, ""};
  const std::string plain = proposal.SignedBytes();
  proposal.record = true;
  EXPECT_NE(proposal.SignedBytes(), plain);
  EXPECT_TRUE(proposal.asks_for_statements());
  EXPECT_TRUE(Proposal::FromJson(proposal.ToJson())->record);
}

TEST(AnswerRecord, SurvivesTheWireAndRefusesWhatIsBroken) {
  AnswerRecord record;
  record.sql = "SELECT '<script>'";
  record.federation_version = 3;
  record.parties.push_back({.name = "hospital", .threshold = 10, .ledger_hash = "ab", .statements = {"a", "b"}});
  record.plan = {{"nodes", json::array()}};
  const json sent = RecordToJson(record);
  const auto received = RecordFromJson(sent);
  ASSERT_TRUE(received.ok()) << received.status();
  EXPECT_EQ(RecordToJson(*received), sent);
  for (const auto& [name, value] : sent.items()) {
    json broken = sent;
    broken.erase(name);
    EXPECT_FALSE(RecordFromJson(broken).ok()) << name;
    broken[name] = json::array({7});
    EXPECT_FALSE(RecordFromJson(broken).ok()) << name;
  }
  EXPECT_FALSE(RecordFromJson(json("text")).ok());
}

}  // namespace
}  // namespace care::engine
