// mpc/random/prg.h
//
// A pseudorandom generator under one key: AES-128 in counter mode. Two parties who hold the same key draw
// the same bytes without a message, which is where most masks of the protocol come from.
//
// The counter block is operation 32 | stream 8 | chunk 32 | block 56 bits, big-endian. The operation number
// is given once per primitive call, in plan order, the same at every party; streams keep apart the several
// uses that one operation makes of one key; the chunk is the position in a long column, so that no party
// depends on how another schedules its work. Drawing one (operation, stream, chunk) twice would be a
// two-time pad: debug builds, and whoever asks for it, check that nobody does.
//
// Not thread-safe: one Prg belongs to one thread.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <tuple>

#include "mpc/kernel/aes_key.h"

namespace care::mpc {

#ifdef NDEBUG
inline constexpr bool kDetectReuseByDefault = false;
#else
inline constexpr bool kDetectReuseByDefault = true;
#endif

class Prg {
 public:
  static constexpr std::size_t kKeyBytes = AesKey::kBytes;
  // FillWords draws a long column in chunks of this many words.
  static constexpr std::size_t kChunkWords = 8192;

  explicit Prg(std::span<const std::uint8_t, kKeyBytes> key, bool detect_reuse = kDetectReuseByDefault,
               const Kernels& kernels = BestKernels());

  void Fill(std::uint32_t operation, std::uint8_t stream, std::uint32_t chunk, std::span<std::uint8_t> out);

  // Words first, first + 1, ... of one stream, cut in chunks of kChunkWords. `first` is a multiple of
  // kChunkWords, so that a column drawn in pieces equals the column drawn at once.
  void FillWords(std::uint32_t operation, std::uint8_t stream, std::size_t first,
                 std::span<std::uint64_t> out);

  // For kernels that make a stream where they use it. Claim counts as one Fill of the chunk and gives its
  // first counter block, the same at every Prg.
  AesCounter Claim(std::uint32_t operation, std::uint8_t stream, std::uint32_t chunk);
  const AesSchedule& schedule() const { return key_.schedule(); }
  const Kernels& kernels() const { return key_.kernels(); }
  bool detects_reuse() const { return detect_reuse_; }

 private:
  AesKey key_;
  bool detect_reuse_;
  std::set<std::tuple<std::uint32_t, std::uint8_t, std::uint32_t>> used_;
};

}  // namespace care::mpc
