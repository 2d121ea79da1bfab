#include "engine/session/analyst_connection.h"

#include "engine/session/question.h"
#include "engine/types/status_macros.h"

namespace care::engine {

using nlohmann::json;

namespace {

absl::StatusOr<Question> ReadQuestion(const json& message) {
  Question question;
  CARE_ASSIGN_OR_RETURN(question.sql, TextField(message, "sql"));
  CARE_ASSIGN_OR_RETURN(question.purpose, TextField(message, "purpose"));
  question.explain = FlagField(message, "explain");
  question.analyze = FlagField(message, "analyze");
  question.as_json = FlagField(message, "as_json");
  question.record = FlagField(message, "record");
  if (message.contains("legal_basis")) {
    CARE_ASSIGN_OR_RETURN(question.legal_basis, TextField(message, "legal_basis"));
  }
  return question;
}

class RemoteAsker final : public Asker {
 public:
  explicit RemoteAsker(mpc::TlsChannel& channel) : channel_(channel) {}

  absl::Status Notice(const std::string& text) override {
    return SendJson(channel_, {{"type", "notice"}, {"text", text}});
  }
  void Progress(double fraction, std::string_view step) override {
    // An analyst who cannot be told has left; the channel's failure says so.
    (void)SendJson(channel_, {{"type", "progress"}, {"fraction", fraction}, {"step", std::string(step)}});
  }
  void OnLeft(std::function<void(const absl::Status&)> left) override {
    if (!left) return channel_.OnFailure(nullptr);
    channel_.OnFailure([left = std::move(left)](const absl::Status&) {
      left(absl::CancelledError("the analyst left before the answer"));
    });
  }

 private:
  mpc::TlsChannel& channel_;
};

absl::StatusOr<json> ReplyTo(NodeResources& node, mpc::TlsChannel& analyst, const json& message) {
  CARE_ASSIGN_OR_RETURN(Question question, ReadQuestion(message));
  question.asked_by = analyst.peer_name();
  RemoteAsker asker(analyst);
  CARE_ASSIGN_OR_RETURN(const Reply reply, Ask(node, question, asker));
  if (!reply.answer.has_value()) return json{{"type", "explained"}, {"text", reply.explanation}};
  return AnswerToJson(*reply.answer);
}

}  // namespace

void AnswerAnalyst(NodeResources& node, mpc::TlsChannel& analyst, const json& message) {
  const absl::StatusOr<json> reply = ReplyTo(node, analyst, message);
  const absl::Status sent =
      SendJson(analyst, reply.ok() ? *reply : json{{"type", "error"}, {"status", StatusToJson(reply.status())}});
  if (!sent.ok()) node.log->info("the analyst left before the answer");
}

}  // namespace care::engine
