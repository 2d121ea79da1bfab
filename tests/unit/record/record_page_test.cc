// The page of a record: every field is there, nothing in it became markup, and it needs nothing from outside.

#include "engine/frontend/record/record_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/frontend/record/record_file.h"
#include "engine/frontend/record/record_style.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kScript[] = "<script>alert(1)</script>";
constexpr char kEscaped[] = "&lt;script&gt;alert(1)&lt;/script&gt;";

Answer Example() {
  Answer answer;
  answer.columns = {{"education", "text", false, false}, {"patients", "bigint", true, false}};
  answer.rows = {{"high", "81"}, {std::nullopt, "129"}, {"low", std::nullopt}};
  answer.suppressed = {{false, false}, {false, false}, {false, true}};
  answer.notes = {"suppressed: fewer than 12 persons"};
  answer.seconds = 2.064;
  answer.bytes = 331'700'000;
  answer.rounds = 1427;
  AnswerRecord record;
  record.session_id = "0123456789abcdef0123456789abcdef";
  record.time = "2026-11-23T22:10:44Z";
  record.asked_by = "analyst@hospital";
  record.recipient = "hospital";
  record.purpose = "does coaching help?";
  record.legal_basis = "article 9(2)(j)";
  record.sql = "SELECT education, COUNT(*)\nFROM t";
  record.federation = "ibd-coaching";
  record.federation_version = 7;
  record.federation_digest = "fed-digest";
  record.care_version = "1.2.3";
  record.planner_version = 5;
  record.protocol = "replicated3";
  record.threshold = 12;
  record.proposal_signature = "proposal-signature";
  record.plan_inputs = "care-plan-inputs-1\nprotocol=replicated3\n";
  for (const char* name : {"hospital", "insurer", "bureau"}) {
    const std::string of = std::string("-of-") + name;
    record.parties.push_back({.name = name,
                              .threshold = std::string(name) == "insurer" ? 12u : 10u,
                              .disclosure_digest = "disclosure" + of,
                              .execution_digest = "execution" + of,
                              .signature = "signature" + of,
                              .key_sha256 = "key" + of,
                              .ledger_hash = "ledger" + of,
                              .statements = {"SELECT * FROM \"patients" + of + "\""}});
  }
  record.parties[2].statements.clear();
  record.plan = nlohmann::json::parse(R"({
    "nodes": [{"id": 0, "operation": "local", "where": "hospital", "slots": 4000, "rounds": 0, "bytes": 0, "inputs": [],
               "details": [], "fragment": "Scan hospital.patients"},
              {"id": 1, "operation": "lookup inner", "where": "joint", "spine": "insurer", "arm": "hospital",
               "helper": "bureau", "slots": 4000, "rounds": 9, "bytes": 15500, "inputs": [0], "details": ["brings sex"]}],
    "leakage": [{"id": 0, "what": "which of 8 cells survive", "recipient": "hospital", "max_values": 8, "rule": "the gate"}],
    "assumptions": ["No two collude."]})");
  answer.record = std::move(record);
  return answer;
}

// The page's text without its style sheet, which no text of others enters.
std::string PageOf(const Answer& answer) {
  std::string page = RecordPage(answer);
  page.erase(page.find(kRecordStyle), sizeof(kRecordStyle) - 1);
  return page;
}

TEST(RecordPage, HoldsEveryField) {
  const std::string page = PageOf(Example());
  for (const char* text :
       {"0123456789abcdef0123456789abcdef", "2026-11-23T22:10:44Z", "analyst@hospital", "does coaching help?",
        "article 9(2)(j)", "SELECT education, COUNT(*)\nFROM t", "ibd-coaching, version 7", "fed-digest", "care 1.2.3",
        "version 5", "replicated3", "Threshold in force: 12", "as required by insurer.", "proposal-signature",
        "care-plan-inputs-1", "which of 8 cells survive", "the gate", "No two collude.", "Scan hospital.patients",
        "lookup inner", "spine insurer, arm hospital, helper bureau", "brings sex", "15,500", "2.06 s", "331.7 MB",
        "331,700,000", "1,427", "suppressed: fewer than 12 persons", "No statement"}) {
    EXPECT_THAT(page, HasSubstr(text));
  }
  for (const char* name : {"hospital", "insurer", "bureau"}) {
    for (const char* field : {"disclosure-of-", "execution-of-", "signature-of-", "key-of-", "ledger-of-"}) {
      EXPECT_THAT(page, HasSubstr(std::string("<code>") + field + name + "</code>"));
    }
  }
  EXPECT_THAT(page, HasSubstr("SELECT * FROM &quot;patients-of-insurer&quot;"));
}

TEST(RecordPage, MarksHiddenCellsAndNulls) {
  const std::string page = PageOf(Example());
  EXPECT_THAT(page, HasSubstr("<tr><td>low</td><td class=\"hidden number\">suppressed</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<tr><td class=\"null\">NULL</td><td class=\"number\">129</td></tr>"));
  EXPECT_THAT(page, HasSubstr("3 rows, 1 cells suppressed"));
}

TEST(RecordPage, SaysThatNoBasisWasStated) {
  Answer answer = Example();
  answer.record->legal_basis.clear();
  EXPECT_THAT(PageOf(answer), HasSubstr("none was stated"));
}

// Every text field in turn is hostile; wherever it appears it is escaped.
TEST(RecordPage, NothingBecomesMarkup) {
  const std::string plain = PageOf(Example());
  const auto tags_of = [](const std::string& page) { return std::count(page.begin(), page.end(), '<'); };
  std::size_t tried = 0;
  const auto expect_escaped = [&](const std::function<void(Answer&)>& change) {
    Answer answer = Example();
    change(answer);
    const std::string page = PageOf(answer);
    EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), HasSubstr(kEscaped)));
    EXPECT_EQ(tags_of(page), tags_of(plain)) << "field " << tried;
    ++tried;
  };
  for (auto field : {&AnswerRecord::asked_by, &AnswerRecord::purpose, &AnswerRecord::legal_basis, &AnswerRecord::sql,
                     &AnswerRecord::federation, &AnswerRecord::federation_digest, &AnswerRecord::care_version,
                     &AnswerRecord::protocol, &AnswerRecord::proposal_signature, &AnswerRecord::plan_inputs,
                     &AnswerRecord::time, &AnswerRecord::recipient}) {
    expect_escaped([field](Answer& answer) { (*answer.record).*field = kScript; });
  }
  for (auto field : {&RecordedParty::name, &RecordedParty::disclosure_digest, &RecordedParty::execution_digest,
                     &RecordedParty::signature, &RecordedParty::key_sha256, &RecordedParty::ledger_hash}) {
    expect_escaped([field](Answer& answer) { answer.record->parties[1].*field = kScript; });
  }
  expect_escaped([](Answer& answer) { answer.record->parties[0].statements[0] = kScript; });
  expect_escaped([](Answer& answer) { answer.rows[0][0] = kScript; });
  expect_escaped([](Answer& answer) { answer.columns[0].name = kScript; });
  expect_escaped([](Answer& answer) { answer.columns[0].type = kScript; });
  expect_escaped([](Answer& answer) { answer.notes[0] = kScript; });
  for (const char* name : {"operation", "where", "fragment"}) {
    expect_escaped([name](Answer& answer) { answer.record->plan["nodes"][0][name] = kScript; });
  }
  expect_escaped([](Answer& answer) { answer.record->plan["nodes"][1]["arm"] = kScript; });
  expect_escaped([](Answer& answer) { answer.record->plan["nodes"][1]["details"][0] = kScript; });
  for (const char* name : {"what", "recipient", "rule"}) {
    expect_escaped([name](Answer& answer) { answer.record->plan["leakage"][0][name] = kScript; });
  }
  expect_escaped([](Answer& answer) { answer.record->plan["assumptions"][0] = kScript; });
}

TEST(RecordPage, StandsAlone) {
  const std::string page = RecordPage(Example());
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy\" content=\"default-src 'none'"));
  for (const char* outside : {"http://", "https://", "src=", "href=", "url(", "@import", "<script", "<img", "<link", "<iframe"}) {
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  }
}

// A plan that a broken or hostile node sends cannot make the page endless, nor end the program.
TEST(RecordPage, BearsAnyPlan) {
  for (const char* plan :
       {"{}", R"({"nodes": 7, "leakage": {"a": 1}, "assumptions": [[]]})", R"({"nodes": [1, null, []]})",
        R"({"nodes": [{"inputs": [0]}, {"inputs": [1, 0, 99, -1, "x"], "slots": "many", "details": {}}]})"}) {
    Answer answer = Example();
    answer.record->plan = nlohmann::json::parse(plan);
    EXPECT_THAT(RecordPage(answer), HasSubstr("</html>"));
  }
  Answer answer = Example();
  nlohmann::json nodes = nlohmann::json::array();
  for (int id = 0; id < 200; ++id) {
    nlohmann::json inputs = nlohmann::json::array();
    for (int below = std::max(0, id - 8); below < id; ++below) inputs.push_back(below);
    nodes.push_back({{"operation", "step"}, {"where", "joint"}, {"inputs", inputs}});
  }
  answer.record->plan["nodes"] = nodes;
  EXPECT_LT(RecordPage(answer).size(), 1'000'000u);
}

TEST(RecordFile, LeavesNothingBehindUnlessFinished) {
  char pattern[] = "/tmp/care-record-XXXXXX";
  const std::filesystem::path directory = mkdtemp(pattern);
  const std::string path = (directory / "answer.html").string();
  std::ofstream(path) << "old";
  { auto file = RecordFile::Open(path).value(); }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
  ASSERT_TRUE(RecordFile::Open(path).value()->Finish("new").ok());
  std::string text;
  std::ifstream(path) >> text;
  EXPECT_EQ(text, "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory), {}), 1);
  EXPECT_FALSE(RecordFile::Open(directory).ok());
  EXPECT_THAT(std::string(RecordFile::Open((directory / "none" / "a.html").string()).status().message()),
              HasSubstr("Nothing was asked"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace care::engine
