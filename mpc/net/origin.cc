#include "mpc/net/origin.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "engine/types/owner_detail.h"

namespace care::mpc {
namespace {
constexpr char kOriginPayload[] = "care/origin";
}

std::string OriginOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kOriginPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status WithOrigin(const absl::Status& status, std::string_view party) {
  if (status.ok() || party.empty() || status.GetPayload(kOriginPayload).has_value()) return status;
  const std::string prefix = absl::StrCat(std::string(party), ": ");
  const std::string message(status.message());  // that of a database, for one, begins with its owner's name
  absl::Status named = WithMessage(status, message.starts_with(prefix) ? message : absl::StrCat(prefix, message));
  named.SetPayload(kOriginPayload, absl::Cord(std::string(party)));
  return named;
}

std::string MessageWithoutOrigin(const absl::Status& status) {
  const std::string message(status.message());
  const std::string prefix = OriginOf(status) + ": ";
  return prefix.size() > 2 && message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace care::mpc
