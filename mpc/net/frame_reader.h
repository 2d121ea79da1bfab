// mpc/net/frame_reader.h
//
// Bytes of a peer, as they arrive, to messages. It stands between the network and everything else, so it takes any
// bytes: whatever is not a frame is an error, and it never holds more than one message of the largest size allowed.
// No sockets and no threads here: the tests and the fuzzer drive it with bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "mpc/net/frame.h"

namespace care::mpc {

class FrameReader {
 public:
  struct Message {
    std::vector<std::uint8_t> bytes;
  };
  struct Abort {
    absl::Status why;  // the peer's, with the party where it began
  };
  struct Goodbye {};
  using Event = std::variant<Message, Abort, Goodbye>;

  explicit FrameReader(std::size_t max_message) : max_message_(max_message) {}

  // Tells `event` what is complete, in order. After an error the stream has lost step: give it no more bytes.
  absl::Status Take(std::span<const std::uint8_t> bytes, const std::function<void(Event)>& event);

  void LimitMessages(std::size_t max_message) { max_message_ = max_message; }
  // Of the message that has not arrived in full.
  std::size_t held_bytes() const { return message_.size() + payload_.size(); }

 private:
  using Bytes = std::vector<std::uint8_t>;

  absl::Status CheckHeader();
  absl::Status TakeFrame(const std::function<void(Event)>& event);
  absl::Status TakeAbort(const std::function<void(Event)>& event);

  std::size_t max_message_;
  Bytes header_;
  Bytes payload_;
  std::size_t length_ = 0;  // of the payload, once the header is complete
  Bytes message_;           // parts so far of a message in several frames
};

}  // namespace care::mpc
