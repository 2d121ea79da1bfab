#include "engine/session/joint_queue.h"

#include <utility>

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

std::size_t JointQueue::Ahead(std::uint64_t ticket) const {
  std::size_t ahead = 0;
  for (const std::uint64_t other : line_) {
    if (other == ticket) break;
    ++ahead;
  }
  return ahead;
}

absl::StatusOr<JointQueue::Place> JointQueue::Enter(const std::function<absl::Status()>& cancelled,
                                                    const std::function<absl::Status(std::size_t)>& waiting) {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = next_ticket_++;
  line_.push_back(ticket);
  Place place(this, ticket);
  std::size_t told = 0;
  while (true) {
    const std::size_t ahead = Ahead(ticket);
    lock.unlock();  // both callbacks may block, and the place may have to be given back
    CARE_RETURN_IF_ERROR(cancelled());
    if (ahead == 0) return place;
    if (ahead != told) CARE_RETURN_IF_ERROR(waiting(ahead));
    told = ahead;
    lock.lock();
    // Wake() without a change of the line must be seen too, so a cancellation between the unlock and the wait
    // would be lost: look again after a second at the latest.
    if (Ahead(ticket) == ahead) changed_.wait_for(lock, std::chrono::seconds(1));
  }
}

void JointQueue::Wake() {
  std::lock_guard lock(mutex_);
  changed_.notify_all();
}

std::size_t JointQueue::waiting() const {
  std::lock_guard lock(mutex_);
  return line_.empty() ? 0 : line_.size() - 1;
}

void JointQueue::Leave(std::uint64_t ticket) {
  std::lock_guard lock(mutex_);
  line_.remove(ticket);
  changed_.notify_all();
}

}  // namespace care::engine
