// mpc/net/frame.h
//
// What goes over a TLS link: frames of {u32 length, little-endian; u8 kind; payload}. A message over kMaxFrame is cut
// into `more` frames and a last `data`. tls_channel.h says what each kind is for; frame_reader.h reads them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace care::mpc {

enum class FrameKind : std::uint8_t { kData = 1, kMore = 2, kAbort = 3, kHeartbeat = 4, kGoodbye = 5 };

inline constexpr std::size_t kFrameHeaderBytes = 5;
inline constexpr std::size_t kMaxFrame = std::size_t{16} << 20;
inline constexpr std::size_t kMaxAbortText = 8192;

// `payload_bytes` is at most kMaxFrame.
std::array<std::uint8_t, kFrameHeaderBytes> FrameHeader(FrameKind kind, std::size_t payload_bytes);

// {u16 status code, u16 length, party, text}. The party is where the error arose: the status' own origin, else
// `own_name`.
std::vector<std::uint8_t> AbortPayload(const absl::Status& why, const std::string& own_name);

}  // namespace care::mpc
