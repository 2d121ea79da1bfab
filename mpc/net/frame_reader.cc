#include "mpc/net/frame_reader.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/origin.h"

namespace care::mpc {

absl::Status FrameReader::Take(std::span<const std::uint8_t> bytes, const std::function<void(Event)>& event) {
  while (!bytes.empty()) {
    if (header_.size() < kFrameHeaderBytes) {
      const std::size_t take = std::min(kFrameHeaderBytes - header_.size(), bytes.size());
      header_.insert(header_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
      bytes = bytes.subspan(take);
      if (header_.size() < kFrameHeaderBytes) break;
      CARE_RETURN_IF_ERROR(CheckHeader());
      if (length_ > bytes.size()) payload_.reserve(length_);
    }
    const std::size_t take = std::min(length_ - payload_.size(), bytes.size());
    payload_.insert(payload_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(take));
    bytes = bytes.subspan(take);
    if (payload_.size() < length_) break;
    CARE_RETURN_IF_ERROR(TakeFrame(event));
    header_.clear();
    payload_.clear();
  }
  return absl::OkStatus();
}

// Before anything is reserved for the payload.
absl::Status FrameReader::CheckHeader() {
  length_ = 0;
  for (std::size_t i = 0; i < 4; ++i) length_ |= std::size_t{header_[i]} << (8 * i);
  switch (static_cast<FrameKind>(header_[4])) {
    case FrameKind::kData:
    case FrameKind::kMore:
      if (length_ > kMaxFrame || message_.size() + length_ > max_message_) {
        return absl::DataLossError(absl::StrCat("a message of ", message_.size() + length_,
                                                " bytes or more, where at most ", max_message_, " are allowed"));
      }
      // Frames without payload would go on for ever and never reach a limit.
      if (length_ == 0 && static_cast<FrameKind>(header_[4]) == FrameKind::kMore) {
        return absl::DataLossError("a part of a message that is empty");
      }
      return absl::OkStatus();
    case FrameKind::kAbort:
      if (length_ < 4 || length_ > 4 + UINT16_MAX + kMaxAbortText) {
        return absl::DataLossError("an abort of the wrong length");
      }
      return absl::OkStatus();
    case FrameKind::kHeartbeat:
    case FrameKind::kGoodbye:
      if (length_ != 0) return absl::DataLossError("a heartbeat or goodbye with a payload");
      return absl::OkStatus();
  }
  return absl::DataLossError("a frame of unknown kind");
}

absl::Status FrameReader::TakeFrame(const std::function<void(Event)>& event) {
  switch (static_cast<FrameKind>(header_[4])) {
    case FrameKind::kHeartbeat:
      break;
    case FrameKind::kMore:
      message_.insert(message_.end(), payload_.begin(), payload_.end());
      break;
    case FrameKind::kData: {
      Bytes message = std::exchange(payload_, {});
      if (!message_.empty()) {
        message_.insert(message_.end(), message.begin(), message.end());
        message = std::exchange(message_, {});
      }
      event(Message{std::move(message)});
      break;
    }
    case FrameKind::kAbort:
      return TakeAbort(event);
    case FrameKind::kGoodbye:
      event(Goodbye{});
      break;
  }
  return absl::OkStatus();
}

absl::Status FrameReader::TakeAbort(const std::function<void(Event)>& event) {
  const int code = payload_[0] | payload_[1] << 8;
  const std::size_t name_bytes = static_cast<std::size_t>(payload_[2] | payload_[3] << 8);
  if (payload_.size() < 4 + name_bytes || payload_.size() > 4 + name_bytes + kMaxAbortText) {
    return absl::DataLossError("an abort of the wrong length");
  }
  const std::string text(reinterpret_cast<const char*>(payload_.data()), payload_.size());
  const bool known = code > 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated);
  const absl::Status why(known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown,
                         text.substr(4 + name_bytes));
  event(Abort{WithOrigin(why, text.substr(4, name_bytes))});
  return absl::OkStatus();
}

}  // namespace care::mpc
