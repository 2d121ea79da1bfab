// engine/session/joint_queue.h
//
// One joint query at a time: a place in line. A node has two of these. Its analysts' queries first stand in line
// at home, in `admission`; the one whose turn it is then reserves all parties in the order of their names, its
// own node included, in each party's `queue`. So whoever holds a place only waits for places later in one order
// (home, then the parties by name), and queries asked at several nodes at once never wait in a circle, whichever
// of those who wait a line serves next. It also means that a party meets at most one query of each other party,
// however many are asked there.
//
// Which one is next: askers take turns, each with its oldest query. An analyst with fifty queries in line delays
// another's first by one.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>

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
    bool held() const { return queue_ != nullptr; }

   private:
    friend class JointQueue;
    Place(JointQueue* queue, std::uint64_t ticket) : queue_(queue), ticket_(ticket) {}
    JointQueue* queue_ = nullptr;
    std::uint64_t ticket_ = 0;
  };

  static constexpr std::size_t kUsualLength = 64;

  // Before the first Enter: how many may wait. Whoever would be one more is told at once.
  void LimitTo(std::size_t most_waiting) { most_waiting_ = most_waiting; }

  // Blocks until it is this query's turn, or `cancelled` (asked again after each Wake) gives an error. Tells
  // `waiting` how many are ahead, at first and when it changes; an error of it ends the wait too.
  absl::StatusOr<Place> Enter(const std::string& asker, const std::function<absl::Status()>& cancelled,
                              const std::function<absl::Status(std::size_t ahead)>& waiting);
  void Wake();
  // From now on nobody's turn comes: all who wait, and all who come, get `why`.
  void Close(const absl::Status& why);

  std::size_t waiting() const;

 private:
  struct Asker {
    std::string name;
    std::deque<std::uint64_t> tickets;  // the oldest first
  };

  void Leave(std::uint64_t ticket);
  void ServeNext();
  // 0: the ticket has its turn.
  std::size_t Ahead(std::uint64_t ticket) const;
  std::size_t CountWaiting() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status closed_;
  std::size_t most_waiting_ = kUsualLength;
  std::uint64_t served_ = 0;   // whose turn it is; 0: nobody's
  std::list<Asker> askers_;    // who wait; the first is served next
  std::uint64_t next_ticket_ = 1;
};

}  // namespace care::engine
