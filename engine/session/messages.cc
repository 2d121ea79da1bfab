#include "engine/session/messages.h"

#include <span>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "mpc/net/origin.h"

namespace care::engine {

using nlohmann::json;

namespace {
absl::Status BadField(const char* name, const char* type) {
  return absl::InvalidArgumentError(absl::StrCat("a control message lacks its ", type, " \"", name, "\""));
}
}  // namespace

std::string DumpJson(const json& message) { return message.dump(-1, ' ', false, json::error_handler_t::replace); }

absl::StatusOr<json> ParseJson(std::string_view text) {
  json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_object()) return absl::InvalidArgumentError("a control message is not a JSON object");
  return parsed;
}

absl::Status SendJson(mpc::Channel& channel, const json& message) {
  const std::string text = DumpJson(message);
  return channel.Send(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

absl::StatusOr<json> ReceiveJson(mpc::TlsChannel& channel, std::chrono::milliseconds limit, std::size_t max_bytes) {
  CARE_ASSIGN_OR_RETURN(const std::vector<std::uint8_t> bytes, channel.ReceiveMessageWithin(max_bytes, limit));
  return ParseJson(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

absl::StatusOr<std::string> TextField(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return BadField(name, "text");
  return found->get<std::string>();
}

absl::StatusOr<std::uint64_t> NumberField(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_unsigned()) return BadField(name, "number");
  return found->get<std::uint64_t>();
}

bool FlagField(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

json StatusToJson(const absl::Status& status) {
  json object = {{"code", static_cast<unsigned>(status.code())},
                 {"message", mpc::MessageWithoutOrigin(status)},
                 {"party", mpc::OriginOf(status)}};
  if (std::string parts = sql::EncodedQueryError(status); !parts.empty()) object["query_error"] = std::move(parts);
  return object;
}

absl::Status StatusFromJson(const json& object) {
  if (!object.is_object()) return BadField("error", "object");
  CARE_ASSIGN_OR_RETURN(const std::uint64_t code, NumberField(object, "code"));
  CARE_ASSIGN_OR_RETURN(const std::string message, TextField(object, "message"));
  CARE_ASSIGN_OR_RETURN(const std::string party, TextField(object, "party"));
  if (code == 0) return absl::OkStatus();
  const bool known = code <= static_cast<std::uint64_t>(absl::StatusCode::kUnauthenticated);
  const absl::Status status(known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown, message);
  return sql::WithQueryError(mpc::WithOrigin(status, party), TextField(object, "query_error").value_or(""));
}

}  // namespace care::engine
