// engine/frontend/pgwire/frame_reader.h
//
// Cuts the bytes of a client into the messages of PostgreSQL's protocol, version 3. Whatever a stranger sends is
// bounded before it is kept: a message of more than the limit is an error as soon as its length is read.
//
//   startup packet   {i32 length, itself included; i32 code; ...}: the first messages, which have no type
//   message          {u8 type; i32 length, itself included; ...}
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::engine::pgwire {

inline constexpr std::size_t kMaxStartupBytes = 10'000;
inline constexpr std::size_t kMaxMessageBytes = std::size_t{2} << 20;  // twice the longest statement

struct Message {
  char type = 0;  // 0: a startup packet
  std::string body;
};

class FrameReader {
 public:
  void Append(std::string_view bytes) { buffer_.append(bytes); }
  std::size_t buffered() const { return buffer_.size() - taken_; }
  // The next message, nothing if more bytes are needed, or InvalidArgument: the connection is beyond help.
  absl::StatusOr<std::optional<Message>> Next();
  // What follows has types, and may be long once the client is known.
  void ExpectMessages() { startup_ = false; }
  void Authenticated() { limit_ = kMaxMessageBytes; }

 private:
  std::string buffer_;
  std::size_t taken_ = 0;  // bytes of it that were handed out
  std::size_t limit_ = kMaxStartupBytes;
  bool startup_ = true;
};

// Reads the fields of one message. After a field that is not there everything is empty and ok() is false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view body) : rest_(body) {}
  std::int16_t Int16();
  std::int32_t Int32();
  std::string_view Text();  // up to a NUL, which is consumed
  std::string_view Bytes(std::size_t count);
  char Byte();
  std::string_view Rest();
  bool ok() const { return ok_; }
  bool finished() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace care::engine::pgwire
