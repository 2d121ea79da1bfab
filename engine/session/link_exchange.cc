#include "engine/session/link_exchange.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {

void LinkExchange::Expect(const std::string& session_id, const std::string& peer) {
  std::lock_guard lock(mutex_);
  expected_[session_id].try_emplace(peer);
}

void LinkExchange::Forget(const std::string& session_id, const absl::Status& why) {
  ByPeer untaken;
  {
    std::lock_guard lock(mutex_);
    const auto session = expected_.find(session_id);
    if (session != expected_.end()) {
      untaken = std::move(session->second);
      expected_.erase(session);
    }
    const auto known = std::ranges::find(failed_, session_id, &std::pair<std::string, absl::Status>::first);
    if (!why.ok() && known == failed_.end()) {
      failed_.emplace_back(session_id, why);
      if (failed_.size() > kMostFailed) failed_.pop_front();
    }
  }
  if (why.ok()) return;
  for (const auto& [peer, channel] : untaken) {
    if (channel != nullptr) channel->Abort(why);
  }
}

absl::Status LinkExchange::WhyUnwanted(const std::string& session_id) const {
  std::lock_guard lock(mutex_);
  const auto known = std::ranges::find(failed_, session_id, &std::pair<std::string, absl::Status>::first);
  return known == failed_.end() ? absl::FailedPreconditionError("no query waits for this connection") : known->second;
}

bool LinkExchange::Offer(const std::string& session_id, std::unique_ptr<mpc::TlsChannel>& channel) {
  std::lock_guard lock(mutex_);
  const auto session = expected_.find(session_id);
  if (session == expected_.end()) return false;
  const auto expected = session->second.find(channel->peer_name());
  if (expected == session->second.end() || expected->second != nullptr) return false;
  expected->second = std::move(channel);
  changed_.notify_all();
  return true;
}

absl::StatusOr<std::unique_ptr<mpc::TlsChannel>> LinkExchange::Take(const std::string& session_id,
                                                                    const std::string& peer,
                                                                    std::chrono::milliseconds limit,
                                                                    const std::function<absl::Status()>& cancelled) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock(mutex_);
  while (true) {
    ByPeer& peers = expected_[session_id];
    if (const auto found = peers.find(peer); found != peers.end() && found->second != nullptr) {
      auto channel = std::move(found->second);
      peers.erase(found);
      return channel;
    }
    CARE_RETURN_IF_ERROR(cancelled());
    const auto now = std::chrono::steady_clock::now();
    if (now >= deadline) {
      return absl::UnavailableError(absl::StrCat("no connection from ", peer, " within ", limit.count() / 1000,
                                                 " s; can its node reach this one?"));
    }
    changed_.wait_until(lock, std::min(deadline, now + std::chrono::seconds(1)));
  }
}

void LinkExchange::Wake() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

}  // namespace care::engine
