#include "grammar/query_error.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace care::sql {
namespace {

// Characters of a line that are shown, with the caret about in their middle.
constexpr std::size_t kWidth = 96;
constexpr std::string_view kEllipsis = "...";

// One entry a character: a UTF-8 sequence, or a space for a control character.
std::vector<std::string> Characters(std::string_view line) {
  std::vector<std::string> characters;
  for (char c : line) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) == 0x80 && !characters.empty()) {
      characters.back().push_back(c);
    } else {
      characters.emplace_back(1, byte < 0x20 || byte == 0x7f ? ' ' : c);
    }
  }
  return characters;
}

std::string_view LineAt(std::string_view sql, std::size_t offset) {
  const std::size_t before = offset == 0 ? std::string_view::npos : sql.rfind('\n', offset - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  std::string_view line = sql.substr(begin, sql.find('\n', begin) - begin);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::string Excerpt(std::string_view sql, SourcePosition position) {
  const std::vector<std::string> characters =
      Characters(LineAt(sql, std::min<std::size_t>(position.offset, sql.size())));
  const std::size_t caret = std::min<std::size_t>(position.column - 1, characters.size());
  std::size_t begin = 0;
  std::size_t end = characters.size();
  if (end > kWidth) {
    begin = caret > kWidth / 2 ? std::min(caret - kWidth / 2, end - kWidth) : 0;
    end = begin + kWidth;
  }
  std::string prefix = absl::StrCat("LINE ", position.line, ": ");
  if (begin > 0) absl::StrAppend(&prefix, std::string(kEllipsis));
  std::string excerpt = prefix;
  for (std::size_t at = begin; at < end; ++at) excerpt.append(characters[at]);
  if (end < characters.size()) excerpt.append(kEllipsis);
  return absl::StrCat(excerpt, "\n", std::string(prefix.size() + caret - begin, ' '), "^");
}

std::string Compose(std::string_view message, std::string_view excerpt, std::string_view hint) {
  std::string text = absl::StrCat("error: ", std::string(message));
  if (!excerpt.empty()) absl::StrAppend(&text, "\n", std::string(excerpt));
  if (!hint.empty()) absl::StrAppend(&text, "\nhint: ", std::string(hint));
  return text;
}

constexpr char kPartsPayload[] = "care/query-error";

// A statement holds no NUL, hence neither does an error about one.
std::string Encoded(std::string_view message, std::string_view hint, std::string_view offset) {
  std::string text(message);
  text.push_back('\0');
  text.append(hint);
  text.push_back('\0');
  return text.append(offset);
}

// Edit distance where swapping two neighbours counts once, as typing errors do.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  absl::AsciiStrToLower(&lower);
  return lower;
}

}  // namespace

absl::Status QueryError(std::string_view sql, SourcePosition position, std::string_view message,
                        std::string_view hint) {
  return WithQueryError(absl::InvalidArgumentError(Compose(message, Excerpt(sql, position), hint)),
                        Encoded(message, hint, std::to_string(position.offset)));
}

absl::Status QueryError(std::string_view message, std::string_view hint) {
  return WithQueryError(absl::InvalidArgumentError(Compose(message, {}, hint)), Encoded(message, hint, {}));
}

std::string EncodedQueryError(const absl::Status& status) {
  const auto payload = status.GetPayload(kPartsPayload);
  return payload.has_value() ? std::string(*payload) : std::string();
}

absl::Status WithQueryError(absl::Status status, const std::string& encoded) {
  if (!status.ok() && !encoded.empty()) status.SetPayload(kPartsPayload, absl::Cord(encoded));
  return status;
}

std::optional<QueryErrorParts> QueryErrorPartsOf(const absl::Status& status) {
  const std::string encoded = EncodedQueryError(status);
  const std::size_t first = encoded.find('\0');
  if (first == std::string::npos) return std::nullopt;
  const std::size_t second = encoded.find('\0', first + 1);
  if (second == std::string::npos) return std::nullopt;
  QueryErrorParts parts{encoded.substr(0, first), encoded.substr(first + 1, second - first - 1), std::nullopt};
  std::uint32_t offset = 0;
  if (absl::SimpleAtoi(encoded.substr(second + 1), &offset)) parts.offset = offset;
  return parts;
}

std::string NearestName(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestName = 128;
  if (name.size() > kLongestName) return {};
  const std::string wanted = LowerCase(name);
  std::string nearest;
  std::size_t nearest_distance = 0;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kLongestName) continue;
    const std::size_t distance = EditDistance(wanted, LowerCase(candidate));
    // One error in three letters is a misspelling; more is another name.
    const std::size_t allowed = std::max<std::size_t>(1, std::max(wanted.size(), candidate.size()) / 3);
    if (distance > allowed || distance >= std::max(wanted.size(), candidate.size())) continue;
    if (nearest.empty() || distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest;
}

}  // namespace care::sql
