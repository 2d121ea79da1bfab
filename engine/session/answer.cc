#include "engine/session/answer.h"

#include "engine/types/status_macros.h"

namespace care::engine {

using nlohmann::json;

Answer MakeAnswer(const ReleasedTable& table) {
  Answer answer;
  for (const planner::OutputColumn& column : table.columns) {
    answer.columns.push_back({column.name, column.type.ToString(),
                              column.type.IsExactNumber() || column.type.IsFloat(),
                              column.type.kind == TypeKind::kBoolean});
  }
  for (const std::vector<Value>& row : table.rows) {
    std::vector<std::optional<std::string>>& cells = answer.rows.emplace_back();
    for (const Value& value : row) {
      cells.push_back(IsNull(value) ? std::nullopt : std::optional<std::string>(FormatValue(value)));
    }
  }
  answer.suppressed = table.suppressed;
  answer.suppressed.resize(answer.rows.size());
  for (std::vector<bool>& row : answer.suppressed) row.resize(answer.columns.size());
  answer.notes = table.notes;
  return answer;
}

json AnswerToJson(const Answer& answer) {
  json columns = json::array();
  for (const AnswerColumn& column : answer.columns) {
    columns.push_back({{"name", column.name},
                       {"type", column.type},
                       {"is_number", column.is_number},
                       {"is_boolean", column.is_boolean}});
  }
  json rows = json::array();
  for (const auto& row : answer.rows) {
    json cells = json::array();
    for (const auto& cell : row) cells.push_back(cell.has_value() ? json(*cell) : json());
    rows.push_back(std::move(cells));
  }
  json suppressed = json::array();
  for (const std::vector<bool>& row : answer.suppressed) {
    std::string marks;
    for (const bool hidden : row) marks.push_back(hidden ? '1' : '0');
    suppressed.push_back(marks);
  }
  json message = {{"type", "answer"},          {"columns", columns},        {"rows", rows},
          {"suppressed", suppressed},  {"notes", answer.notes},     {"seconds", answer.seconds},
          {"bytes", answer.bytes},     {"rounds", answer.rounds}};
  if (answer.record.has_value()) message["record"] = RecordToJson(*answer.record);
  return message;
}

absl::StatusOr<Answer> AnswerFromJson(const json& message) {
  const absl::Status broken = absl::InvalidArgumentError("the node's answer is not understood; are its version of "
                                                         "care and this one the same?");
  Answer answer;
  for (const char* list : {"columns", "rows", "suppressed", "notes"}) {
    if (!message.contains(list) || !message[list].is_array()) return broken;
  }
  for (const json& column : message["columns"]) {
    if (!column.is_object()) return broken;
    AnswerColumn& added = answer.columns.emplace_back();
    CARE_ASSIGN_OR_RETURN(added.name, TextField(column, "name"));
    CARE_ASSIGN_OR_RETURN(added.type, TextField(column, "type"));
    added.is_number = FlagField(column, "is_number");
    added.is_boolean = FlagField(column, "is_boolean");
  }
  for (const json& row : message["rows"]) {
    if (!row.is_array() || row.size() != answer.columns.size()) return broken;
    auto& cells = answer.rows.emplace_back();
    for (const json& cell : row) {
      if (cell.is_string()) {
        cells.emplace_back(cell.get<std::string>());
      } else {
        cells.emplace_back();
      }
    }
  }
  if (message["suppressed"].size() != answer.rows.size()) return broken;
  for (const json& marks : message["suppressed"]) {
    if (!marks.is_string()) return broken;
    std::vector<bool>& row = answer.suppressed.emplace_back();
    for (const char mark : marks.get<std::string>()) row.push_back(mark == '1');
    row.resize(answer.columns.size());
  }
  for (const json& note : message["notes"]) {
    if (note.is_string()) answer.notes.push_back(note.get<std::string>());
  }
  if (message.contains("seconds") && message["seconds"].is_number()) answer.seconds = message["seconds"].get<double>();
  CARE_ASSIGN_OR_RETURN(answer.bytes, NumberField(message, "bytes"));
  CARE_ASSIGN_OR_RETURN(answer.rounds, NumberField(message, "rounds"));
  if (message.contains("record")) {
    CARE_ASSIGN_OR_RETURN(answer.record, RecordFromJson(message["record"]));
  }
  return answer;
}

}  // namespace care::engine
