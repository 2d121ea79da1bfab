// An Answerer that answers from a script: what is tested is the suite, not a federation.
#pragma once

#include <map>
#include <string>

#include "engine/frontend/suite/answerer.h"

namespace care::engine {

class ScriptedAnswerer final : public Answerer {
 public:
  absl::StatusOr<Answer> Query(const std::string& sql, const std::string& purpose) override {
    purposes.push_back(purpose);
    const auto found = answers.find(sql);
    if (found == answers.end()) return absl::InvalidArgumentError("error: no such question\nLINE 1: " + sql);
    return found->second;
  }
  absl::StatusOr<std::string> Explain(const std::string&, const std::string&) override { return plan; }
  bool reached() const override { return is_up; }

  std::map<std::string, absl::StatusOr<Answer>> answers;
  std::string plan = "{}";
  bool is_up = true;
  std::vector<std::string> purposes;
};

// One text column and one of numbers; no value: NULL.
inline Answer TwoColumns(std::vector<std::vector<std::optional<std::string>>> rows) {
  Answer answer;
  answer.columns = {{"region", "text", false, false}, {"patients", "bigint", true, false}};
  answer.suppressed.resize(rows.size(), {false, false});
  answer.rows = std::move(rows);
  return answer;
}

}  // namespace care::engine
