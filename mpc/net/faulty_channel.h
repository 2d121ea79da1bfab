// mpc/net/faulty_channel.h
//
// A link that fails on purpose, replayable from its seed: for proving that every party ends with the right
// answer or an error, never with a part or a wrong one. It models what an ordered, authenticated stream can
// do: be slow, break, fall silent, deliver a message of the wrong size. It does not flip or reorder bytes:
// TLS turns that into a broken link.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "mpc/net/channel.h"

namespace care::mpc {

struct FaultPlan {
  enum class Kind : std::uint8_t {
    kNone,
    kCut,       // the link breaks: Unavailable at both ends
    kSilence,   // this end's messages vanish from here on; both ends run into their deadlines
    kTruncate,  // one message arrives a byte short (empty ones as they are)
  };
  Kind kind = Kind::kNone;
  std::uint64_t after_messages = 0;  // sent by this end before the fault
  double delay_probability = 0;      // of each message sent
  std::chrono::microseconds longest_delay{0};
  std::uint64_t seed = 0;  // of the delays
};

class FaultyChannel final : public Channel {
 public:
  // `inner` is borrowed.
  FaultyChannel(Channel& inner, const FaultPlan& plan) : inner_(inner), plan_(plan), generator_(plan.seed) {}

  absl::Status Send(std::span<const std::uint8_t> message) override;
  absl::Status Receive(std::span<std::uint8_t> message) override { return inner_.Receive(message); }
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override {
    return inner_.ReceiveMessage(max_bytes);
  }
  void Abort(const absl::Status& why) override { inner_.Abort(why); }
  ChannelMeter meter() const override { return inner_.meter(); }

 private:
  Channel& inner_;
  const FaultPlan plan_;
  std::mt19937_64 generator_;
  std::uint64_t sent_ = 0;
};

}  // namespace care::mpc
