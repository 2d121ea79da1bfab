#include "engine/types/owner_detail.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace care {
namespace {
constexpr char kDetailPayload[] = "care/owner-detail";
}

absl::Status WithOwnerDetail(absl::Status status, std::string_view detail) {
  status.SetPayload(kDetailPayload, absl::Cord(std::string(detail)));
  return status;
}

std::string OwnerDetailOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kDetailPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status WithMessage(const absl::Status& status, std::string_view message) {
  absl::Status other(status.code(), std::string(message));
  status.ForEachPayload([&other](absl::string_view type, const absl::Cord& payload) { other.SetPayload(type, payload); });
  return other;
}

std::string TextForOwner(const absl::Status& status) {
  const std::string detail = OwnerDetailOf(status);
  return absl::StrCat(std::string(status.message()), detail.empty() ? "" : absl::StrCat(" (", detail, ")"));
}

}  // namespace care
