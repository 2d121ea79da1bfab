// mpc/protocol/replicated3/chunk_pipeline.h
//
// Takes a long computation of several rounds through in chunks of rows, a few of them under way at once:
// while one chunk's message travels, the others compute. Working memory is that of the chunks under way,
// however many rows there are. The order of sending and receiving follows from public sizes, so it is the
// same at all parties and messages need no header.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "engine/types/status_macros.h"

namespace care::mpc {

struct ChunkPlan {
  std::size_t chunk_words = 0;  // of each plane; the last chunk may be shorter
  std::size_t chunks = 0;
  std::size_t in_flight = 0;

  // Messages of about kMessageWords where there are that many words: below, a system call weighs more than
  // the bytes do; above, a message does not stay in the caches between computing and encrypting.
  static constexpr std::size_t kMessageWords = 8192;
  // Chunks under way, so that a link of some latency is kept busy.
  static constexpr std::size_t kInFlight = 16;
  // All that may be sent before something is received; far below what a channel queues before it blocks.
  static constexpr std::size_t kWordsUnderWay = std::size_t{1} << 19;

  // `planes` travel in all rounds together, `widest` in one. `most_words` caps a chunk.
  static ChunkPlan For(std::size_t words_per_plane, std::size_t rounds, std::size_t planes,
                       std::size_t widest, std::size_t most_words) {
    ChunkPlan plan;
    if (words_per_plane == 0) return plan;
    const std::size_t average =
        kMessageWords * std::max<std::size_t>(rounds, 1) / std::max<std::size_t>(planes, 1);
    const std::size_t bound = kWordsUnderWay / kInFlight / std::max<std::size_t>(widest, 1);
    const std::size_t wanted = std::clamp<std::size_t>(std::min(average, bound), 8, most_words);
    plan.chunks = (words_per_plane + wanted - 1) / wanted;
    // Chunks of equal length; by whole cache lines.
    plan.chunk_words = ((words_per_plane + plan.chunks - 1) / plan.chunks + 7) / 8 * 8;
    plan.chunk_words = std::min({plan.chunk_words, most_words, words_per_plane});
    plan.chunks = (words_per_plane + plan.chunk_words - 1) / plan.chunk_words;
    plan.in_flight = std::min(kInFlight, plan.chunks);
    return plan;
  }
};

// For each chunk, in rounds 0, 1 .. rounds - 1: `send(chunk, slot, round)` computes and sends,
// `receive(chunk, slot, round)` takes what arrives; then `finish(chunk, slot)`. Chunks under way at once have
// different slots.
template <typename Send, typename Receive, typename Finish>
absl::Status RunChunks(const ChunkPlan& plan, std::size_t rounds, const Send& send, const Receive& receive,
                       const Finish& finish) {
  struct UnderWay {
    std::size_t chunk;
    std::size_t round;
  };
  if (rounds == 0) {
    for (std::size_t chunk = 0; chunk < plan.chunks; ++chunk) finish(chunk, 0);
    return absl::OkStatus();
  }
  std::vector<UnderWay> slots;
  for (std::size_t slot = 0; slot < plan.in_flight; ++slot) {
    slots.push_back({slot, 0});
    CARE_RETURN_IF_ERROR(send(slot, slot, 0));
  }
  std::size_t next_chunk = plan.in_flight;
  for (std::size_t done = 0; done < plan.chunks;) {
    for (std::size_t slot = 0; slot < slots.size(); ++slot) {
      UnderWay& at = slots[slot];
      if (at.chunk == plan.chunks) continue;  // nothing left for this slot
      CARE_RETURN_IF_ERROR(receive(at.chunk, slot, at.round));
      if (++at.round == rounds) {
        finish(at.chunk, slot);
        ++done;
        at = {next_chunk < plan.chunks ? next_chunk++ : plan.chunks, 0};
        if (at.chunk == plan.chunks) continue;
      }
      CARE_RETURN_IF_ERROR(send(at.chunk, slot, at.round));
    }
  }
  return absl::OkStatus();
}

}  // namespace care::mpc
