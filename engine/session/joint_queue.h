// engine/session/joint_queue.h
//
// One joint query at a time: a node's place in line. The asking node reserves all parties in the order of
// their names, its own included, so that queries asked at several nodes at once wait for each other and
// never in a circle. First come, first served.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>

#include "absl/status/statusor.h"

namespace care::engine {

class JointQueue {
 public:
  // Gives the place back when it goes.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place();

   private:
    friend class JointQueue;
    Place(JointQueue* queue, std::uint64_t ticket) : queue_(queue), ticket_(ticket) {}
    JointQueue* queue_ = nullptr;
    std::uint64_t ticket_ = 0;
  };

  // Blocks until nobody is ahead, or `cancelled` (asked again after each Wake) gives an error. Tells `waiting`
  // how many are ahead, at first and when it changes; an error of it ends the wait too.
  absl::StatusOr<Place> Enter(const std::function<absl::Status()>& cancelled,
                              const std::function<absl::Status(std::size_t ahead)>& waiting);
  void Wake();
  std::size_t waiting() const;

 private:
  void Leave(std::uint64_t ticket);
  std::size_t Ahead(std::uint64_t ticket) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::uint64_t> line_;  // the first has its turn
  std::uint64_t next_ticket_ = 1;
};

}  // namespace care::engine
