// Many comparisons of rows with rows, the inner loop of sorting.
//
// a < b is the borrow of a - b: with c the borrow so far, c' = c ^ ((~a ^ c) & (b ^ c)), bit by bit from the lowest,
// one AND a bit (its masks and views as in boolean.cc). Pairs go in chunks whose planes are made once; several are
// under way at once, so that some compute while the others' messages travel.
//
//   Streams   stream 0 of the pair keys under one operation a bit; the chunk numbers the chunk.

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/chunk_pipeline.h"
#include "mpc/protocol/replicated3/replicated3.h"
#include "mpc/share/compared_rows.h"

namespace care::mpc {
namespace {

// A message and its header fill one TLS record.
constexpr std::size_t kChunkWords = 2040;
constexpr std::size_t kInFlight = 4;

std::span<std::uint8_t> Bytes(std::span<std::uint64_t> words) {
  return {reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()};
}

}  // namespace

absl::StatusOr<BitColumn> Replicated3::LessThanRows(const ComparedRows& rows, std::span<const RowRun> runs) {
  const unsigned width = rows.width();
  CARE_CHECK(width > 0 && rows.part_count() == 2);
  const std::uint32_t first_operation = NextOperations(width);
  rounds_ += width;
  const std::size_t pairs = PairCount(runs);
  BitColumn less(pairs, 1, 2);
  const std::size_t all_words = less.part(0).words_per_plane();

  ChunkPlan plan;
  plan.chunk_words = std::min(kChunkWords, all_words);
  if (all_words > 0) plan.chunks = (all_words + plan.chunk_words - 1) / plan.chunk_words;
  plan.in_flight = std::min(kInFlight, plan.chunks);
  static_assert(BorrowStep::kGroup == PairReader::kGroupWords);
  // Whole groups, and one more: planes a power of two apart would share few sets of a cache.
  constexpr std::size_t kGroup = PairReader::kGroupWords;
  const std::size_t stride = (plan.chunk_words + kGroup - 1) / kGroup * kGroup + kGroup;
  const auto words_of = [&](std::size_t chunk) {
    return std::min(plan.chunk_words, all_words - chunk * plan.chunk_words);
  };
  if (ripple_chunks_.size() < plan.in_flight) ripple_chunks_.resize(plan.in_flight);
  PairReader reader(rows, runs);
  // Chunks start in order.
  const auto start = [&](std::size_t chunk, RippleChunk& state) {
    for (auto* side : {&state.left, &state.right}) {
      if (side->size() < rows.planes() * stride) side->resize(rows.planes() * stride);
    }
    const std::size_t first = chunk * plan.chunk_words * 64;
    state.right_groups.resize(stride / kGroup);
    reader.Read(std::min(words_of(chunk) * 64, pairs - first), state.left.data(), state.right.data(),
                state.right_groups.data(), stride);
    for (unsigned part = 0; part < 2; ++part) {
      state.borrow[part].assign(words_of(chunk), 0);
      state.product[part].assign(words_of(chunk), 0);
    }
  };

  const auto send = [&](std::size_t chunk, std::size_t slot, std::size_t bit) -> absl::Status {
    RippleChunk& state = ripple_chunks_[slot];
    if (bit == 0) start(chunk, state);
    const std::uint64_t* a = state.left.data() + bit * stride;
    const std::uint64_t* b = state.right.data() + bit * stride;
    const std::size_t part = width * stride;
    const BorrowStep step = {.a0 = a,
                             .a1 = a + part,
                             .b0 = b,
                             .b1 = b + part,
                             .b_groups = state.right_groups.data(),
                             // Share 0 is P0's first part and P2's second.
                             .not0 = role_ == 0 ? ~std::uint64_t{0} : 0,
                             .not1 = role_ == 2 ? ~std::uint64_t{0} : 0,
                             .c0 = state.borrow[0].data(),
                             .c1 = state.borrow[1].data(),
                             .product = state.product[0].data(),
                             .received = state.product[1].data(),
                             .words = words_of(chunk)};
    const AesCounter counter = ClaimBoth(first_operation + static_cast<std::uint32_t>(bit), chunk);
    kernels().borrow_masked(step, prg_with_next_.schedule(), prg_with_previous_.schedule(), counter);
    return previous_.Send(Bytes(state.product[0]));
  };
  const auto receive = [&](std::size_t, std::size_t slot, std::size_t) -> absl::Status {
    return next_.Receive(Bytes(ripple_chunks_[slot].product[1]));
  };
  const auto finish = [&](std::size_t chunk, std::size_t slot) {
    const RippleChunk& state = ripple_chunks_[slot];
    for (unsigned part = 0; part < 2; ++part) {
      kernels().xor_words(state.borrow[part].data(), state.product[part].data(), 0,
                          less.part(part).words().data() + chunk * plan.chunk_words, words_of(chunk));
    }
  };
  CARE_RETURN_IF_ERROR(RunChunks(plan, width, send, receive, finish));
  return less;
}

}  // namespace care::mpc
