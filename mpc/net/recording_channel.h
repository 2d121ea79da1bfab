// mpc/net/recording_channel.h
//
// Listens at one end of another channel: the sizes and directions of all messages in order and, if asked,
// the bytes that arrived. Two runs over unlike data of like shape must record the same sizes in the same
// order, and what arrived must be indistinguishable from noise; both are tested with this, and an operator
// may look at what a node really received. It changes nothing on the way.
#pragma once

#include <cstdint>
#include <vector>

#include "mpc/net/channel.h"

namespace care::mpc {

struct MessageRecord {
  enum class Direction : std::uint8_t { kSent, kReceived };
  Direction direction;
  std::size_t bytes;
  friend bool operator==(const MessageRecord&, const MessageRecord&) = default;
};

class RecordingChannel final : public Channel {
 public:
  // `inner` is borrowed. Of the bytes that arrive it keeps the first `keep_received_bytes`.
  explicit RecordingChannel(Channel& inner, std::size_t keep_received_bytes = 0)
      : inner_(inner), keep_received_bytes_(keep_received_bytes) {}

  absl::Status Send(std::span<const std::uint8_t> message) override;
  absl::Status Receive(std::span<std::uint8_t> message) override;
  absl::StatusOr<std::vector<std::uint8_t>> ReceiveMessage(std::size_t max_bytes) override;
  void Abort(const absl::Status& why) override { inner_.Abort(why); }
  ChannelMeter meter() const override { return inner_.meter(); }

  const std::vector<MessageRecord>& records() const { return records_; }
  const std::vector<std::uint8_t>& received() const { return received_; }

 private:
  void KeepReceived(std::span<const std::uint8_t> message);

  Channel& inner_;
  const std::size_t keep_received_bytes_;
  std::vector<MessageRecord> records_;
  std::vector<std::uint8_t> received_;
};

}  // namespace care::mpc
