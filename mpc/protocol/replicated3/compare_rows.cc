// Many comparisons of rows with rows, the inner loop of sorting.
//
// a < b is the borrow of a - b: with c the borrow so far, c' = c ^ ((~a ^ c) & (b ^ c)), bit by bit from the lowest,
// one AND a bit (its masks and views as in boolean.cc). Pairs go in chunks whose planes are made once and stay in a
// shared cache while the borrow ripples; two chunks take turns, so that one computes while the other's messages
// travel.
//
//   Streams   stream 0 of the pair keys under one operation a bit; the chunk numbers the chunk.

#include <algorithm>
#include <array>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

constexpr std::size_t kTileWords = BitRows::kTileWords;
constexpr std::size_t kTileStride = BitRows::kTileStride;
constexpr std::size_t kTilePairs = BitRows::kTilePairs;
constexpr std::size_t kChunkTiles = 64;  // 256K pairs: 32 KiB a message
constexpr std::size_t kChunkWords = kChunkTiles * kTileWords;
constexpr std::size_t kChunkPairs = kChunkTiles * kTilePairs;
constexpr std::size_t kInFlight = 2;

}  // namespace

void Replicated3::StartRipple(BitRows& rows, RippleChunk& chunk) {
  const std::size_t tiles = (chunk.pairs.size() + kTilePairs - 1) / kTilePairs;
  const std::size_t tile_size = rows.tile_size();
  if (chunk.right.size() < tiles * tile_size) chunk.right.resize(tiles * tile_size);
  chunk.left.resize(tiles);
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const auto pairs = chunk.pairs.subspan(tile * kTilePairs,
                                           std::min(kTilePairs, chunk.pairs.size() - tile * kTilePairs));
    chunk.left[tile] = rows.GatherLeft(chunk.number * kChunkTiles + tile, pairs);
    rows.GatherRight(pairs, std::span(chunk.right).subspan(tile * tile_size, tile_size));
  }
  for (unsigned part = 0; part < 2; ++part) {
    chunk.borrow[part].assign(chunk.words(), 0);
    chunk.product[part].resize(chunk.words());
  }
}

// Share 0 of the product, masked: what the previous party gets.
void Replicated3::ComputeRipple(std::uint32_t operation, unsigned bit, unsigned width, RippleChunk& chunk) {
  // ~a complements share 0, which P0 keeps first and P2 second.
  const std::uint64_t flip0 = role_ == 0 ? ~std::uint64_t{0} : 0;
  const std::uint64_t flip1 = role_ == 2 ? ~std::uint64_t{0} : 0;
  const std::size_t words = chunk.words();
  const Kernels& kernels = prg_with_next_.kernels();
  prg_with_previous_.Claim(operation, 0, chunk.number);
  AesCounter counter = prg_with_next_.Claim(operation, 0, chunk.number);
  constexpr std::size_t kBatchWords = 8 * kTileWords;  // operands of a batch stay in the first cache
  std::array<std::array<std::uint64_t, kBatchWords>, 4> operands;
  auto& [x0, x1, y0, y1] = operands;
  const std::size_t part = width * kTileStride;
  for (std::size_t first = 0; first < words; first += kBatchWords) {
    const std::size_t batch = std::min(kBatchWords, words - first);
    for (std::size_t done = 0; done < batch; done += kTileWords) {
      const std::size_t tile = (first + done) / kTileWords;
      const std::uint64_t* a = chunk.left[tile].data() + bit * kTileStride;
      const std::uint64_t* b = chunk.right.data() + tile * 2 * part + bit * kTileStride;
      const std::uint64_t* c0 = chunk.borrow[0].data() + first + done;
      const std::uint64_t* c1 = chunk.borrow[1].data() + first + done;
      const std::size_t count = std::min(kTileWords, batch - done);
      kernels.xor_words(a, c0, flip0, x0.data() + done, count);
      kernels.xor_words(a + part, c1, flip1, x1.data() + done, count);
      kernels.xor_words(b, c0, 0, y0.data() + done, count);
      kernels.xor_words(b + part, c1, 0, y1.data() + done, count);
    }
    const ShareProduct product = {x0.data(), x1.data(), y0.data(), y1.data(), chunk.product[0].data() + first, batch};
    kernels.and_masked(product, prg_with_next_.schedule(), prg_with_previous_.schedule(), counter);
    counter.low += batch * sizeof(std::uint64_t) / 16;  // all batches but the last are whole blocks
  }
}

absl::StatusOr<BitColumn> Replicated3::LessThanRows(BitRows& rows, std::span<const RowPair> pairs) {
  const unsigned width = rows.width();
  CARE_CHECK(width > 0 && rows.part_count() == 2);
  const std::uint32_t first_operation = NextOperations(width);
  rounds_ += width;
  BitColumn less(pairs.size(), 1, 2);
  const auto bytes = [](std::span<std::uint64_t> words) {
    return std::span(reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes());
  };
  const auto receive = [&](RippleChunk& chunk) -> absl::Status {
    CARE_RETURN_IF_ERROR(next_.Receive(bytes(chunk.product[1])));
    for (unsigned part = 0; part < 2; ++part) {
      std::uint64_t* borrow = chunk.borrow[part].data();
      prg_with_next_.kernels().xor_words(borrow, chunk.product[part].data(), 0, borrow, chunk.words());
    }
    return absl::OkStatus();
  };
  ripple_chunks_.resize(kInFlight);
  for (std::size_t first = 0; first < pairs.size(); first += kInFlight * kChunkPairs) {
    std::vector<RippleChunk*> chunks;
    for (std::size_t begin = first; begin < std::min(pairs.size(), first + kInFlight * kChunkPairs);
         begin += kChunkPairs) {
      RippleChunk& chunk = *chunks.emplace_back(&ripple_chunks_[chunks.size()]);
      chunk.pairs = pairs.subspan(begin, std::min(kChunkPairs, pairs.size() - begin));
      chunk.number = static_cast<std::uint32_t>(begin / kChunkPairs);
      StartRipple(rows, chunk);
    }
    for (unsigned bit = 0; bit < width; ++bit) {
      for (RippleChunk* chunk : chunks) {
        if (bit > 0) CARE_RETURN_IF_ERROR(receive(*chunk));
        ComputeRipple(first_operation + bit, bit, width, *chunk);
        CARE_RETURN_IF_ERROR(previous_.Send(bytes(chunk->product[0])));
      }
    }
    for (RippleChunk* chunk : chunks) {
      CARE_RETURN_IF_ERROR(receive(*chunk));
      for (unsigned part = 0; part < 2; ++part) {
        std::ranges::copy(chunk->borrow[part],
                          less.part(part).words().begin() +
                              static_cast<std::ptrdiff_t>(chunk->number * kChunkWords));
      }
    }
  }
  return less;
}

}  // namespace care::mpc
