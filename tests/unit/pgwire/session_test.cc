// Sessions without sockets: a client's messages in, the server's messages out. The client logs in as a real
// one does, computing its SCRAM proof with OpenSSL, so that the exchange is checked against the standard and
// not against itself. Garbage: random bytes and random changes of a good session must neither crash nor hang.

#include "engine/frontend/pgwire/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/unit/pgwire/memory_client.h"

namespace care::engine::pgwire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(LoginTest, TheRightPasswordLetsIn) {
  FakeServices services;
  Client client(services);
  EXPECT_EQ(client.LogIn("anna", "secret"), Session::Next::kContinue);
  const std::string types = client.Types();
  EXPECT_TRUE(types.starts_with("RR")) << types;  // final of the exchange, then ok
  EXPECT_TRUE(types.ends_with("KZ")) << types;
  EXPECT_TRUE(client.session_.authenticated());
}

// pgjdbc sends the zone of its machine: it is told which one holds.
TEST(LoginTest, AnotherTimeZoneIsANotice) {
  for (const auto& [zone, notices] : {std::pair<std::string, int>{"Europe/Amsterdam", 1}, {"Etc/UTC", 0}}) {
    FakeServices services;
    Client client(services);
    EXPECT_EQ(client.LogIn("anna", "secret", Text("TimeZone") + Text(zone)), Session::Next::kContinue);
    int seen = 0;
    std::string reported;
    for (const Received& message : client.Receive()) {
      if (message.type == 'N') ++seen;
      if (message.type == 'S' && message.body.starts_with("TimeZone")) reported = message.body;
    }
    EXPECT_EQ(seen, notices) << zone;
    EXPECT_EQ(reported, Text("TimeZone") + Text("UTC"));
  }
}

TEST(LoginTest, AWrongPasswordAndAnUnknownUserGetTheSameAnswer) {
  for (const char* user : {"anna", "nobody"}) {
    FakeServices services;
    Client client(services);
    EXPECT_EQ(client.LogIn(user, "guess"), Session::Next::kClose);
    const std::vector<Received> messages = client.Receive();
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_THAT(messages[0].body, HasSubstr("28P01"));
    EXPECT_THAT(messages[0].body,
                HasSubstr(absl::StrCat("password authentication failed for user \"", user, "\"")));
  }
}

TEST(LoginTest, TheVerdictWaitsAndNothingElseIsHandledMeanwhile) {
  for (const char* password : {"secret", "guess"}) {
    FakeServices services;
    services.delay = std::chrono::milliseconds(8'000);
    Client client(services);
    EXPECT_EQ(client.LogIn("anna", password), Session::Next::kPause);
    EXPECT_EQ(client.session_.pause(), services.delay);
    EXPECT_EQ(client.Types(), "");  // neither sees what the verdict will be
    EXPECT_FALSE(client.session_.authenticated());
    const bool right = std::string(password) == "secret";
    EXPECT_EQ(client.session_.Resume(), right ? Session::Next::kContinue : Session::Next::kClose);
    EXPECT_EQ(client.session_.authenticated(), right);
    EXPECT_EQ(services.verdicts, std::vector<bool>{right});
  }
}

TEST(LoginTest, OnlyTheRightPasswordTakesAPlace) {
  FakeServices services;
  services.admits = false;
  Client right(services), wrong(services);
  EXPECT_EQ(right.LogIn("anna", "secret"), Session::Next::kClose);
  EXPECT_EQ(StateOf(right.Receive()), "53300");
  EXPECT_FALSE(right.session_.authenticated());
  EXPECT_EQ(wrong.LogIn("anna", "guess"), Session::Next::kClose);
  EXPECT_THAT(wrong.Receive().at(0).body, HasSubstr("28P01"));
}

TEST(LoginTest, TheSaltOfAnUnknownUserIsAlwaysTheSame) {
  EXPECT_EQ(MockVerifier("nobody", "node").salt, MockVerifier("nobody", "node").salt);
  EXPECT_NE(MockVerifier("nobody", "node").salt, MockVerifier("somebody", "node").salt);
}

TEST(LoginTest, ACancelRequestIsPassedOnAndTheConnectionCloses) {
  FakeServices services;
  Client client(services);
  EXPECT_EQ(client.session_.Handle({0, Int32(80877102) + Int32(7) + Int32(11)}), Session::Next::kClose);
  EXPECT_THAT(services.cancelled, ElementsAre(std::pair<std::uint32_t, std::uint32_t>(7, 11)));
}

TEST_F(SessionTest, AQuestionIsAnsweredWithNoticesRowsAndATag) {
  services_.rows = 2;
  services_.notes = {"suppressed: fewer than 10 persons"};
  client_.Query("SELECT COUNT(*) FROM hospital.patients");
  EXPECT_EQ(client_.Types(), "NTDDCZ");
  EXPECT_THAT(services_.asked, ElementsAre("SELECT COUNT(*) FROM hospital.patients"));
}

TEST_F(SessionTest, StatementsOfOneMessageRunInOrderUpToAnError) {
  client_.Query("SELECT 1; SELECT COUNT(*) FROM a.b; COPY a FROM STDIN; SELECT 2");
  const std::vector<Received> messages = client_.Receive();
  std::string types;
  for (const Received& message : messages) types.push_back(message.type);
  EXPECT_EQ(types, "TDCTDCEZ");
  EXPECT_EQ(StateOf(messages), "0A000");
}

TEST_F(SessionTest, SemicolonsInQuotesSplitNothing) {
  client_.Query("SELECT COUNT(*) FROM a.b WHERE c = 'x;y' AND \"d;e\" = 1 -- ; \n");
  EXPECT_EQ(services_.asked.size(), 1u);
}

TEST_F(SessionTest, ExtendedProtocolBindsParametersAsLiterals) {
  client_.Send('P', Text("s") + Text("SELECT COUNT(*) FROM a.b WHERE c = $2 AND d = 1 -$1 AND e = '$1'") +
                        Int16(1) + Int32(23));
  client_.Send('B', Text("") + Text("s") + Int16(2) + Int16(1) + Int16(0) + Int16(2) + Int32(4) +
                        Int32(0xfffffffb) + Int32(6) + "o'; --" + Int16(0));
  client_.Send('D', Text("P"));
  client_.Send('E', Text("") + Int32(0));
  client_.Send('S', "");
  EXPECT_EQ(client_.Types(), "12TDCZ");
  const std::string sql = "SELECT COUNT(*) FROM a.b WHERE c = 'o''; --' AND d = 1 -(-5) AND e = '$1'";
  EXPECT_THAT(services_.asked, ElementsAre(sql));
  EXPECT_THAT(services_.described, ElementsAre(sql));
}

TEST_F(SessionTest, DescribeAsksNobody) {
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b WHERE c = $1") + Int16(0));
  client_.Send('D', Text("S"));
  client_.Send('S', "");
  EXPECT_EQ(client_.Types(), "1tTZ");
  EXPECT_TRUE(services_.asked.empty());
}

TEST_F(SessionTest, APortalGivesItsRowsPortionByPortion) {
  services_.rows = 3;
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b") + Int16(0));
  client_.Send('B', Text("p") + Text("") + Int16(0) + Int16(0) + Int16(1) + Int16(1));
  client_.Send('E', Text("p") + Int32(2));
  client_.Send('E', Text("p") + Int32(2));
  client_.Send('S', "");
  const std::vector<Received> messages = client_.Receive();
  std::string types;
  for (const Received& message : messages) types.push_back(message.type);
  EXPECT_EQ(types, "12DDsDCZ");
  EXPECT_EQ(services_.asked.size(), 1u);
  EXPECT_EQ(messages[2].body, Int16(1) + Int32(8) + Int32(0) + Int32(1));  // a bigint in binary
}

TEST_F(SessionTest, AfterAnErrorMessagesArePassedOverUntilSync) {
  client_.Send('B', Text("") + Text("nothing") + Int16(0) + Int16(0) + Int16(0));
  client_.Send('E', Text("") + Int32(0));
  client_.Query("SELECT 1");
  client_.Send('S', "");
  const std::vector<Received> messages = client_.Receive();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(StateOf(messages), "26000");
}

TEST_F(SessionTest, TheTransactionStateIsWhatClientsExpect) {
  const auto state = [this](const std::string& sql) {
    client_.Query(sql);
    return client_.Receive().back().body;
  };
  EXPECT_EQ(state("BEGIN"), "T");
  EXPECT_EQ(state("SELECT 1"), "T");
  EXPECT_EQ(state("SAVEPOINT \"a\""), "T");
  EXPECT_EQ(state("COPY x FROM STDIN"), "E");
  EXPECT_EQ(state("SELECT 1"), "E");
  EXPECT_EQ(state("ROLLBACK TO SAVEPOINT \"a\""), "T");
  EXPECT_EQ(state("COMMIT"), "I");
}

TEST_F(SessionTest, SettingsAreReportedWhenTheyChange) {
  client_.Query("SET application_name = 'test'; SET care.purpose = 'x'");
  EXPECT_EQ(client_.Types(), "SCCZ");
  client_.Query("SET DateStyle = 'German'");
  EXPECT_EQ(StateOf(client_.Receive()), "22023");
  client_.Query("SHOW care.purpose");
  EXPECT_THAT(client_.Receive()[1].body, HasSubstr("x"));
}

TEST_F(SessionTest, TheTimeZoneIsUtcAndStaysSo) {
  client_.Query("SET TimeZone = 'Europe/Amsterdam'");
  EXPECT_EQ(StateOf(client_.Receive()), "22023");
  client_.Query("SET TIME ZONE 'UTC'; SET SESSION TimeZone TO DEFAULT; SET TIME ZONE LOCAL; RESET TIMEZONE");
  EXPECT_EQ(client_.Types(), "CCCCZ");
  client_.Query("SHOW TIMEZONE");
  EXPECT_THAT(client_.Receive()[1].body, HasSubstr("UTC"));
}

TEST_F(SessionTest, ACancelEndsTheQuestionThatRunsAndNoOther) {
  client_.session_.Cancel();  // nothing runs: nothing to cancel
  services_.during = [this](Asker&) { client_.session_.Cancel(); };
  client_.Query("SELECT COUNT(*) FROM a.b");
  EXPECT_EQ(StateOf(client_.Receive()), "57014");
  services_.during = {};
  client_.Query("SELECT COUNT(*) FROM a.b");
  EXPECT_EQ(client_.Types(), "TDCZ");
}

TEST_F(SessionTest, AnUnknownMessageEndsTheConnection) {
  EXPECT_EQ(client_.session_.Handle({'~', ""}), Session::Next::kClose);
  EXPECT_EQ(StateOf(client_.Receive()), "08P01");
}

TEST(GarbageTest, AnyBytesAreSurvived) {
  FakeServices services;
  std::mt19937 random(20261125);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    ServeBytes(services, bytes);
  }
}

TEST(GarbageTest, ChangedMessagesOfASessionAreSurvived) {
  FakeServices services;
  const std::string good =
      Frame('P', Text("s") + Text("SELECT COUNT(*) FROM a.b WHERE c = $1") + Int16(1) + Int32(23)) +
      Frame('B', Text("p") + Text("s") + Int16(1) + Int16(1) + Int16(1) + Int32(4) + Int32(5) + Int16(1) +
                     Int16(0)) +
      Frame('D', Text("Pp")) + Frame('D', Text("Ss")) + Frame('E', Text("p") + Int32(1)) +
      Frame('C', Text("Sp")) + Frame('S', "") +
      Frame('Q', Text("DECLARE c CURSOR WITH HOLD FOR SELECT 1; FETCH 2 FROM c; CLOSE c")) +
      Frame('Q', Text("SET a.b = 1; SHOW ALL; SELECT $$x$$, E'\\x41' FROM (VALUES (1)) v(a)"));
  std::mt19937 random(7);
  for (int round = 0; round < 150; ++round) {
    Client client(services);
    client.LogIn("anna", "secret");
    std::string bytes = good;
    for (int change = 0; change < 4; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    FrameReader frames;
    frames.ExpectMessages();
    frames.Authenticated();
    frames.Append(bytes);
    while (true) {
      const auto message = frames.Next();
      if (!message.ok() || !message->has_value()) break;
      if (client.session_.Handle(**message) != Session::Next::kContinue) break;
    }
  }
}

}  // namespace
}  // namespace care::engine::pgwire
