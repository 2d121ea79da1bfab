#include "engine/frontend/pgwire/sql_error.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "grammar/query_error.h"

namespace care::engine::pgwire {
namespace {

constexpr char kStatePayload[] = "care/sqlstate";
constexpr char kHintPayload[] = "care/hint";
constexpr std::string_view kPrefix = "error: ";  // of a query's error

std::string PayloadOf(const absl::Status& status, const char* type) {
  const auto payload = status.GetPayload(type);
  return payload.has_value() ? std::string(*payload) : std::string();
}

// The kinds of a wrong query that clients tell apart, by the words that the parser and the binder share with
// PostgreSQL.
const char* StateOfQueryError(std::string_view message) {
  const auto has = [message](std::string_view words) { return message.find(words) != std::string_view::npos; };
  const auto starts = [message](std::string_view words) { return message.starts_with(words); };
  if (has("not supported") || has("not accepted: data is only read")) return sqlstate::kFeatureNotSupported;
  if (has("never leaves its owner") || has("would release a row") || has("may not be ")) {
    return sqlstate::kInsufficientPrivilege;
  }
  if (has("does not exist")) {
    if (starts("column ")) return "42703";
    if (starts("relation ") || starts("table ")) return "42P01";
    if (starts("schema ")) return "3F000";
    if (starts("type ")) return sqlstate::kUndefinedObject;
    return "42883";  // functions and operators
  }
  if (starts("missing FROM-clause entry")) return "42P01";
  if (starts("there is no parameter")) return "42P02";
  if (has("is ambiguous")) return "42702";
  if (has("must appear in the GROUP BY") || has("aggregate function")) return "42803";
  if (starts("invalid input syntax")) return sqlstate::kInvalidText;
  if (starts("division by zero")) return "22012";
  if (starts("invalid date") || starts("date out of range") || starts("timestamp out of range")) return "22008";
  if (has("out of range") || has("numeric field overflow")) return "22003";
  if (has("square root of a negative")) return "2201F";
  if (starts("cannot take logarithm")) return "2201E";
  if (has("negative substring length")) return "22011";
  if (starts("LIMIT must not be negative")) return "2201W";
  if (starts("OFFSET must not be negative")) return "2201X";
  if (starts("argument of ") || has("cannot be matched") || has("types ")) return "42804";
  if (has("too deeply") || has("too complex") || has("at most")) return sqlstate::kLimitExceeded;
  return sqlstate::kSyntaxError;
}

const char* StateOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return sqlstate::kSyntaxError;
    case absl::StatusCode::kPermissionDenied:
      return sqlstate::kInsufficientPrivilege;
    case absl::StatusCode::kCancelled:
      return sqlstate::kQueryCanceled;
    case absl::StatusCode::kResourceExhausted:
      return sqlstate::kLimitExceeded;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return "08006";
    case absl::StatusCode::kFailedPrecondition:
      return "55000";
    case absl::StatusCode::kUnimplemented:
      return sqlstate::kFeatureNotSupported;
    default:
      return "XX000";
  }
}

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

absl::Status SqlStatus(const char* sqlstate, std::string_view message, std::string_view hint) {
  absl::Status status = absl::InvalidArgumentError(std::string(message));
  status.SetPayload(kStatePayload, absl::Cord(sqlstate));
  if (!hint.empty()) status.SetPayload(kHintPayload, absl::Cord(std::string(hint)));
  return status;
}

SqlError SqlErrorOf(const absl::Status& status, std::string_view sql, std::size_t begin) {
  SqlError error;
  error.sqlstate = PayloadOf(status, kStatePayload);
  error.hint = PayloadOf(status, kHintPayload);
  error.message = std::string(status.message());
  if (const auto parts = sql::QueryErrorPartsOf(status)) {
    error.message = parts->message;
    error.hint = parts->hint;
    if (error.sqlstate.empty()) error.sqlstate = StateOfQueryError(error.message);
    // An error inside a view points into the view's own text, which the client did not send.
    if (parts->offset.has_value() && !error.message.starts_with("in view ")) {
      error.position = Characters(sql.substr(0, std::min(begin + *parts->offset, sql.size()))) + 1;
    }
  } else if (const std::size_t hint = error.message.find("\nhint: "); hint != std::string::npos) {
    error.hint = error.message.substr(hint + 7);
    error.message.resize(hint);
  }
  if (error.message.starts_with(kPrefix)) {
    error.message.erase(0, kPrefix.size());
    if (error.sqlstate.empty()) error.sqlstate = StateOfQueryError(error.message);
  }
  if (error.sqlstate.empty()) error.sqlstate = StateOfCode(status.code());
  return error;
}

}  // namespace care::engine::pgwire
