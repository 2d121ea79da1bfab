#include "engine/frontend/demo/asking.h"

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

absl::Status Failed(const char* what, const CommandResult& result) {
  return absl::UnknownError(absl::StrCat("care ", what, " ended with exit code ", result.exit_code,
                                         result.error.empty() ? "" : ":\n", result.error));
}

// A cell as PostgreSQL prints it.
std::optional<std::string> CellText(const nlohmann::json& cell) {
  if (cell.is_null()) return std::nullopt;
  if (cell.is_boolean()) return cell.get<bool>() ? "t" : "f";
  return cell.is_string() ? cell.get<std::string>() : cell.dump();
}

// Reads back what `care query --format json` prints.
absl::StatusOr<Answer> ReadAnswer(const nlohmann::json& text) {
  Answer answer;
  for (const char* list : {"columns", "rows", "suppressed", "notes"}) {
    if (!text.contains(list) || !text[list].is_array()) {
      return absl::InternalError(absl::StrCat("care query --format json printed no ", list));
    }
  }
  for (const nlohmann::json& column : text["columns"]) {
    AnswerColumn& added = answer.columns.emplace_back();
    CARE_ASSIGN_OR_RETURN(added.name, TextField(column, "name"));
    CARE_ASSIGN_OR_RETURN(added.type, TextField(column, "type"));
    added.is_boolean = added.type == "boolean";
    added.is_number = added.type.ends_with("int") || added.type == "integer" || added.type.starts_with("numeric") ||
                      added.type == "double precision";
  }
  for (const nlohmann::json& row : text["rows"]) {
    auto& cells = answer.rows.emplace_back();
    for (const nlohmann::json& cell : row) cells.push_back(CellText(cell));
    cells.resize(answer.columns.size());
  }
  for (const nlohmann::json& row : text["suppressed"]) {
    auto& marks = answer.suppressed.emplace_back();
    for (const nlohmann::json& mark : row) marks.push_back(mark.is_boolean() && mark.get<bool>());
    marks.resize(answer.columns.size());
  }
  answer.suppressed.resize(answer.rows.size(), std::vector<bool>(answer.columns.size()));
  for (const nlohmann::json& note : text["notes"]) {
    if (note.is_string()) answer.notes.push_back(note.get<std::string>());
  }
  if (text.contains("seconds") && text["seconds"].is_number()) answer.seconds = text["seconds"].get<double>();
  CARE_ASSIGN_OR_RETURN(answer.bytes, NumberField(text, "bytes"));
  CARE_ASSIGN_OR_RETURN(answer.rounds, NumberField(text, "rounds"));
  return answer;
}

}  // namespace

absl::StatusOr<Answer> Asking::Query(const std::string& sql) const {
  // Its progress bar is drawn on standard error, which is the user's.
  CARE_ASSIGN_OR_RETURN(
      const CommandResult result,
      RunCommand(QueryCommand(sql, "json"), {.input = {}, .user = {}, .shows_errors = true}));
  if (result.exit_code != 0) return Failed("query", result);
  CARE_ASSIGN_OR_RETURN(const nlohmann::json answer, ParseJson(result.output));
  return ReadAnswer(answer);
}

absl::StatusOr<std::string> Asking::Explain(const std::string& sql) const {
  CARE_ASSIGN_OR_RETURN(const CommandResult result,
                        RunCommand({program_, "explain", "--node", node_file_, sql}));
  if (result.exit_code != 0) return Failed("explain", result);
  return result.output;
}

std::vector<std::string> Asking::QueryCommand(const std::string& sql, const std::string& format) const {
  return {program_, "query", "--node", node_file_, "--format", format, sql};
}

}  // namespace care::engine
