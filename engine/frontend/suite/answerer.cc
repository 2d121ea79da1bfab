#include "engine/frontend/suite/answerer.h"

#include "absl/strings/str_split.h"
#include "engine/types/status_macros.h"
#include "grammar/parser.h"

namespace care::engine {
namespace {

bool IsExplain(const std::string& sql) {
  const absl::StatusOr<sql::Statement> statement = sql::Parse(sql);
  return statement.ok() && std::holds_alternative<sql::Explain>(*statement);
}

Answer LinesAsAnswer(const std::string& text) {
  Answer answer;
  answer.columns.push_back({"QUERY PLAN", "text", false, false});
  for (absl::string_view line : absl::StrSplit(text, '\n')) answer.rows.push_back({std::string(line)});
  if (answer.rows.back()[0] == "") answer.rows.pop_back();
  answer.suppressed.resize(answer.rows.size(), {false});
  return answer;
}

class NodeAnswerer final : public Answerer {
 public:
  explicit NodeAnswerer(ClientOptions node) : node_(std::move(node)) {}

  absl::StatusOr<Answer> Query(const std::string& sql, const std::string& purpose) override {
    reached_ = false;
    CARE_ASSIGN_OR_RETURN(const auto client, Client::Connect(node_));
    const Asked asked{sql, purpose, false, false};
    absl::StatusOr<Answer> answer;
    if (IsExplain(sql)) {
      const absl::StatusOr<std::string> text = client->Explain(asked, {});
      answer = text.ok() ? absl::StatusOr<Answer>(LinesAsAnswer(*text)) : text.status();
    } else {
      answer = client->Query(asked, {});
    }
    reached_ = client->reached();
    return answer;
  }

  absl::StatusOr<std::string> Explain(const std::string& sql, const std::string& purpose) override {
    reached_ = false;
    CARE_ASSIGN_OR_RETURN(const auto client, Client::Connect(node_));
    absl::StatusOr<std::string> text = client->Explain({sql, purpose, true, true}, {});
    reached_ = client->reached();
    return text;
  }

  bool reached() const override { return reached_; }

 private:
  const ClientOptions node_;
  bool reached_ = false;
};

}  // namespace

std::unique_ptr<Answerer> AskNode(ClientOptions node) { return std::make_unique<NodeAnswerer>(std::move(node)); }

}  // namespace care::engine
