#include "engine/exec/local/text_functions.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/status/status.h"

namespace care::engine {
namespace {

bool StartsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

// The characters of a text, each a view of its bytes.
std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + 1;
    while (end < text.size() && !StartsCharacter(text[end])) ++end;
    characters.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return characters;
}

// The end of the first `count` characters.
std::size_t OffsetOf(std::string_view text, std::int64_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    ++at;
    while (at < text.size() && !StartsCharacter(text[at])) ++at;
  }
  return at;
}

}  // namespace

std::int64_t CharacterLength(std::string_view text) {
  return std::count_if(text.begin(), text.end(), StartsCharacter);
}

std::string LowerAscii(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string UpperAscii(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

absl::StatusOr<std::string> Substring(std::string_view text, std::int64_t from, const std::int64_t* length) {
  std::int64_t end = std::numeric_limits<std::int64_t>::max();
  if (length != nullptr) {
    if (*length < 0) return absl::InvalidArgumentError("negative substring length not allowed");
    if (__builtin_add_overflow(from, *length, &end)) end = std::numeric_limits<std::int64_t>::max();
  }
  const std::int64_t begin = std::max<std::int64_t>(from, 1);
  if (end <= begin) return std::string();
  const std::string_view rest = text.substr(OffsetOf(text, begin - 1));
  return std::string(rest.substr(0, OffsetOf(rest, end - begin)));
}

std::string Trim(std::string_view text, std::string_view characters, TrimSide side) {
  const std::vector<std::string_view> set = Characters(characters);
  const std::vector<std::string_view> all = Characters(text);
  const auto trimmed = [&](std::string_view c) { return std::find(set.begin(), set.end(), c) != set.end(); };
  std::size_t begin = 0;
  std::size_t end = all.size();
  if (side != TrimSide::kTrailing) {
    while (begin < end && trimmed(all[begin])) ++begin;
  }
  if (side != TrimSide::kLeading) {
    while (end > begin && trimmed(all[end - 1])) --end;
  }
  std::string result;
  for (std::size_t i = begin; i < end; ++i) result.append(all[i]);
  return result;
}

std::string Replace(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string result;
  for (;;) {
    const std::size_t at = text.find(from);
    result.append(text.substr(0, at));
    if (at == std::string_view::npos) return result;
    result.append(to);
    text.remove_prefix(at + from.size());
  }
}

std::string Left(std::string_view text, std::int64_t count) {
  if (count < 0) count = std::max<std::int64_t>(0, CharacterLength(text) + count);
  return std::string(text.substr(0, OffsetOf(text, count)));
}

std::string Right(std::string_view text, std::int64_t count) {
  const std::int64_t dropped = count < 0 ? -count : std::max<std::int64_t>(0, CharacterLength(text) - count);
  return std::string(text.substr(OffsetOf(text, dropped)));
}

std::int64_t PositionOf(std::string_view text, std::string_view part) {
  const std::size_t at = text.find(part);
  return at == std::string_view::npos ? 0 : CharacterLength(text.substr(0, at)) + 1;
}

std::string Pad(std::string_view text, std::int64_t length, std::string_view fill, bool left) {
  if (length <= 0) return {};
  const std::int64_t missing = length - CharacterLength(text);
  if (missing <= 0 || fill.empty()) return std::string(text.substr(0, OffsetOf(text, length)));
  const std::vector<std::string_view> characters = Characters(fill);
  std::string padding;
  for (std::int64_t i = 0; i < missing; ++i) padding.append(characters[static_cast<std::size_t>(i) % characters.size()]);
  return left ? padding.append(text) : std::string(text).append(padding);
}

std::string InitCapAscii(std::string_view text) {
  std::string result(text);
  bool inside = false;  // a word: letters and digits of ASCII
  for (char& c : result) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool upper = c >= 'A' && c <= 'Z';
    if (lower && !inside) c = static_cast<char>(c - 'a' + 'A');
    if (upper && inside) c = static_cast<char>(c - 'A' + 'a');
    inside = lower || upper || (c >= '0' && c <= '9');
  }
  return result;
}

std::string Reverse(std::string_view text) {
  const std::vector<std::string_view> characters = Characters(text);
  std::string result;
  for (auto at = characters.rbegin(); at != characters.rend(); ++at) result.append(*at);
  return result;
}

std::string Repeat(std::string_view text, std::int64_t count) {
  std::string result;
  for (; count > 0 && !text.empty(); --count) result.append(text);
  return result;
}

std::string SplitPart(std::string_view text, std::string_view delimiter, std::int64_t part) {
  std::vector<std::string_view> parts;
  std::string_view rest = text;
  while (!delimiter.empty()) {
    const std::size_t at = rest.find(delimiter);
    if (at == std::string_view::npos) break;
    parts.push_back(rest.substr(0, at));
    rest.remove_prefix(at + delimiter.size());
  }
  parts.push_back(rest);
  const std::int64_t count = static_cast<std::int64_t>(parts.size());
  const std::int64_t index = part > 0 ? part - 1 : count + part;
  return index < 0 || index >= count ? std::string() : std::string(parts[static_cast<std::size_t>(index)]);
}

absl::StatusOr<bool> Like(std::string_view text, std::string_view pattern, std::string_view escape) {
  struct Element {
    enum Kind { kCharacter, kAnyOne, kAnyMany } kind;
    std::string_view character;
  };
  std::vector<Element> elements;
  const std::vector<std::string_view> written = Characters(pattern);
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (!escape.empty() && written[i] == escape) {
      if (++i == written.size()) {
        return absl::InvalidArgumentError("LIKE pattern must not end with escape character");
      }
      elements.push_back({Element::kCharacter, written[i]});
    } else if (written[i] == "%") {
      elements.push_back({Element::kAnyMany, {}});
    } else if (written[i] == "_") {
      elements.push_back({Element::kAnyOne, {}});
    } else {
      elements.push_back({Element::kCharacter, written[i]});
    }
  }
  // Greedy with one point of return: a later % makes earlier choices irrelevant.
  const std::vector<std::string_view> characters = Characters(text);
  std::size_t at = 0, element = 0;
  std::size_t retry_at = 0, retry_element = std::string_view::npos;
  while (at < characters.size()) {
    if (element < elements.size() && elements[element].kind == Element::kAnyMany) {
      retry_element = ++element;
      retry_at = at;
    } else if (element < elements.size() && (elements[element].kind == Element::kAnyOne ||
                                             elements[element].character == characters[at])) {
      ++element;
      ++at;
    } else if (retry_element != std::string_view::npos) {
      element = retry_element;
      at = ++retry_at;
    } else {
      return false;
    }
  }
  while (element < elements.size() && elements[element].kind == Element::kAnyMany) ++element;
  return element == elements.size();
}

}  // namespace care::engine
