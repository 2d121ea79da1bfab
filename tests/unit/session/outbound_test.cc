// A party that nobody can dial takes part all the same: it keeps standing links and calls when it is asked. Method:
// three nodes on loopback, one of them reach = "outbound" and without an address in the federation file; or two nodes
// and a test that plays the third, honestly or not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/session/scripted_federation.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class OutboundNodes : public NodeTest {
 protected:
  explicit OutboundNodes(PartyId outbound)
      : NodeTest([outbound](planner::Catalog& catalog, NodeOptions& options) {
          catalog.parties[outbound].outbound = true;
          catalog.parties[outbound].address.clear();
          options.timeouts.redial = {std::chrono::milliseconds(5), std::chrono::milliseconds(50),
                                     std::chrono::milliseconds(10'000)};
        }),
        outbound_(outbound) {}

  void AwaitStandingLinks() {
    for (PartyId party = 0; party < 3; ++party) {
      if (party != outbound_) AwaitStandingLink(party, true);
    }
  }
  void AwaitStandingLink(PartyId at, bool up) {
    while (nodes_[at]->resources().standing.Has(catalog_.PartyName(outbound_)) != up) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  const PartyId outbound_;
};

class EachOutbound : public OutboundNodes, public ::testing::WithParamInterface<int> {
 protected:
  EachOutbound() : OutboundNodes(static_cast<PartyId>(GetParam())) {}
};

// Whoever it is, whoever asks: the asking party, or one of the two others who also link with each other.
TEST_P(EachOutbound, EveryDirection) {
  AwaitStandingLinks();
  ExpectServes();
  const Reply explained = Ask(0, "ok", true);
  EXPECT_THAT(explained.explained, HasSubstr("SELECT at bureau"));
}

INSTANTIATE_TEST_SUITE_P(Parties, EachOutbound, ::testing::Values(0, 1, 2));

class HospitalOutbound : public OutboundNodes {
 protected:
  HospitalOutbound() : OutboundNodes(0) {}

  // The test plays the hospital.
  std::unique_ptr<mpc::TlsChannel> Stand(PartyId at) {
    auto link = ConnectAs("hospital", at);
    EXPECT_TRUE(SendJson(*link, {{"type", "standing"}}).ok());
    EXPECT_EQ(ReceiveJson(*link, std::chrono::seconds(60)).value()["type"], "kept");
    return link;
  }
};

TEST_F(HospitalOutbound, DownNamesThePartyAndTheRemedy) {
  AwaitStandingLinks();
  nodes_[0].reset();
  AwaitStandingLink(1, false);
  const Reply reply = Ask(1, "ok");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status.message()),
              AllOf(HasSubstr("hospital cannot be dialled"), HasSubstr("standing link"),
                    HasSubstr("care serve hospital.toml")));
  ASSERT_TRUE(StartNode(0).ok());
  AwaitStandingLinks();
  ExpectServes();
}

TEST_F(HospitalOutbound, DialsAgainWhenAPeerReturns) {
  AwaitStandingLinks();
  nodes_[1].reset();
  ASSERT_TRUE(StartNode(1).ok());
  AwaitStandingLinks();
  ExpectServes();
}

TEST_F(HospitalOutbound, ManyQueriesAtOnce) {
  AwaitStandingLinks();
  std::vector<std::thread> asking;
  std::atomic<int> answered{0};
  for (int i = 0; i < 9; ++i) {
    asking.emplace_back([this, i, &answered] {
      const Reply reply = Ask(static_cast<PartyId>(i % 3), absl::StrCat("q ", i));
      EXPECT_TRUE(reply.answer.has_value()) << reply.status;
      answered += reply.answer.has_value() ? 1 : 0;
    });
  }
  for (std::thread& thread : asking) thread.join();
  EXPECT_EQ(answered, 9);
}

// The id of a session alone opens nothing: the connection must be of the party that was asked.
TEST_F(HospitalOutbound, ACallOfAnotherPartyIsRefused) {
  AwaitStandingLinks();
  nodes_[0].reset();
  auto standing = Stand(1);
  auto analyst = ConnectAs("analyst@insurer", 1);
  Request(*analyst, "ok");
  const json call = ReceiveJson(*standing, std::chrono::seconds(60)).value();
  EXPECT_EQ(call["type"], "call");
  for (const char* stranger : {"bureau", "analyst@insurer"}) {
    auto forged = ConnectAs(stranger, 1);
    ASSERT_TRUE(SendJson(*forged, {{"type", "link"}, {"session", call["session"]}}).ok());
    EXPECT_FALSE(Await(*forged).status.ok());
  }
  auto guessed = ConnectAs("hospital", 1);
  ASSERT_TRUE(SendJson(*guessed, {{"type", "link"}, {"session", std::string(32, '0')}}).ok());
  EXPECT_EQ(Await(*guessed).status.code(), absl::StatusCode::kFailedPrecondition);
  auto called = ConnectAs("hospital", 1);
  ASSERT_TRUE(SendJson(*called, {{"type", "link"}, {"session", call["session"]}}).ok());
  // The bureau comes first in the order of reservations, and has granted.
  const json join = ReceiveJson(*called, std::chrono::seconds(60)).value();
  EXPECT_EQ(join["type"], "join");
  EXPECT_EQ(join["session"], call["session"]);
  called->Abort(absl::CancelledError("the test is over"));
  EXPECT_FALSE(Await(*analyst).status.ok());
}

TEST_F(HospitalOutbound, WhoeverIsAskedAndDoesNotCall) {
  options_.timeouts.link.connect = std::chrono::milliseconds(2'000);
  nodes_[1].reset();
  ASSERT_TRUE(StartNode(1).ok());
  nodes_[0].reset();
  auto standing = Stand(1);
  const Reply reply = Ask(1, "ok");
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("no connection from hospital"));
}

TEST_F(HospitalOutbound, ANewerLinkReplacesTheOlder) {
  AwaitStandingLinks();
  nodes_[0].reset();
  auto older = Stand(1);
  auto newer = Stand(1);
  EXPECT_EQ(ReceiveJson(*older, std::chrono::seconds(60)).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(nodes_[1]->resources().standing.Has("hospital"));
  newer.reset();
  AwaitStandingLink(1, false);
}

TEST_F(HospitalOutbound, WhateverIsSaidOnAStandingLink) {
  AwaitStandingLinks();
  nodes_[0].reset();
  auto link = Stand(1);
  ASSERT_TRUE(SendJson(*link, {{"type", "call"}, {"session", std::string(32, '0')}}).ok());
  EXPECT_EQ(ReceiveJson(*link, std::chrono::seconds(60)).status().code(), absl::StatusCode::kInvalidArgument);
  link = Stand(1);
  (void)link->Send(std::vector<std::uint8_t>(kMaxControlBytes + 4096));
  EXPECT_EQ(ReceiveJson(*link, std::chrono::seconds(60)).status().code(), absl::StatusCode::kDataLoss);
  link.reset();
  auto analyst = ConnectAs("analyst@insurer", 1);
  ASSERT_TRUE(SendJson(*analyst, {{"type", "standing"}}).ok());
  EXPECT_EQ(Await(*analyst).status.code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(StartNode(0).ok());
  AwaitStandingLinks();
  ExpectServes();
}

}  // namespace
}  // namespace care::engine
