// engine/session/answer.h
//
// What an analyst gets: a released table, as text cells, and what it cost. Its JSON form travels from node to
// client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/executor.h"
#include "engine/session/answer_record.h"
#include "engine/session/messages.h"

namespace care::engine {

struct AnswerColumn {
  std::string name;
  std::string type;      // "numeric(12,2)"
  bool is_number = false;
  bool is_boolean = false;
};

struct Answer {
  std::vector<AnswerColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  // no value: NULL
  std::vector<std::vector<bool>> suppressed;                  // by row and column
  std::vector<std::string> notes;
  double seconds = 0;
  std::uint64_t bytes = 0;   // sent over all links, all parties together
  std::uint64_t rounds = 0;
  std::optional<AnswerRecord> record;  // if the question asked for it
};

Answer MakeAnswer(const ReleasedTable& table);
nlohmann::json AnswerToJson(const Answer& answer);
absl::StatusOr<Answer> AnswerFromJson(const nlohmann::json& message);

}  // namespace care::engine
