// Whatever bytes a peer sends, in whatever pieces: messages come out whole, or an error before anything large is held.

#include "mpc/net/frame_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "mpc/net/origin.h"

namespace care::mpc {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes Frame(FrameKind kind, const Bytes& payload) {
  const auto header = FrameHeader(kind, payload.size());
  Bytes frame(header.begin(), header.end());
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// What came out, as text: one line an event.
struct Heard {
  std::string text;
  absl::Status status;
  std::size_t held = 0;
};

Heard Read(const Bytes& bytes, std::size_t piece, std::size_t max_message = 100) {
  FrameReader reader(max_message);
  Heard heard;
  for (std::size_t at = 0; at < bytes.size() && heard.status.ok(); at += piece) {
    heard.status = reader.Take(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)),
                               [&heard](const FrameReader::Event& event) {
                                 if (const auto* message = std::get_if<FrameReader::Message>(&event)) {
                                   heard.text += std::string(message->bytes.begin(), message->bytes.end()) + "\n";
                                 } else if (const auto* abort = std::get_if<FrameReader::Abort>(&event)) {
                                   heard.text += "abort " + std::string(abort->why.message()) + "\n";
                                 } else {
                                   heard.text += "goodbye\n";
                                 }
                               });
    heard.held = std::max(heard.held, reader.held_bytes());
  }
  return heard;
}

TEST(FrameReaderTest, WholeInAnyPieces) {
  const Bytes stream = Frame(FrameKind::kData, {'a', 'b'}) + Frame(FrameKind::kData, {}) +
                       Frame(FrameKind::kHeartbeat, {}) + Frame(FrameKind::kMore, {'c'}) +
                       Frame(FrameKind::kHeartbeat, {}) + Frame(FrameKind::kData, {'d'}) +
                       Frame(FrameKind::kAbort, AbortPayload(absl::CancelledError("stop"), "bureau")) +
                       Frame(FrameKind::kGoodbye, {});
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    const Heard heard = Read(stream, piece);
    EXPECT_TRUE(heard.status.ok()) << heard.status;
    EXPECT_EQ(heard.text, "ab\n\ncd\nabort bureau: stop\ngoodbye\n");
  }
}

TEST(FrameReaderTest, AMessageThatIsTooLargeEndsAtItsHeader) {
  const Bytes fits(100, 'x');
  EXPECT_TRUE(Read(Frame(FrameKind::kData, fits), 7).status.ok());
  const Heard one = Read(Frame(FrameKind::kData, Bytes(101, 'x')), 7);
  EXPECT_EQ(one.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_LE(one.held, 2u);  // what came in the header's piece at most
  const Heard parts = Read(Frame(FrameKind::kMore, Bytes(60)) + Frame(FrameKind::kData, Bytes(41)), 7);
  EXPECT_EQ(parts.status.code(), absl::StatusCode::kDataLoss);
  EXPECT_LE(parts.held, 100u);
  const Bytes huge{0xff, 0xff, 0xff, 0xff, static_cast<std::uint8_t>(FrameKind::kData)};
  EXPECT_EQ(Read(huge, 5, std::size_t{256} << 20).status.code(), absl::StatusCode::kDataLoss);
}

TEST(FrameReaderTest, FramesThatMakeNoSense) {
  for (const Bytes& frame : {
           Frame(static_cast<FrameKind>(0), {}),
           Frame(static_cast<FrameKind>(6), {}),
           Frame(static_cast<FrameKind>(255), {1, 2}),
           Frame(FrameKind::kMore, {}),  // could go on for ever without reaching a limit
           Frame(FrameKind::kHeartbeat, {1}),
           Frame(FrameKind::kGoodbye, {1}),
           Frame(FrameKind::kAbort, {}),
           Frame(FrameKind::kAbort, {1, 0, 9, 0, 'x'}),  // a name that is longer than the frame
           Frame(FrameKind::kAbort, Bytes(4 + kMaxAbortText + 1)),
       }) {
    EXPECT_EQ(Read(frame, 64).status.code(), absl::StatusCode::kDataLoss) << int{frame[4]};
  }
  // A code that absl does not have is still an error.
  EXPECT_EQ(Read(Frame(FrameKind::kAbort, {0, 0, 0, 0, 'x'}), 64).text, "abort x\n");
  EXPECT_EQ(Read(Frame(FrameKind::kAbort, {200, 0, 0, 0, 'x'}), 64).text, "abort x\n");
}

TEST(FrameReaderTest, NoiseIsHeldToTheLimit) {
  constexpr unsigned kSeed = 11;
  std::mt19937_64 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    Bytes noise(random() % 400);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random() % (round % 2 == 0 ? 256 : 8));
    const Heard heard = Read(noise, 1 + random() % 50);
    EXPECT_LE(heard.held, 100u + 2 * (4 + UINT16_MAX + kMaxAbortText)) << "seed " << kSeed;
  }
}

// A receiver who knows the size of what comes next gets it in the place that it offered, and only that.
TEST(FrameReaderTest, AnOfferedPlace) {
  enum class Outcome { kNothing, kInPlace, kMessage };
  struct Case {
    Bytes stream;
    std::size_t place;
    Outcome outcome;
  };
  const Bytes abc = {'a', 'b', 'c'};
  const std::vector<Case> cases = {
      {Frame(FrameKind::kData, abc), 3, Outcome::kInPlace},
      {Frame(FrameKind::kHeartbeat, {}) + Frame(FrameKind::kData, abc), 3, Outcome::kInPlace},
      {Frame(FrameKind::kData, abc), 4, Outcome::kMessage},
      {Frame(FrameKind::kData, abc), 2, Outcome::kMessage},
      {Frame(FrameKind::kMore, {'a'}) + Frame(FrameKind::kData, {'b', 'c'}), 2, Outcome::kMessage},
      {Frame(FrameKind::kMore, {'a'}) + Frame(FrameKind::kData, {'b', 'c'}), 3, Outcome::kMessage},
      {Frame(FrameKind::kMore, abc), 3, Outcome::kNothing},
  };
  for (const Case& one : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{4}, one.stream.size()}) {
      FrameReader reader(100);
      Bytes place(one.place);
      reader.Offer(place);
      Outcome outcome = Outcome::kNothing;
      for (std::size_t at = 0; at < one.stream.size(); at += piece) {
        ASSERT_TRUE(reader
                        .Take(std::span(one.stream).subspan(at, std::min(piece, one.stream.size() - at)),
                              [&](const FrameReader::Event& event) {
                                const auto* message = std::get_if<FrameReader::Message>(&event);
                                outcome = message == nullptr ? Outcome::kInPlace : Outcome::kMessage;
                                if (message != nullptr) {
                                  EXPECT_EQ(message->bytes, abc);
                                }
                              })
                        .ok());
      }
      EXPECT_EQ(outcome, one.outcome);
      EXPECT_EQ(place, one.outcome == Outcome::kInPlace ? abc : Bytes(one.place));
    }
  }
}

// A receiver who gives up takes its place back; what had arrived there is not lost, and nothing is written there later.
TEST(FrameReaderTest, AnOfferThatIsWithdrawn) {
  const Bytes stream = Frame(FrameKind::kData, {'a', 'b', 'c'}) + Frame(FrameKind::kData, {'d', 'e', 'f'});
  for (std::size_t before = 0; before < kFrameHeaderBytes + 3; ++before) {
    FrameReader reader(100);
    Bytes place(3, '-');
    std::string heard;
    const auto listen = [&](FrameReader::Event event) {
      const auto* message = std::get_if<FrameReader::Message>(&event);
      ASSERT_NE(message, nullptr);
      heard += std::string(message->bytes.begin(), message->bytes.end()) + " ";
    };
    reader.Offer(place);
    ASSERT_TRUE(reader.Take(std::span(stream).first(before), listen).ok());
    reader.Withdraw();
    const Bytes then = place;
    ASSERT_TRUE(reader.Take(std::span(stream).subspan(before), listen).ok());
    EXPECT_EQ(heard, "abc def ") << before;
    EXPECT_EQ(place, then) << before;
  }
}

}  // namespace
}  // namespace care::mpc
