#include "engine/frontend/suite/judge.h"

#include <chrono>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/suite/expected_cells.h"
#include "engine/frontend/suite/plan_checks.h"
#include "engine/frontend/suite/row_difference.h"

namespace care::engine {
namespace {

constexpr std::string_view kEmptyLine = "\\";  // of a message; an empty line would end the record

bool IsPattern(const std::string& text) { return text.size() > 2 && text.front() == '/' && text.back() == '/'; }

// What is wrong; empty if the message matches.
std::string MatchPattern(const std::string& pattern, const std::string& message) {
  try {
    const std::regex expression(pattern.substr(1, pattern.size() - 2), std::regex::ECMAScript);
    if (std::regex_search(message, expression)) return "";
    return absl::StrCat("the error does not match ", pattern, ":\n", message, "\n");
  } catch (const std::regex_error&) {
    return absl::StrCat(pattern, " is not a regular expression (ECMAScript's)\n");
  }
}

std::vector<std::string> MessageLines(const std::string& message) {
  std::vector<std::string> lines = absl::StrSplit(message, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (std::string& line : lines) {
    if (line.find_first_not_of(" \t") == std::string::npos) line = kEmptyLine;
  }
  return lines;
}

std::vector<std::vector<std::string>> AsRows(const std::vector<std::string>& lines) {
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : lines) rows.push_back({line});
  return rows;
}

void JudgeError(const SuiteRecord& record, const absl::Status& status, Judgement& judgement) {
  const std::string message(status.message());
  if (!record.error.empty()) {
    if (IsPattern(record.error)) {
      judgement.failure = MatchPattern(record.error, message);
    } else if (message.find(record.error) == std::string::npos) {
      judgement.failure = absl::StrCat("the error does not contain \"", record.error, "\":\n", message, "\n");
    }
    return;
  }
  if (!record.has_expected) {
    // A query that nobody refused must not pass for a refused one because a party was down.
    const absl::StatusCode code = status.code();
    if (code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded ||
        code == absl::StatusCode::kInternal) {
      judgement.failure = absl::StrCat("the query was not refused, it failed:\n", message, "\n");
    }
    return;
  }
  if (record.expected.size() == 1 && IsPattern(record.expected[0])) {
    judgement.failure = MatchPattern(record.expected[0], message);
    return;
  }
  judgement.update = MessageLines(message);
  judgement.can_update = true;
  const std::string difference = RowDifference(AsRows(record.expected), AsRows(judgement.update));
  if (!difference.empty()) judgement.failure = absl::StrCat("the error differs:\n", difference);
}

void JudgeLabel(const SuiteRecord& record, const Cells& cells, LabelledResults& labels, Judgement& judgement) {
  if (record.label.empty()) return;
  const std::string hash = HashLine(record, cells);
  const auto [first, is_new] = labels.try_emplace(record.label, hash, record.Place());
  if (!is_new && first->second.first != hash) {
    absl::StrAppend(&judgement.failure, "the result is not that of ", first->second.second, ", which has the same label ",
                    record.label, "\n");
  }
}

void JudgeRows(const SuiteRecord& record, const Answer& answer, LabelledResults& labels, Judgement& judgement) {
  const std::size_t suppressed = SuppressedIn(answer);
  if (record.directives.suppressed.value_or(suppressed) != suppressed) {
    absl::StrAppend(&judgement.failure, "expected ", *record.directives.suppressed, " suppressed cells, got ", suppressed,
                    "\n");
  }
  if (record.kind == RecordKind::kStatementOk) return;
  if (const std::string wrong = CompareColumns(record, answer); !wrong.empty()) {
    absl::StrAppend(&judgement.failure, wrong, "\n");
    return;
  }
  const Cells cells = CellsOf(answer);
  judgement.update = ExpectedLines(record, cells);
  judgement.can_update = true;
  if (!record.has_expected) {
    absl::StrAppend(&judgement.failure, "the record has no \"----\" with the expected rows below it\n");
    return;
  }
  const absl::StatusOr<std::string> difference = CompareRows(record, cells);
  if (!difference.ok()) {
    absl::StrAppend(&judgement.failure, std::string(difference.status().message()), "\n");
  } else if (!difference->empty()) {
    absl::StrAppend(&judgement.failure, "the rows differ (- expected, + got):\n", *difference);
  }
  JudgeLabel(record, cells, labels, judgement);
}

void JudgeOutcome(const SuiteRecord& record, Answerer& answerer, LabelledResults& labels, Judgement& judgement) {
  const absl::StatusOr<std::string> sql = record.AskedSql();
  if (!sql.ok()) {
    if (record.kind == RecordKind::kStatementError) return JudgeError(record, sql.status(), judgement);
    judgement.failure = absl::StrCat(std::string(sql.status().message()), "\n");
    return;
  }
  if (answerer.has_plans() && DemandsOfThePlan(record.directives)) {
    const absl::StatusOr<std::string> plan = answerer.Explain(*sql, record.directives.purpose);
    if (!plan.ok()) {
      judgement.failure = absl::StrCat("there is no plan:\n", std::string(plan.status().message()), "\n");
      return;
    }
    judgement.failure = CheckPlan(record.directives, *plan);
  }
  const absl::StatusOr<Answer> answer = answerer.Query(*sql, record.directives.purpose);
  if (answer.ok()) {
    if (record.kind == RecordKind::kStatementError) {
      judgement.failure = absl::StrCat("expected an error, got ", answer->rows.size(),
                                       answer->rows.size() == 1 ? " row\n" : " rows\n");
      return;
    }
    JudgeRows(record, *answer, labels, judgement);
  } else if (record.kind == RecordKind::kStatementError && answerer.reached()) {
    JudgeError(record, answer.status(), judgement);
  } else {
    // An error of the connection is never the error that a record expects.
    absl::StrAppend(&judgement.failure, answerer.reached() ? "" : "nobody answered: ",
                    std::string(answer.status().message()), "\n");
  }
}

}  // namespace

Judgement Judge(const SuiteRecord& record, Answerer& answerer, LabelledResults& labels) {
  Judgement judgement;
  if (record.skipped) {
    judgement.skipped = true;
    return judgement;
  }
  const auto start = std::chrono::steady_clock::now();
  JudgeOutcome(record, answerer, labels, judgement);
  judgement.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return judgement;
}

}  // namespace care::engine
