#include "engine/session/joint_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {

JointQueue::Place::Place(Place&& other) noexcept
    : queue_(std::exchange(other.queue_, nullptr)), ticket_(other.ticket_) {}

JointQueue::Place& JointQueue::Place::operator=(Place&& other) noexcept {
  std::swap(queue_, other.queue_);
  std::swap(ticket_, other.ticket_);
  return *this;
}

JointQueue::Place::~Place() {
  if (queue_ != nullptr) queue_->Leave(ticket_);
}

std::size_t JointQueue::CountWaiting() const {
  std::size_t count = 0;
  for (const Asker& asker : askers_) count += asker.tickets.size();
  return count;
}

// Turns go round: before an asker's ticket number k come, of every asker, the tickets up to number k, without the
// last of those that stand behind it in the round.
std::size_t JointQueue::Ahead(std::uint64_t ticket) const {
  if (ticket == served_) return 0;
  std::size_t position = 0;
  auto own = askers_.begin();
  for (; own != askers_.end(); ++own) {
    const auto found = std::find(own->tickets.begin(), own->tickets.end(), ticket);
    if (found == own->tickets.end()) continue;
    position = static_cast<std::size_t>(found - own->tickets.begin());
    break;
  }
  std::size_t ahead = served_ == 0 ? 0 : 1;
  bool before = true;
  for (auto asker = askers_.begin(); asker != askers_.end(); ++asker) {
    if (asker == own) before = false;
    ahead += std::min(asker->tickets.size(), before ? position + 1 : position);
  }
  return ahead;
}

void JointQueue::ServeNext() {
  if (served_ != 0 || askers_.empty() || !closed_.ok()) return;
  Asker& next = askers_.front();
  served_ = next.tickets.front();
  next.tickets.pop_front();
  if (next.tickets.empty()) {
    askers_.pop_front();
  } else {
    askers_.splice(askers_.end(), askers_, askers_.begin());
  }
  changed_.notify_all();
}

absl::StatusOr<JointQueue::Place> JointQueue::Enter(const std::string& asker,
                                                    const std::function<absl::Status()>& cancelled,
                                                    const std::function<absl::Status(std::size_t)>& waiting) {
  std::unique_lock lock(mutex_);
  CARE_RETURN_IF_ERROR(closed_);
  if (const std::size_t count = CountWaiting(); served_ != 0 && count >= most_waiting_) {
    return absl::ResourceExhaustedError(absl::StrCat(count, count == 1 ? " query waits" : " queries wait",
                                                     " already and at most ", most_waiting_,
                                                     " may; this one would be number ", count + 1,
                                                     ". Ask again later"));
  }
  const std::uint64_t ticket = next_ticket_++;
  const auto known = std::find_if(askers_.begin(), askers_.end(), [&](const Asker& a) { return a.name == asker; });
  if (known != askers_.end()) {
    known->tickets.push_back(ticket);
  } else {
    askers_.push_back({asker, {ticket}});
  }
  ServeNext();
  Place place(this, ticket);
  std::size_t told = 0;
  while (true) {
    const std::size_t ahead = Ahead(ticket);
    const absl::Status closed = ticket == served_ ? absl::OkStatus() : closed_;
    lock.unlock();  // both callbacks may block, and the place may have to be given back
    CARE_RETURN_IF_ERROR(cancelled());
    CARE_RETURN_IF_ERROR(closed);
    if (ahead == 0) return place;
    if (ahead != told) CARE_RETURN_IF_ERROR(waiting(ahead));
    told = ahead;
    lock.lock();
    // Wake() without a change of the line must be seen too, so a cancellation between the unlock and the wait
    // would be lost: look again after a second at the latest.
    if (Ahead(ticket) == ahead && closed_.ok()) changed_.wait_for(lock, std::chrono::seconds(1));
  }
}

void JointQueue::Wake() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

void JointQueue::Close(const absl::Status& why) {
  std::lock_guard lock(mutex_);
  closed_ = why;
  changed_.notify_all();
}

std::size_t JointQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return CountWaiting();
}

void JointQueue::Leave(std::uint64_t ticket) {
  std::lock_guard lock(mutex_);
  if (ticket == served_) {
    served_ = 0;
  } else {
    for (auto asker = askers_.begin(); asker != askers_.end(); ++asker) {
      std::erase(asker->tickets, ticket);
      if (!asker->tickets.empty()) continue;
      askers_.erase(asker);
      break;
    }
  }
  ServeNext();
  changed_.notify_all();
}

}  // namespace care::engine
