#include "engine/session/unheard_connections.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace care::engine {

namespace {
constexpr std::size_t kMost = 128;
constexpr std::ptrdiff_t kMostOfOne = 32;
}  // namespace

absl::Status UnheardConnections::Admit(const std::string& peer) const {
  if (!stopped_.ok()) return stopped_;
  const auto own = std::count_if(waiting_.begin(), waiting_.end(), [&peer](const auto& entry) {
    return entry.second.channel->peer_name() == peer;
  });
  if (waiting_.size() < kMost && own < kMostOfOne) return absl::OkStatus();
  return absl::ResourceExhaustedError("too many connections that say nothing; close some, or try again later");
}

void UnheardConnections::Add(std::unique_ptr<mpc::TlsChannel> channel, Heard heard) {
  absl::Status admitted;
  {
    std::lock_guard lock(mutex_);
    mpc::TlsChannel* which = channel.get();
    admitted = Admit(which->peer_name());
    if (admitted.ok()) {
      waiting_.emplace(which, Entry{std::move(channel), std::move(heard)});
      // Under the lock, so that the channel is still there; it calls back later.
      which->AwaitMessage(limit_, [this, which](const absl::Status& status) { Spoke(which, status); });
      return;
    }
  }
  if (const auto left_out = log_limit_.Allow()) {
    log_->warn("refused {} at {}: {}{}", channel->peer_name(), channel->remote_address(),
               std::string(admitted.message()), LeftOut(*left_out));
  }
  channel->Abort(admitted);
}

void UnheardConnections::Spoke(mpc::TlsChannel* which, const absl::Status& status) {
  Entry entry;
  {
    std::lock_guard lock(mutex_);
    const auto found = waiting_.find(which);
    if (found == waiting_.end()) return;
    entry = std::move(found->second);
    waiting_.erase(found);
  }
  if (status.ok()) return entry.heard(std::move(entry.channel));
  if (const auto left_out = log_limit_.Allow()) {
    log_->info("a connection of {} at {} ended before it said what it wants: {}{}", which->peer_name(),
               which->remote_address(), std::string(status.message()), LeftOut(*left_out));
  }
  which->Abort(status);
}

void UnheardConnections::Stop(const absl::Status& why) {
  std::map<mpc::TlsChannel*, Entry> ended;
  {
    std::lock_guard lock(mutex_);
    stopped_ = why;
    ended.swap(waiting_);
  }
  for (const auto& [channel, entry] : ended) channel->Abort(why);
}

}  // namespace care::engine
