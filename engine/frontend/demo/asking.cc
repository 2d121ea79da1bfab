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

}  // namespace

absl::StatusOr<Answer> Asking::Query(const std::string& sql) const {
  // Its progress bar is drawn on standard error, which is the user's.
  CARE_ASSIGN_OR_RETURN(
      const CommandResult result,
      RunCommand(QueryCommand(sql, "json"), {.input = {}, .user = {}, .shows_errors = true}));
  if (result.exit_code != 0) return Failed("query", result);
  CARE_ASSIGN_OR_RETURN(const nlohmann::json answer, ParseJson(result.output));
  return AnswerFromJson(answer);
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
