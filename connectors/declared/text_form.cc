#include "connectors/declared/text_form.h"

#include <utf8proc.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "engine/types/check.h"

namespace care::connectors {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080u;

// Bytes at the beginning of `text` that are ASCII and not NUL, looking at eight at a time; may stop early.
std::size_t PlainPrefix(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101u;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (((word | (word - kOnes)) & kHighBits) != 0) break;
  }
  return at;
}

// U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000 and ASCII's six.
std::size_t WhiteSpaceAtBegin(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  if (byte(0) == ' ' || (byte(0) >= 0x09 && byte(0) <= 0x0d)) return 1;
  if (byte(0) == 0xc2) return byte(1) == 0x85 || byte(1) == 0xa0 ? 2 : 0;
  if (byte(0) == 0xe1) return byte(1) == 0x9a && byte(2) == 0x80 ? 3 : 0;
  if (byte(0) == 0xe3) return byte(1) == 0x80 && byte(2) == 0x80 ? 3 : 0;
  if (byte(0) != 0xe2) return 0;
  if (byte(1) == 0x81) return byte(2) == 0x9f ? 3 : 0;
  if (byte(1) != 0x80) return 0;
  const unsigned char last = byte(2);
  return (last >= 0x80 && last <= 0x8a) || last == 0xa8 || last == 0xa9 || last == 0xaf ? 3 : 0;
}

std::size_t WhiteSpaceAtEnd(std::string_view text) {
  for (std::size_t length = 1; length <= 3 && length <= text.size(); ++length) {
    if (WhiteSpaceAtBegin(text.substr(text.size() - length)) == length) return length;
  }
  return 0;
}

}  // namespace

std::int64_t CountCharacters(std::string_view text) {
  std::size_t at = PlainPrefix(text);
  auto characters = static_cast<std::int64_t>(at);
  for (; at < text.size(); ++characters) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0) return -1;
    if (byte < 0x80) {
      ++at;
      continue;
    }
    const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4 || at + length > text.size()) return -1;
    std::uint32_t code = byte & (0xff >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xc0) != 0x80) return -1;
      code = code << 6 | (next & 0x3f);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (overlong || surrogate || code > 0x10ffff) return -1;
    at += length;
  }
  return characters;
}

bool IsAscii(std::string_view text) {
  for (std::size_t at = PlainPrefix(text); at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0x80) != 0) return false;
  }
  return true;
}

std::string_view TrimWhiteSpace(std::string_view text) {
  while (const std::size_t length = WhiteSpaceAtBegin(text)) text.remove_prefix(length);
  while (const std::size_t length = WhiteSpaceAtEnd(text)) text.remove_suffix(length);
  return text;
}

std::string_view Compose(std::string_view text, std::string& buffer) {
  if (IsAscii(text)) return text;
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &composed,
                                             static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(composed, &std::free);
  CARE_CHECK(size >= 0);  // the caller's text is well-formed
  buffer.assign(reinterpret_cast<const char*>(composed), static_cast<std::size_t>(size));
  return buffer;
}

}  // namespace care::connectors
