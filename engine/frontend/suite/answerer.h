// engine/frontend/suite/answerer.h
//
// Who answers a suite's questions: a node of a federation, or, where expectations are made, another engine over
// the union of the data.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/frontend/shell/client.h"
#include "engine/session/answer.h"

namespace care::engine {

class Answerer {
 public:
  virtual ~Answerer() = default;
  virtual absl::StatusOr<Answer> Query(const std::string& sql, const std::string& purpose) = 0;
  // Whether there are plans and a gate: an engine without them is asked for rows only.
  virtual bool has_plans() const { return true; }
  // The plan and the leakage report, as EXPLAIN (FORMAT JSON) gives them.
  virtual absl::StatusOr<std::string> Explain(const std::string& sql, const std::string& purpose) = 0;
  // False if the last error was not the query's: nobody answered.
  virtual bool reached() const = 0;
};

// A node, asked as its own analyst. An EXPLAIN in the text is answered by its lines.
std::unique_ptr<Answerer> AskNode(ClientOptions node);

}  // namespace care::engine
