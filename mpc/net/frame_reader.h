// mpc/net/frame_reader.h
//
// Bytes of a peer, as they arrive, to messages. It stands between the network and everything else, so it takes any
// bytes: whatever is not a frame is an error, and it never holds more than one message of the largest size allowed.
// No sockets and no threads here: the tests and the fuzzer drive it with bytes.
//
// Bytes are put where they belong (Room), so that a large message is not copied; Take copies, for whoever has them
// already. A receiver who waits for a message of a size that it knows may Offer the place for it.
#pragma once

#include <array>
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
  struct InPlace {};  // the message is where the receiver offered
  struct Abort {
    absl::Status why;  // the peer's, with the party where it began
  };
  struct Goodbye {};
  using Event = std::variant<Message, Abort, Goodbye, InPlace>;

  explicit FrameReader(std::size_t max_message) : max_message_(max_message) {}

  // Where the next bytes of the stream belong: at least one, and none beyond the frame that they are of.
  std::span<std::uint8_t> Room();
  // So many bytes are there now. Tells `event` what that completes: one thing at most. After an error the stream has
  // lost step: give it no more bytes.
  absl::Status Filled(std::size_t bytes, const std::function<void(Event)>& event);
  // As Room and Filled, in order, as often as it takes.
  absl::Status Take(std::span<const std::uint8_t> bytes, const std::function<void(Event)>& event);

  // If the next message begins after this, has exactly this size and is not cut into parts, its bytes go to `place`,
  // until Withdraw, which keeps what has arrived. Offers end with any message.
  void Offer(std::span<std::uint8_t> place);
  void Withdraw();

  void LimitMessages(std::size_t max_message) { max_message_ = max_message; }
  // Of the message that has not arrived in full, and not in an offered place.
  std::size_t held_bytes() const { return message_.size() + (in_place_ ? 0 : filled_); }

 private:
  using Bytes = std::vector<std::uint8_t>;

  absl::Status CheckHeader();
  absl::Status TakeFrame(const std::function<void(Event)>& event);
  absl::Status TakeAbort(const std::function<void(Event)>& event);

  std::size_t max_message_;
  std::array<std::uint8_t, kFrameHeaderBytes> header_ = {};
  std::size_t header_bytes_ = 0;
  std::size_t length_ = 0;  // of the payload, once the header is complete
  std::size_t filled_ = 0;  // of it
  Bytes payload_;           // grows as it arrives
  Bytes message_;           // parts so far of a message in several frames
  std::span<std::uint8_t> offered_;
  bool in_place_ = false;  // the payload goes to offered_
};

}  // namespace care::mpc
