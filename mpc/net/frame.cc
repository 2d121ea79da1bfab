#include "mpc/net/frame.h"

#include "mpc/net/origin.h"

namespace care::mpc {

std::array<std::uint8_t, kFrameHeaderBytes> FrameHeader(FrameKind kind, std::size_t payload_bytes) {
  std::array<std::uint8_t, kFrameHeaderBytes> header;
  const auto length = static_cast<std::uint32_t>(payload_bytes);
  for (std::size_t i = 0; i < 4; ++i) header[i] = static_cast<std::uint8_t>(length >> (8 * i));
  header[4] = static_cast<std::uint8_t>(kind);
  return header;
}

std::vector<std::uint8_t> AbortPayload(const absl::Status& why, const std::string& own_name) {
  const std::string own_or_origin = OriginOf(why).empty() ? own_name : OriginOf(why);
  const std::string origin = own_or_origin.substr(0, UINT16_MAX);
  const std::string text = MessageWithoutOrigin(why).substr(0, kMaxAbortText);
  std::vector<std::uint8_t> payload;
  payload.reserve(4 + origin.size() + text.size());
  payload.push_back(static_cast<std::uint8_t>(why.code()));
  payload.push_back(0);
  payload.push_back(static_cast<std::uint8_t>(origin.size()));
  payload.push_back(static_cast<std::uint8_t>(origin.size() >> 8));
  payload.insert(payload.end(), origin.begin(), origin.end());
  payload.insert(payload.end(), text.begin(), text.end());
  return payload;
}

}  // namespace care::mpc
