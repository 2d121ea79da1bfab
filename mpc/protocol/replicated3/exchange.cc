#include "mpc/protocol/replicated3/exchange.h"

#include <algorithm>

#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

std::size_t PieceCount(std::size_t words) { return (words + kPieceWords - 1) / kPieceWords; }

template <typename Word>
std::span<Word> Piece(std::span<Word> words, std::size_t piece) {
  const std::size_t first = piece * kPieceWords;
  return words.subspan(first, std::min(kPieceWords, words.size() - first));
}

}  // namespace

absl::Status Exchange(std::vector<Outgoing> outgoing, std::vector<Incoming> incoming,
                      const std::function<void(std::size_t first, std::size_t count)>& produce) {
  std::size_t send_pieces = 0;
  std::size_t receive_pieces = 0;
  for (const Outgoing& message : outgoing)
    send_pieces = std::max(send_pieces, PieceCount(message.words.size()));
  for (const Incoming& message : incoming) {
    receive_pieces = std::max(receive_pieces, PieceCount(message.words.size()));
  }
  std::size_t sent = 0;
  const auto send_until = [&](std::size_t end) -> absl::Status {
    for (; sent < std::min(end, send_pieces); ++sent) {
      for (std::size_t m = 0; m < outgoing.size(); ++m) {
        if (sent >= PieceCount(outgoing[m].words.size())) continue;
        const auto piece = Piece(outgoing[m].words, sent);
        if (m == 0 && produce) produce(sent * kPieceWords, piece.size());
        CARE_RETURN_IF_ERROR(outgoing[m].channel->Send(
            {reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size_bytes()}));
      }
    }
    return absl::OkStatus();
  };
  for (std::size_t received = 0; received < receive_pieces; ++received) {
    CARE_RETURN_IF_ERROR(send_until(received + kPiecesInFlight));
    for (const Incoming& message : incoming) {
      if (received >= PieceCount(message.words.size())) continue;
      const auto piece = Piece(message.words, received);
      CARE_RETURN_IF_ERROR(
          message.channel->Receive({reinterpret_cast<std::uint8_t*>(piece.data()), piece.size_bytes()}));
    }
  }
  return send_until(send_pieces);
}

}  // namespace care::mpc
