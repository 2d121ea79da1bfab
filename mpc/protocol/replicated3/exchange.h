// mpc/protocol/replicated3/exchange.h
//
// One round of messages, large or small, without deadlock and with bounded bytes in flight. A party may have
// something for each neighbour and expect something from each; every message goes in pieces, a few pieces
// ahead of what has been received, so that parties who all send first never fill each other's queues and a
// distant peer is still kept busy. Sizes are public, so both sides cut alike. An empty message is not sent.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "mpc/net/channel.h"

namespace care::mpc {

struct Outgoing {
  Channel* channel;
  std::span<const std::uint64_t> words;
};
struct Incoming {
  Channel* channel;
  std::span<std::uint64_t> words;
};

inline constexpr std::size_t kPieceWords = 65536;  // 64K ring elements: 512 KiB
inline constexpr std::size_t kPiecesInFlight = 8;  // 4 MiB a direction

// `produce(first, count)`, if given, is called once for each piece of the first outgoing message, in order,
// before it is sent: the next piece is computed while the last one is on its way.
absl::Status Exchange(std::vector<Outgoing> outgoing, std::vector<Incoming> incoming,
                      const std::function<void(std::size_t first, std::size_t count)>& produce = nullptr);

// Ring elements, each of which travels in exactly `width` bits (mpc/share/packed_words.h), whatever is above them: one
// message of at most a piece, and one round. Elements of more than 64 bits are two words each.
absl::Status SendElements(Channel& channel, unsigned width, std::span<const std::uint64_t> elements);
absl::Status ReceiveElements(Channel& channel, unsigned width, std::span<std::uint64_t> elements);
absl::Status ExchangeElements(unsigned width, std::vector<Outgoing> outgoing, std::vector<Incoming> incoming);

}  // namespace care::mpc
