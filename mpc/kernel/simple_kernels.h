// mpc/kernel/simple_kernels.h
//
// Kernels made of other kernels of the same level, for levels that have nothing better. Each level gets a copy of its
// own (kernels.h says why).
#pragma once

#include "mpc/kernel/kernels.h"

namespace care::mpc {
namespace {

template <Kernels::MaskedProduct kAndMasked>
void BorrowByProducts(const BorrowStep& step, const AesSchedule& next, const AesSchedule& previous,
                      AesCounter counter) {
  constexpr std::size_t kBatch = 512;  // operands stay in the first cache
  std::uint64_t x0[kBatch], x1[kBatch], y0[kBatch], y1[kBatch];
  for (std::size_t first = 0; first < step.words; first += kBatch) {
    const std::size_t count = step.words - first < kBatch ? step.words - first : kBatch;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t k = first + i;
      const std::uint64_t c0 = step.c0[k] ^ step.product[k], c1 = step.c1[k] ^ step.received[k];
      step.c0[k] = c0;
      step.c1[k] = c1;
      x0[i] = step.a0[k] ^ step.not0 ^ c0;
      x1[i] = step.a1[k] ^ step.not1 ^ c1;
      const std::size_t b =
          step.b_groups[k / BorrowStep::kGroup] * BorrowStep::kGroup + k % BorrowStep::kGroup;
      y0[i] = step.b0[b] ^ c0;
      y1[i] = step.b1[b] ^ c1;
    }
    kAndMasked({.x0 = x0, .x1 = x1, .y0 = y0, .y1 = y1, .out = step.product + first, .words = count}, next,
               previous, counter);
    counter.low += count / 2;  // all batches but the last are whole blocks
  }
}

template <void (*kTranspose)(const std::uint64_t[64], std::uint64_t[64])>
void RowsToPlanesByBlocks(const std::uint64_t rows[Kernels::kRowsAtOnce], unsigned planes, std::uint64_t* out,
                          std::size_t stride) {
  constexpr std::size_t kBlocks = Kernels::kRowsAtOnce / 64;
  std::uint64_t blocks[kBlocks][64];
  for (std::size_t j = 0; j < kBlocks; ++j) kTranspose(rows + 64 * j, blocks[j]);
  for (unsigned p = 0; p < planes; ++p, out += stride) {
    for (std::size_t j = 0; j < kBlocks; ++j) out[j] = blocks[j][p];
  }
}

// Each item is written to both, and stays in one.
template <typename T>
void SplitItems(const T* in, const std::uint64_t* bits, std::size_t count, T* low, T* high) {
  for (std::size_t i = 0; i < count; ++i) {
    const T item = in[i];
    const std::uint64_t bit = bits[i / 64] >> (i % 64) & 1;
    *low = item;
    *high = item;
    low += bit;
    high += 1 - bit;
  }
}

}  // namespace
}  // namespace care::mpc
