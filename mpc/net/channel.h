// mpc/net/channel.h
//
// An ordered, reliable, metered stream of messages to one peer. Protocol code sees this interface and
// never a socket: tests run over memory, recordings and faulty links; nodes over TLS.
//
// Every message has a size that both sides know from the plan, so Receive asks for exactly that many bytes
// and a difference is DataLoss (the parties have lost step). Control messages, whose size is their
// sender's choice, are read by ReceiveMessage under a limit.
//
// Send queues and returns; it blocks only while more than the channel's byte budget is queued. Large rounds
// go chunk by chunk, sending and receiving in step (protocol/replicated3), so two parties who both send
// first cannot deadlock. Receive blocks, without spinning, until the message, the peer's abort, a lost
// link (Unavailable) or the deadline (DeadlineExceeded).
//
// Abort tells the peer why this side gives up; the peer's next Receive returns that status. After an
// abort or an error a channel stays failed: nothing is retried, the next query makes new channels and keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace care::mpc {

struct ChannelMeter {
  std::uint64_t bytes_sent = 0;  // payload, without framing or TLS
  std::uint64_t bytes_received = 0;
  std::uint64_t messages_sent = 0;
  std::uint64_t messages_received = 0;
};

class Channel {
 public:
  virtual ~Channel() = default;

  virtual absl::Status Send(std::span<const std::uint8_t> message) = 0;
  virtual absl::Status Receive(std::span<std::uint8_t> message) = 0;
  virtual absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) = 0;
  virtual void Abort(const absl::Status& why) = 0;
  virtual ChannelMeter meter() const = 0;
};

}  // namespace care::mpc
