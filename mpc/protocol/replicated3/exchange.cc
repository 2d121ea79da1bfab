#include "mpc/protocol/replicated3/exchange.h"

#include <algorithm>

#include "engine/types/status_macros.h"
#include "mpc/share/packed_words.h"
#include "mpc/share/ring_column.h"

namespace care::mpc {
namespace {

std::size_t PieceCount(std::size_t words) { return (words + kPieceWords - 1) / kPieceWords; }

template <typename Word>
std::span<Word> Piece(std::span<Word> words, std::size_t piece) {
  const std::size_t first = piece * kPieceWords;
  return words.subspan(first, std::min(kPieceWords, words.size() - first));
}

std::span<const std::uint8_t> Bytes(std::span<const std::uint64_t> words) {
  return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
}
std::span<std::uint8_t> WritableBytes(std::span<std::uint64_t> words) {
  return {reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()};
}

// Whole words: nothing to pack.
bool TravelsAsItIs(unsigned width) { return width % 64 == 0; }

std::size_t PackedWords(std::span<const std::uint64_t> elements, unsigned width) {
  return PackedWordCount(elements.size() / RingWords(width), width);
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

absl::Status SendElements(Channel& channel, unsigned width, std::span<const std::uint64_t> elements) {
  if (TravelsAsItIs(width)) return channel.Send(Bytes(elements));
  std::vector<std::uint64_t> packed(PackedWords(elements, width));
  PackWords(elements, width, packed);
  return channel.Send(Bytes(std::span<const std::uint64_t>(packed)));
}

absl::Status ReceiveElements(Channel& channel, unsigned width, std::span<std::uint64_t> elements) {
  if (TravelsAsItIs(width)) return channel.Receive(WritableBytes(elements));
  std::vector<std::uint64_t> packed(PackedWords(elements, width));
  CARE_RETURN_IF_ERROR(channel.Receive(WritableBytes(packed)));
  UnpackWords(packed, width, elements);
  return absl::OkStatus();
}

absl::Status ExchangeElements(unsigned width, std::vector<Outgoing> outgoing,
                              std::vector<Incoming> incoming) {
  if (TravelsAsItIs(width)) return Exchange(std::move(outgoing), std::move(incoming));
  std::vector<std::vector<std::uint64_t>> sent, received;
  std::vector<std::span<std::uint64_t>> elements;
  for (Outgoing& message : outgoing) {
    sent.emplace_back(PackedWords(message.words, width));
    PackWords(message.words, width, sent.back());
    message.words = sent.back();
  }
  for (Incoming& message : incoming) {
    elements.push_back(message.words);
    received.emplace_back(PackedWords(message.words, width));
    message.words = received.back();
  }
  CARE_RETURN_IF_ERROR(Exchange(std::move(outgoing), std::move(incoming)));
  for (std::size_t m = 0; m < elements.size(); ++m) UnpackWords(received[m], width, elements[m]);
  return absl::OkStatus();
}

}  // namespace care::mpc
