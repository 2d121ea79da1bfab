#include "engine/session/federation_versions.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/session/agreement.h"
#include "engine/types/check.h"

namespace care::engine {

void FederationVersions::Hold(std::vector<HeldVersion> versions) {
  CARE_CHECK(!versions.empty());
  std::lock_guard lock(mutex_);
  // What goes may be the last reference; its engine ends outside the lock.
  std::swap(versions_, versions);
}

std::vector<HeldVersion> FederationVersions::Held() const {
  std::lock_guard lock(mutex_);
  return versions_;
}

std::size_t FederationVersions::PositionInForce(UnixSeconds now) const {
  std::size_t position = 0;
  for (std::size_t i = 1; i < versions_.size(); ++i) {
    if (versions_[i].activates_at <= now) position = i;
  }
  return position;
}

bool FederationVersions::IsAccepted(std::size_t position, UnixSeconds now) const {
  const std::size_t in_force = PositionInForce(now);
  if (position == in_force) return true;
  if (position == in_force + 1) return now >= versions_[position].activates_at - kAcceptNextEarlier;
  return position + 1 == in_force && now <= versions_[in_force].activates_at + kAcceptPreviousLonger;
}

FederationVersionPtr FederationVersions::InForce(UnixSeconds now) const {
  std::lock_guard lock(mutex_);
  return versions_[PositionInForce(now)].version;
}

std::optional<HeldVersion> FederationVersions::Pending(UnixSeconds now) const {
  std::lock_guard lock(mutex_);
  const std::size_t next = PositionInForce(now) + 1;
  return next < versions_.size() ? std::optional(versions_[next]) : std::nullopt;
}

absl::StatusOr<FederationVersionPtr> FederationVersions::Accept(const std::string& other,
                                                                const std::string& federation,
                                                                std::uint64_t version,
                                                                const std::string& digest,
                                                                UnixSeconds now) const {
  std::lock_guard lock(mutex_);
  const std::size_t in_force = PositionInForce(now);
  const FederationVersion& current = *versions_[in_force].version;
  if (federation != current.catalog.name) {
    return absl::FailedPreconditionError(absl::StrCat(current.own_name(), " is in federation ",
                                                      current.catalog.name, ", ", other, " in another"));
  }
  for (std::size_t i = 0; i < versions_.size(); ++i) {
    if (versions_[i].version->catalog.digest != digest) continue;
    if (IsAccepted(i, now)) return versions_[i].version;
    const bool early = i > in_force;
    const UnixSeconds switch_at = early ? versions_[i].activates_at : versions_[in_force].activates_at;
    return absl::FailedPreconditionError(
        absl::StrCat(other, " asks under version ", version, " of federation ", federation, "; at ",
                     current.own_name(), " version ", current.catalog.version, " is in force",
                     early ? absl::StrCat(", and version ", version, " from ", FormatInstant(switch_at))
                           : absl::StrCat(" since ", FormatInstant(switch_at)),
                     "; compare the clocks of both machines"));
  }
  return FederationsDiffer(other, version, digest, current.own_name(), current.catalog.version,
                           current.catalog.digest);
}

absl::Status FederationVersions::AcceptsParty(const std::string& name, UnixSeconds now) const {
  std::lock_guard lock(mutex_);
  const HeldVersion* known = nullptr;
  for (std::size_t i = 0; i < versions_.size(); ++i) {
    if (versions_[i].version->catalog.FindParty(name) == kNoParty) continue;
    if (IsAccepted(i, now)) return absl::OkStatus();
    known = &versions_[i];
  }
  const FederationVersion& current = *versions_[PositionInForce(now)].version;
  if (known == nullptr) return absl::NotFoundError("not a party of the federation");
  return absl::FailedPreconditionError(
      absl::StrCat(name, " is a party of version ", known->version->catalog.version, " of federation ",
                   current.catalog.name, "; at ", current.own_name(), " version ", current.catalog.version,
                   " is in force",
                   known->activates_at > now
                       ? absl::StrCat(" until ", FormatInstant(known->activates_at))
                       : ""));
}

std::string FormatInstant(UnixSeconds instant) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(instant), absl::UTCTimeZone());
}

absl::StatusOr<UnixSeconds> ParseInstant(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%dT%H:%M:%SZ", text, &time, &error) ||
      FormatInstant(absl::ToUnixSeconds(time)) != text) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not an instant; write it in UTC, as 2026-12-01T06:00:00Z"));
  }
  return absl::ToUnixSeconds(time);
}

}  // namespace care::engine
