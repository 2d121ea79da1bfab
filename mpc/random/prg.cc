#include "mpc/random/prg.h"

#include <algorithm>
#include <bit>

#include "engine/types/check.h"

namespace care::mpc {

// Words and bytes are one stream: parties agree on it only if they agree on the order of bytes in a word.
static_assert(std::endian::native == std::endian::little,
              "shares are little-endian in memory and on the wire");

Prg::Prg(std::span<const std::uint8_t, kKeyBytes> key, bool detect_reuse, const Kernels& kernels)
    : key_(key, kernels), detect_reuse_(detect_reuse) {}

AesCounter Prg::Claim(std::uint32_t operation, std::uint8_t stream, std::uint32_t chunk) {
  if (detect_reuse_) CARE_CHECK(used_.insert({operation, stream, chunk}).second);
  return {.high = std::uint64_t{operation} << 32 | std::uint64_t{stream} << 24 | chunk >> 8,
          .low = std::uint64_t{chunk} << 56};
}

void Prg::Fill(std::uint32_t operation, std::uint8_t stream, std::uint32_t chunk,
               std::span<std::uint8_t> out) {
  const AesCounter counter = Claim(operation, stream, chunk);
  if (!out.empty()) kernels().key_stream(schedule(), counter, out.data(), out.size());
}

void Prg::FillWords(std::uint32_t operation, std::uint8_t stream, std::size_t first,
                    std::span<std::uint64_t> out) {
  CARE_CHECK(first % kChunkWords == 0);
  for (std::size_t done = 0; done < out.size(); done += kChunkWords) {
    const std::size_t chunk = (first + done) / kChunkWords;
    CARE_CHECK(chunk <= UINT32_MAX);
    const std::span<std::uint64_t> piece = out.subspan(done, std::min(kChunkWords, out.size() - done));
    Fill(operation, stream, static_cast<std::uint32_t>(chunk),
         {reinterpret_cast<std::uint8_t*>(piece.data()), piece.size_bytes()});
  }
}

}  // namespace care::mpc
