// Bytes of a peer. The first byte says in what pieces they arrive; however they are cut, the same comes out, and never
// more is held than the limit.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "mpc/net/frame_reader.h"

namespace {

using care::mpc::FrameReader;

constexpr std::size_t kMaxMessage = 1000;
// An abort is not a message; its own limit is in frame_reader.cc.
constexpr std::size_t kMaxHeld = kMaxMessage + 4 + UINT16_MAX + care::mpc::kMaxAbortText;

struct Outcome {
  std::string heard;
  bool lost_step = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome Read(std::span<const std::uint8_t> bytes, std::size_t piece) {
  FrameReader reader(kMaxMessage);
  Outcome outcome;
  while (!bytes.empty() && !outcome.lost_step) {
    const std::size_t take = std::min(piece, bytes.size());
    outcome.lost_step = !reader.Take(bytes.first(take), [&outcome](FrameReader::Event event) {
                                 if (const auto* message = std::get_if<FrameReader::Message>(&event)) {
                                   if (message->bytes.size() > kMaxMessage) std::abort();
                                   outcome.heard.append("message ").append(message->bytes.begin(), message->bytes.end());
                                 } else if (const auto* abort = std::get_if<FrameReader::Abort>(&event)) {
                                   if (abort->why.ok()) std::abort();
                                   outcome.heard.append("abort ").append(std::string(abort->why.message()));
                                 } else {
                                   outcome.heard.append("goodbye ");
                                 }
                               }).ok();
    if (reader.held_bytes() > kMaxHeld) std::abort();
    bytes = bytes.subspan(take);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> bytes(data + 1, size - 1);
  if (Read(bytes, 1 + data[0]) != Read(bytes, std::max<std::size_t>(bytes.size(), 1))) std::abort();
  return 0;
}
