// What a client's session may keep: statements, portals, cursors and rows count against a budget of the
// session and one of all sessions, and are given back when they are forgotten. A budget is exceeded by
// repeating what is allowed once, so that each thing that is kept is seen to count.

#include "engine/frontend/pgwire/memory_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/pgwire/memory_client.h"

namespace care::engine::pgwire {
namespace {

using ::testing::HasSubstr;

class MemoryBudgetTest : public ::testing::Test {
 protected:
  MemoryBudgetTest() : client_(services_) {
    EXPECT_EQ(client_.LogIn("anna", "secret"), Session::Next::kContinue);
    client_.Receive();
  }
  std::string Query(Client& client, const std::string& sql) {
    client.Query(sql);
    return StateOf(client.Receive());
  }
  // The state of the first of `most` cursors that is refused.
  std::string DeclareCursors(Client& client, int most) {
    for (int at = 0; at < most; ++at) {
      const std::string state =
          Query(client, absl::StrCat("DECLARE c", at, " CURSOR WITH HOLD FOR SELECT COUNT(*) FROM a.b"));
      if (!state.empty()) return state;
    }
    return {};
  }
  FakeServices services_;
  Client client_;
};

TEST(CommonBudgetTest, GivesWhatThereIsAndNoMore) {
  CommonBudget common(100);
  SessionBudget one(common, 80), other(common, 80);
  auto held = one.Hold(80, "it");
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(SqlErrorOf(one.Hold(1, "it").status(), {}, 0).sqlstate, sqlstate::kLimitExceeded);
  EXPECT_EQ(SqlErrorOf(other.Hold(21, "it").status(), {}, 0).sqlstate, sqlstate::kOutOfMemory);
  *held = HeldBytes();
  EXPECT_EQ(common.taken(), 0u);
  EXPECT_TRUE(other.Hold(80, "it").ok());
  EXPECT_EQ(SqlErrorOf(one.Hold(~std::size_t{0}, "it").status(), {}, 0).sqlstate, sqlstate::kLimitExceeded);
  EXPECT_EQ(common.taken(), 0u);
}

TEST_F(MemoryBudgetTest, RowsOfCursorsCountUntilTheyAreClosed) {
  services_.rows = 50'000;
  client_.Query("BEGIN");
  for (int at = 0; at < 20; ++at)
    client_.Query(absl::StrCat("DECLARE c", at, " CURSOR FOR SELECT COUNT(*) FROM a.b"));
  std::string text;
  for (const Received& message : client_.Receive()) {
    if (message.type == 'E' && text.empty()) text = message.body;
  }
  EXPECT_THAT(text, HasSubstr("54000"));
  EXPECT_THAT(text, HasSubstr("close cursors"));
  EXPECT_GT(services_.memory_.taken(), std::size_t{8} << 20);
  EXPECT_EQ(Query(client_, "ROLLBACK"), "");
  EXPECT_EQ(services_.memory_.taken(), 0u);
}

TEST_F(MemoryBudgetTest, ACursorThatWasReadToItsEndGivesItsRowsBack) {
  services_.rows = 50'000;
  EXPECT_EQ(DeclareCursors(client_, 1), "");
  EXPECT_EQ(Query(client_, "FETCH 49999 FROM c0"), "");
  EXPECT_GT(services_.memory_.taken(), std::size_t{1} << 20);
  EXPECT_EQ(Query(client_, "FETCH ALL FROM c0"), "");
  EXPECT_EQ(services_.memory_.taken(), 0u);
  client_.Query("FETCH ALL FROM c0");
  EXPECT_EQ(client_.Types(), "TCZ");  // no rows any more
}

TEST_F(MemoryBudgetTest, AllSessionsTogetherHaveABudget) {
  services_.rows = 50'000;
  std::vector<std::unique_ptr<Client>> clients;
  std::string refused;
  while (refused.empty() && clients.size() < 100) {
    clients.push_back(std::make_unique<Client>(services_));
    ASSERT_EQ(clients.back()->LogIn("anna", "secret"), Session::Next::kContinue);
    clients.back()->Receive();
    refused = DeclareCursors(*clients.back(), 2);
  }
  EXPECT_EQ(refused, "53200");
  EXPECT_LE(services_.memory_.taken(), kListenerBytes);
  EXPECT_EQ(DeclareCursors(client_, 3), "53200");
  clients.clear();
  EXPECT_EQ(services_.memory_.taken(), 0u);
  EXPECT_EQ(DeclareCursors(client_, 3), "");
}

TEST_F(MemoryBudgetTest, RowsThatWaitInPortalsCount) {
  services_.rows = 50'000;
  client_.Query("BEGIN");
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b") + Int16(0));
  for (int at = 0; at < 20; ++at) {
    const std::string name = absl::StrCat("p", at);
    client_.Send('B', Text(name) + Text("") + Int16(0) + Int16(0) + Int16(0));
    client_.Send('E', Text(name) + Int32(1));
  }
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "54000");
  EXPECT_EQ(Query(client_, "ROLLBACK"), "");
  client_.Send('S', "");
  client_.Send('P', Text("") + Text("") + Int16(0));
  client_.Receive();
  EXPECT_LT(services_.memory_.taken(), 1'000u);
}

TEST_F(MemoryBudgetTest, ThePortalsOfAFinishedAnswerGiveTheirRowsBackAndHaveNoMore) {
  services_.rows = 50'000;
  client_.Query("BEGIN");
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b") + Int16(0));
  client_.Send('B', Text("p") + Text("") + Int16(0) + Int16(0) + Int16(0));
  client_.Send('E', Text("p") + Int32(1));
  EXPECT_GT(services_.memory_.taken(), std::size_t{1} << 20);
  client_.Send('E', Text("p") + Int32(0));
  EXPECT_LT(services_.memory_.taken(), 10'000u);
  client_.Send('H', "");
  client_.Receive();
  client_.Send('E', Text("p") + Int32(0));
  client_.Send('H', "");
  EXPECT_EQ(client_.Types(), "C");
}

TEST_F(MemoryBudgetTest, StatementsAndParametersCount) {
  const std::string long_text(1'500'000, 'x');
  for (int at = 0; at < 20; ++at) {
    client_.Send('P', Text(absl::StrCat("s", at)) +
                          Text("SELECT COUNT(*) FROM a.b WHERE x = '" + long_text + "'") + Int16(0));
  }
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "54000");
  EXPECT_EQ(Query(client_, "DEALLOCATE ALL"), "");
  EXPECT_EQ(services_.memory_.taken(), 0u);

  client_.Query("BEGIN");
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b WHERE x = $1") + Int16(0));
  for (int at = 0; at < 20; ++at) {
    client_.Send('B', Text(absl::StrCat("p", at)) + Text("") + Int16(0) + Int16(1) +
                          Int32(static_cast<std::uint32_t>(long_text.size())) + long_text + Int16(0));
  }
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "54000");
}

TEST_F(MemoryBudgetTest, NamesHaveABound) {
  const std::string name(1'001, 'n');
  EXPECT_EQ(Query(client_, "DECLARE " + name + " CURSOR WITH HOLD FOR SELECT COUNT(*) FROM a.b"), "54000");
  EXPECT_EQ(Query(client_, "SET a." + name + " = 1"), "54000");
  client_.Send('P', Text(name) + Text("SELECT COUNT(*) FROM a.b") + Int16(0));
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "54000");
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b") + Int16(0));
  client_.Send('B', Text(name) + Text("") + Int16(0) + Int16(0) + Int16(0));
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "54000");
  EXPECT_EQ(client_.session_.authenticated(), true);
}

TEST_F(MemoryBudgetTest, AStatementOfTooManyTokensIsRefused) {
  std::string sql = "SELECT 1";
  for (int at = 0; at < 100'000; ++at) sql += ",1";
  EXPECT_EQ(Query(client_, sql), "54000");
}

// Executed again after its refusal, it read formats beyond those that the client had sent.
TEST_F(MemoryBudgetTest, APortalWithTooFewFormatsStaysRefused) {
  client_.Query("BEGIN");
  client_.Send('P', Text("") + Text("SELECT COUNT(*) FROM a.b") + Int16(0));
  client_.Send('B', Text("p") + Text("") + Int16(0) + Int16(0) + Int16(2) + Int16(1) + Int16(1));
  client_.Send('E', Text("p") + Int32(0));
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "08P01");
  client_.Send('E', Text("p") + Int32(0));
  client_.Send('S', "");
  EXPECT_EQ(StateOf(client_.Receive()), "25P02");
}

}  // namespace
}  // namespace care::engine::pgwire
