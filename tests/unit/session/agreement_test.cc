// All go on or none does: what counts as agreement, and what an analyst is told when there is none.

#include "engine/session/agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mpc/net/origin.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

planner::Catalog ThreeParties() {
  planner::Catalog catalog;
  catalog.name = "test";
  for (const char* name : {"hospital", "insurer", "bureau"}) catalog.parties.push_back({name, "127.0.0.1:1"});
  catalog.compute_parties = {0, 1, 2};
  return catalog;
}

std::vector<Verdict> ThreeVerdicts() {
  std::vector<Verdict> verdicts(3);
  for (PartyId party = 0; party < 3; ++party) {
    verdicts[party].party = party;
    verdicts[party].disclosure_digest = "aaaa";
    verdicts[party].execution_digest = "bbbb";
    verdicts[party].threshold = 10u + party;
  }
  return verdicts;
}

TEST(AgreementTest, TheStrictestThresholdWins) {
  EXPECT_EQ(Agree(ThreeVerdicts(), ThreeParties()).value(), 12u);
}

TEST(AgreementTest, DigestsThatDifferAreNamedWithTheirParties) {
  auto verdicts = ThreeVerdicts();
  verdicts[2].execution_digest = "cccc";
  absl::Status status = Agree(verdicts, ThreeParties()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("execution digest bbbb at hospital"), HasSubstr("cccc at bureau")));
  verdicts[1].disclosure_digest = "dddd";
  status = Agree(verdicts, ThreeParties()).status();
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("disclosure digest aaaa at hospital"), HasSubstr("dddd at insurer")));
}

TEST(AgreementTest, ADisagreementSaysWhatEachRuns) {
  auto verdicts = ThreeVerdicts();
  verdicts[2].execution_digest = "cccc";
  const auto message = [&] { return std::string(Agree(verdicts, ThreeParties()).status().message()); };
  verdicts[0].build = "0.1.0, source aaaaaaaaaaaa";
  EXPECT_THAT(message(), HasSubstr("hospital runs care 0.1.0, source aaaaaaaaaaaa, bureau runs a care that does not say which; "
                                   "install the same care at both"));
  verdicts[2].build = "0.2.0, source bbbbbbbbbbbb";
  EXPECT_THAT(message(), HasSubstr("hospital runs care 0.1.0, source aaaaaaaaaaaa, bureau runs care 0.2.0, source bbbbbbbbbbbb; "
                                   "install the same care at both"));
  verdicts[2].build = verdicts[0].build;
  EXPECT_THAT(message(), HasSubstr("both run care 0.1.0, source aaaaaaaaaaaa, and should agree"));
  verdicts[2].execution_digest = verdicts[0].execution_digest;
  verdicts[1].disclosure_digest = "dddd";
  verdicts[1].build = "0.2.0";
  EXPECT_THAT(message(), HasSubstr("insurer runs care 0.2.0"));
}

TEST(AgreementTest, ARefusalNamesItsParty) {
  auto verdicts = ThreeVerdicts();
  verdicts[1].status = absl::PermissionDeniedError("column amount is never shown");
  const absl::Status status = Agree(verdicts, ThreeParties()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(status.message(), "insurer: column amount is never shown");
}

TEST(AgreementTest, ProposalAndVerdictSurviveTheWire) {
  Proposal proposal{"00", "SELECT 1", "recipient=0\n", true, "sig"};
  const Proposal read = Proposal::FromJson(ParseJson(DumpJson(proposal.ToJson())).value()).value();
  EXPECT_EQ(read.SignedBytes(), proposal.SignedBytes());
  EXPECT_EQ(read.signature, "sig");
  Verdict verdict = ThreeVerdicts()[1];
  verdict.status = absl::PermissionDeniedError("no");
  verdict.statements = {"SELECT 1"};
  verdict.build = "0.1.0";
  const Verdict back = Verdict::FromJson(ParseJson(DumpJson(verdict.ToJson())).value(), 1).value();
  EXPECT_EQ(back.SignedBytes(proposal), verdict.SignedBytes(proposal));
  EXPECT_EQ(back.statements, verdict.statements);
  EXPECT_EQ(back.build, "0.1.0");
  // Whatever a party says there, it does not flood a message.
  verdict.build = std::string(100'000, 'x');
  EXPECT_EQ(Verdict::FromJson(ParseJson(DumpJson(verdict.ToJson())).value(), 1).value().build.size(), 100u);
  verdict.build = "1.0\x1b[2J\xc3\xa9";
  EXPECT_EQ(Verdict::FromJson(ParseJson(DumpJson(verdict.ToJson())).value(), 1).value().build, "1.0[2J");
}

TEST(AgreementTest, EveryFieldIsSigned) {
  const Proposal proposal{"00", "SELECT 1", "recipient=0\n", false, ""};
  std::vector<Proposal> others(4, proposal);
  others[0].session_id = "01";
  others[1].sql = "SELECT 2";
  others[2].plan_inputs = "recipient=1\n";
  others[3].explain = true;
  for (const Proposal& other : others) EXPECT_NE(other.SignedBytes(), proposal.SignedBytes());
  const Verdict verdict = ThreeVerdicts()[0];
  std::vector<Verdict> changed(5, verdict);
  changed[0].party = 1;
  changed[1].status = absl::PermissionDeniedError("");
  changed[2].disclosure_digest = "x";
  changed[3].execution_digest = "x";
  changed[4].threshold = 1;
  for (const Verdict& other : changed) EXPECT_NE(other.SignedBytes(proposal), verdict.SignedBytes(proposal));
}

TEST(AgreementTest, WrongMessagesAreErrors) {
  for (const char* text : {"{}", R"({"session":1})", R"({"session":"00","sql":"x","plan_inputs":"","signature":"zz"})",
                           R"({"session":"00","sql":[],"plan_inputs":"","signature":""})"}) {
    EXPECT_FALSE(Proposal::FromJson(ParseJson(text).value()).ok()) << text;
    EXPECT_FALSE(Verdict::FromJson(ParseJson(text).value(), 0).ok()) << text;
  }
  for (const char* text : {"", "[]", "7", "{", "\xff\xfe", "{\"a\":\"\xff\"}"}) EXPECT_FALSE(ParseJson(text).ok()) << text;
}

TEST(PlanInputsCheckTest, RefusesWhatAPartyMayNotPropose) {
  const planner::Catalog catalog = ThreeParties();
  planner::PlanInputs inputs;
  inputs.recipient = 0;
  inputs.current_date_days = 20000;
  EXPECT_TRUE(CheckPlanInputs(inputs, 0, catalog, 20001).ok());
  EXPECT_FALSE(CheckPlanInputs(inputs, 1, catalog, 20000).ok());
  EXPECT_FALSE(CheckPlanInputs(inputs, 0, catalog, 20002).ok());
  const auto refuses = [&](const auto& change) {
    planner::PlanInputs changed = inputs;
    change(changed);
    return !CheckPlanInputs(changed, 0, catalog, 20000).ok();
  };
  EXPECT_FALSE(refuses([](planner::PlanInputs&) {}));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.planner_version = 99; }));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.all_secret = true; }));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.time_zone = "Mars"; }));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.link_class = "wan"; }));
  EXPECT_FALSE(refuses([](planner::PlanInputs& changed) { changed.time_of_day = 86'399'999'999; }));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.time_of_day = 86'400'000'000; }));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.time_of_day = -1; }));
  EXPECT_TRUE(refuses([](planner::PlanInputs& changed) { changed.row_bounds["hospital.patients"] = 1; }));
}

}  // namespace
}  // namespace care::engine
