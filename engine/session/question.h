// engine/session/question.h
//
// A question to this node and who waits for the answer, whatever way it came: over the node protocol, over
// PostgreSQL's, from a suite. Front ends make an Asker of their own and call Ask; they never see a link or a
// share.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/answer.h"
#include "engine/types/data_type.h"

namespace care::engine {

struct NodeResources;

struct Question {
  std::string sql;
  std::string purpose;
  std::string asked_by;   // the analyst's name, for the log
  bool explain = false;   // plan and report, do not run; also set by EXPLAIN in the text
  bool analyze = false;   // run it all the same, and report what was measured instead of the answer; also set by EXPLAIN ANALYZE
  bool as_json = false;   // the explanation
  bool record = false;    // the answer brings its record (answer_record.h)
  std::string legal_basis;  // may be empty; goes into every party's ledger, as the purpose does

  bool runs() const { return !explain || analyze; }
};

// Who waits. Ask calls it from the thread that asks.
class Asker {
 public:
  virtual ~Asker() = default;
  // An error ends the wait: the asker cannot be reached any more.
  virtual absl::Status Notice(const std::string& text) = 0;
  virtual void Progress(double fraction, std::string_view step) = 0;
  // `left` is to be called, from any thread, once the asker is gone or no longer wants the answer. An empty
  // function takes the wish back and returns when no call is in progress.
  virtual void OnLeft(std::function<void(const absl::Status& why)> left) = 0;
};

// One of the two.
struct Reply {
  std::optional<Answer> answer;
  std::string explanation;
  bool is_json = false;  // the explanation
};

// Blocks until the answer is there. Errors name the party where they began.
absl::StatusOr<Reply> Ask(NodeResources& node, const Question& question, Asker& asker);

// The columns that the answer would have: plans at this node only, discloses nothing, troubles no peer.
struct DescribedColumn {
  std::string name;
  DataType type;
};
absl::StatusOr<std::vector<DescribedColumn>> Describe(NodeResources& node, const Question& question);

}  // namespace care::engine
