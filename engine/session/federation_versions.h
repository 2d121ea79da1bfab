// engine/session/federation_versions.h
//
// The versions of the federation file that a node holds, and which of them is in force. Every version has the
// instant from which new queries are planned on it. Organisations' clocks differ and queries wait in line, so
// there is no moment at which all nodes switch; instead a node that is asked to take part also accepts
//
//   the next version    from five minutes before its instant: the asking node's clock is ahead
//   the version before  until fifteen minutes after it: the asking node's clock is behind, or the query began
//                       before the switch and waited for its turn
//
// which keeps parties together as long as no two clocks are more than five minutes apart. Everything else is
// FederationsDiffer. Both parties of a session always use the very same bytes: the asking node names their
// digest.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/session/federation_version.h"

namespace care::engine {

using UnixSeconds = std::int64_t;

inline constexpr UnixSeconds kAcceptNextEarlier = 5 * 60;
inline constexpr UnixSeconds kAcceptPreviousLonger = 15 * 60;

struct HeldVersion {
  FederationVersionPtr version;
  UnixSeconds activates_at = 0;  // 0: there was none before it
};

class FederationVersions {
 public:
  // In ascending order of version and of instant; at least one whose instant has come.
  void Hold(std::vector<HeldVersion> versions);
  std::vector<HeldVersion> Held() const;

  // What new queries of this node are planned on.
  FederationVersionPtr InForce(UnixSeconds now) const;
  // The next one, if any.
  std::optional<HeldVersion> Pending(UnixSeconds now) const;
  // What `other` proposes to use.
  absl::StatusOr<FederationVersionPtr> Accept(const std::string& other, const std::string& federation,
                                              std::uint64_t version, const std::string& digest,
                                              UnixSeconds now) const;
  // OK if any version that is accepted now has this party.
  absl::Status AcceptsParty(const std::string& name, UnixSeconds now) const;

 private:
  std::size_t PositionInForce(UnixSeconds now) const;
  bool IsAccepted(std::size_t position, UnixSeconds now) const;

  mutable std::mutex mutex_;
  std::vector<HeldVersion> versions_;
};

// "2026-12-01T06:00:00Z"
std::string FormatInstant(UnixSeconds instant);
absl::StatusOr<UnixSeconds> ParseInstant(const std::string& text);

}  // namespace care::engine
