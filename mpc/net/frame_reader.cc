#include "mpc/net/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/origin.h"

namespace care::mpc {
namespace {

// What a claim of a large message makes this side touch before the bytes are there.
constexpr std::size_t kGrowth = std::size_t{256} << 10;

}  // namespace

absl::Status FrameReader::Take(std::span<const std::uint8_t> bytes, const std::function<void(Event)>& event) {
  while (!bytes.empty()) {
    const std::span<std::uint8_t> room = Room();
    const std::size_t take = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), take);
    bytes = bytes.subspan(take);
    CARE_RETURN_IF_ERROR(Filled(take, event));
  }
  return absl::OkStatus();
}

std::span<std::uint8_t> FrameReader::Room() {
  if (header_bytes_ < kFrameHeaderBytes) return std::span(header_).subspan(header_bytes_);
  if (in_place_) return offered_.subspan(filled_);
  if (payload_.size() == filled_) payload_.resize(std::min(length_, filled_ + kGrowth));
  return std::span(payload_).subspan(filled_);
}

absl::Status FrameReader::Filled(std::size_t bytes, const std::function<void(Event)>& event) {
  if (header_bytes_ < kFrameHeaderBytes) {
    header_bytes_ += bytes;
    if (header_bytes_ < kFrameHeaderBytes) return absl::OkStatus();
    CARE_RETURN_IF_ERROR(CheckHeader());
    in_place_ = static_cast<FrameKind>(header_[4]) == FrameKind::kData && message_.empty() && length_ > 0 &&
                offered_.size() == length_;
    if (!in_place_) payload_.reserve(length_);
  } else {
    filled_ += bytes;
  }
  if (filled_ < length_) return absl::OkStatus();
  CARE_RETURN_IF_ERROR(TakeFrame(event));
  header_bytes_ = 0;
  filled_ = 0;
  payload_.clear();
  in_place_ = false;
  return absl::OkStatus();
}

void FrameReader::Offer(std::span<std::uint8_t> place) { offered_ = place; }

void FrameReader::Withdraw() {
  if (in_place_) {
    payload_.reserve(length_);
    payload_.assign(offered_.begin(), offered_.begin() + static_cast<std::ptrdiff_t>(filled_));
    in_place_ = false;
  }
  offered_ = {};
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
      offered_ = {};
      if (in_place_) {
        event(InPlace{});
        break;
      }
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
