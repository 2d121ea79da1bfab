#include "engine/session/standing_links.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"

namespace care::engine {

void StandingLinks::Keep(std::unique_ptr<mpc::TlsChannel> channel, const std::shared_ptr<spdlog::logger>& log) {
  const std::shared_ptr<mpc::TlsChannel> kept = std::move(channel);
  const std::string party = kept->peer_name();
  // Goes when the mutex is free: a callback of the older link may be waiting for it.
  std::shared_ptr<mpc::TlsChannel> before = kept;
  {
    std::lock_guard lock(mutex_);
    if (!stopped_.ok()) return kept->Abort(stopped_);
    // Not before: whoever reads it and stands again must find this link, and replace it.
    if (!SendJson(*kept, {{"type", "kept"}}).ok()) return;
    std::swap(links_[party], before);
  }
  // Not under the mutex, which the callback takes.
  kept->AwaitMessage({}, [this, party, which = kept.get(), log](const absl::Status& status) {
    Ended(party, which, status, *log);
  });
  bool stopped;
  {
    std::lock_guard lock(mutex_);
    stopped = !stopped_.ok();
  }
  // Stop may have come in between.
  if (stopped) return kept->AwaitMessage({}, nullptr);
  log->info("{} keeps a standing link from {}", party, kept->remote_address());
}

void StandingLinks::Ended(const std::string& party, const mpc::TlsChannel* which, const absl::Status& why,
                          spdlog::logger& log) {
  std::shared_ptr<mpc::TlsChannel> ended;
  {
    std::lock_guard lock(mutex_);
    const auto found = links_.find(party);
    if (found == links_.end() || found->second.get() != which) return;
    ended = std::move(found->second);
    links_.erase(found);
  }
  const absl::Status reason =
      why.ok() ? absl::InvalidArgumentError("a party says nothing on its standing link; install the same version of "
                                            "care at both")
               : why;
  if (why.ok()) ended->Abort(reason);
  log.info("the standing link of {} is down: {}", party, std::string(reason.message()));
}

bool StandingLinks::Has(const std::string& party) const {
  std::lock_guard lock(mutex_);
  return links_.contains(party);
}

absl::Status StandingLinks::AskToCall(const std::string& party, const std::string& session_id) {
  std::shared_ptr<mpc::TlsChannel> link;
  {
    std::lock_guard lock(mutex_);
    const auto found = links_.find(party);
    if (found != links_.end()) link = found->second;
  }
  if (link != nullptr && SendJson(*link, {{"type", "call"}, {"session", session_id}}).ok()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat(party, " cannot be dialled (reach = \"outbound\") and keeps no standing link with this node now; is "
                          "its node running? care serve ",
                   party, ".toml; its log says whether it can reach this node"));
}

void StandingLinks::Stop(const absl::Status& why) {
  std::map<std::string, std::shared_ptr<mpc::TlsChannel>> ended;
  {
    std::lock_guard lock(mutex_);
    stopped_ = why;
    ended.swap(links_);
  }
  for (const auto& [party, link] : ended) {
    link->AwaitMessage({}, nullptr);
    link->Abort(why);
  }
}

}  // namespace care::engine
