// mpc/net/lanes.h
//
// Several ordered streams of messages over one link: a lane for each thread of a party that computes something of its own. A lane
// keeps every promise of channel.h by itself; messages of different lanes overtake each other as they come. Whoever waits for a
// message reads the link for all, so no thread is there for it and nothing spins.
//
// Every message is one of the link with a byte more in front, the lane's number. While lanes are in use nobody else may receive on the
// link, and both sides must have consumed all messages of all lanes before somebody does again.
//
// What is read for another lane waits here without a bound of its own: a lane is a few pieces ahead of its peer at most
// (protocol/replicated3/exchange.h), so that all together stay far below what a link keeps unread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "mpc/net/channel.h"

namespace care::mpc {

inline constexpr unsigned kMostLanes = 16;

class Lanes {
 public:
  // The link must outlive this, and this the use of its lanes.
  Lanes(Channel& link, unsigned count);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Aborting one aborts the link, and with it all.
  Channel& lane(unsigned number);

 private:
  class Lane;
  using Message = std::vector<std::uint8_t>;
  struct Waiting {
    std::deque<Message> messages;
    std::condition_variable changed;
    bool waits = false;
  };

  absl::Status Send(unsigned lane, std::span<const std::uint8_t> message);
  // With the lane's byte in front.
  absl::StatusOr<Message> Receive(unsigned lane);
  void HandOverReading();

  Channel& link_;
  std::mutex send_mutex_;
  Message outgoing_;  // under send_mutex_
  std::mutex mutex_;
  std::vector<std::unique_ptr<Waiting>> waiting_;
  bool is_reading_ = false;  // some lane's thread
  absl::Status failure_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace care::mpc
