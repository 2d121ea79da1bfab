#include "mpc/net/recording_channel.h"

#include <algorithm>

#include "engine/types/status_macros.h"

namespace care::mpc {

absl::Status RecordingChannel::Send(std::span<const std::uint8_t> message) {
  CARE_RETURN_IF_ERROR(inner_.Send(message));
  records_.push_back({MessageRecord::Direction::kSent, message.size()});
  return absl::OkStatus();
}

absl::Status RecordingChannel::Receive(std::span<std::uint8_t> message) {
  CARE_RETURN_IF_ERROR(inner_.Receive(message));
  KeepReceived(message);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::uint8_t>> RecordingChannel::ReceiveMessage(std::size_t max_bytes) {
  CARE_ASSIGN_OR_RETURN(std::vector<std::uint8_t> message, inner_.ReceiveMessage(max_bytes));
  KeepReceived(message);
  return message;
}

void RecordingChannel::KeepReceived(std::span<const std::uint8_t> message) {
  records_.push_back({MessageRecord::Direction::kReceived, message.size()});
  const std::size_t keep = std::min(message.size(), keep_received_bytes_ - received_.size());
  received_.insert(received_.end(), message.begin(), message.begin() + keep);
}

}  // namespace care::mpc
