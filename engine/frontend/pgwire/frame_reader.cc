#include "engine/frontend/pgwire/frame_reader.h"

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"

namespace care::engine::pgwire {
namespace {

std::uint32_t BigEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

}  // namespace

absl::StatusOr<std::optional<Message>> FrameReader::Next() {
  const std::string_view rest = std::string_view(buffer_).substr(taken_);
  const std::size_t type_bytes = startup_ ? 0 : 1;
  if (rest.size() < type_bytes + 4) return std::optional<Message>();
  const std::size_t length = BigEndian(rest.substr(type_bytes, 4));
  if (length < (startup_ ? 8u : 4u) || length > limit_) {
    return SqlStatus(
        sqlstate::kProtocolViolation,
        absl::StrCat("a message's length is not understood: at most ", limit_, " bytes are accepted"));
  }
  if (rest.size() < type_bytes + length) return std::optional<Message>();
  Message message{startup_ ? '\0' : rest[0], std::string(rest.substr(type_bytes + 4, length - 4))};
  taken_ += type_bytes + length;
  if (taken_ == buffer_.size()) {
    buffer_.clear();
    buffer_.shrink_to_fit();
    taken_ = 0;
  } else if (taken_ > buffer_.size() / 2) {  // moves each byte once on average
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  return std::optional<Message>(std::move(message));
}

std::string_view FieldReader::Bytes(std::size_t count) {
  if (!ok_ || rest_.size() < count) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return bytes;
}

std::int16_t FieldReader::Int16() { return static_cast<std::int16_t>(BigEndian(Bytes(2))); }
std::int32_t FieldReader::Int32() { return static_cast<std::int32_t>(BigEndian(Bytes(4))); }

char FieldReader::Byte() {
  const std::string_view byte = Bytes(1);
  return byte.empty() ? '\0' : byte[0];
}

std::string_view FieldReader::Text() {
  const std::size_t end = rest_.find('\0');
  if (end == std::string_view::npos) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return text;
}

std::string_view FieldReader::Rest() { return Bytes(rest_.size()); }

}  // namespace care::engine::pgwire
