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
  const auto own =
      std::count_if(waiting_.begin(), waiting_.end(), [&peer](const auto& entry) { return entry.second.peer == peer; });
  if (waiting_.size() < kMost && own < kMostOfOne) return absl::OkStatus();
  return absl::ResourceExhaustedError("too many connections that say nothing; close some, or try again later");
}

void UnheardConnections::Add(std::unique_ptr<mpc::TlsChannel> channel, Heard heard) {
  mpc::TlsChannel* which = channel.get();
  absl::Status admitted;
  {
    std::lock_guard lock(mutex_);
    admitted = Admit(which->peer_name());
    if (admitted.ok()) waiting_.emplace(which, Entry{which->peer_name(), std::move(heard), nullptr, {}});
  }
  if (!admitted.ok()) {
    if (const auto left_out = log_limit_.Allow()) {
      log_->warn("refused {} at {}: {}{}", channel->peer_name(), channel->remote_address(),
                 std::string(admitted.message()), LeftOut(*left_out));
    }
    return channel->Abort(admitted);
  }
  // Not under the lock, which its callback takes; until it waits it is this function's, so that Stop leaves it alone.
  which->AwaitMessage(limit_, [this, which](const absl::Status& status) { Spoke(which, status); });
  Entry entry;
  absl::Status stopped;
  {
    std::lock_guard lock(mutex_);
    stopped = stopped_;
    const auto found = waiting_.find(which);
    if (found != waiting_.end()) {
      found->second.channel = std::move(channel);
      if (!found->second.spoke) return;
      entry = std::move(found->second);
      waiting_.erase(found);
    }
  }
  if (entry.channel == nullptr) return channel->Abort(stopped);
  const absl::Status status = *entry.spoke;
  Tell(std::move(entry), status);
}

void UnheardConnections::Spoke(mpc::TlsChannel* which, const absl::Status& status) {
  Entry entry;
  {
    std::lock_guard lock(mutex_);
    const auto found = waiting_.find(which);
    if (found == waiting_.end()) return;
    found->second.spoke = status;
    if (found->second.channel == nullptr) return;  // Add goes on with it
    entry = std::move(found->second);
    waiting_.erase(found);
  }
  Tell(std::move(entry), status);
}

void UnheardConnections::Tell(Entry entry, const absl::Status& status) {
  if (status.ok()) return entry.heard(std::move(entry.channel));
  if (const auto left_out = log_limit_.Allow()) {
    log_->info("a connection of {} at {} ended before it said what it wants: {}{}", entry.peer,
               entry.channel->remote_address(), std::string(status.message()), LeftOut(*left_out));
  }
  entry.channel->Abort(status);
}

void UnheardConnections::Stop(const absl::Status& why) {
  std::map<mpc::TlsChannel*, Entry> ended;
  {
    std::lock_guard lock(mutex_);
    stopped_ = why;
    ended.swap(waiting_);
  }
  for (const auto& [which, entry] : ended) {
    if (entry.channel != nullptr) entry.channel->Abort(why);
  }
}

}  // namespace care::engine
