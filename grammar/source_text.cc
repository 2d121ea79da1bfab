#include "grammar/source_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"

namespace care::sql {
namespace {

// Length of the UTF-8 sequence at `at`, or 0 if there is none: overlong forms, surrogates and values past
// U+10FFFF are not UTF-8.
std::size_t SequenceLength(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t index) -> unsigned {
    return index < text.size() ? static_cast<unsigned char>(text[index]) : 0;
  };
  const auto continues = [&](std::size_t index) { return (byte(index) & 0xc0) == 0x80; };
  const unsigned lead = byte(at);
  const unsigned second = byte(at + 1);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4 || !continues(at + 1)) return 0;
  if (lead < 0xe0) return 2;
  if (!continues(at + 2)) return 0;
  if (lead < 0xf0) {
    const bool overlong = lead == 0xe0 && second < 0xa0;
    const bool surrogate = lead == 0xed && second >= 0xa0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = lead == 0xf0 && second < 0x90;
  const bool beyond = lead == 0xf4 && second >= 0x90;
  return !continues(at + 3) || overlong || beyond ? 0 : 4;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Behind the quote that closes the one at `at`; npos if none does.
std::size_t EndOfQuoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] != quote) continue;
    if (at + 1 < text.size() && text[at + 1] == quote) {
      ++at;
      continue;
    }
    return at + 1;
  }
  return std::string_view::npos;
}

// Behind the comment at `at`, of either kind; npos if it is not closed.
std::size_t EndOfComment(std::string_view text, std::size_t at) {
  if (text[at] == '-') return std::min(text.find('\n', at), text.size());
  std::size_t open = 0;
  while (at + 1 < text.size()) {
    const std::string_view pair = text.substr(at, 2);
    if (pair == "/*") {
      ++open;
      at += 2;
    } else if (pair == "*/") {
      at += 2;
      if (--open == 0) return at;
    } else {
      ++at;
    }
  }
  return std::string_view::npos;
}

// Of each character's first byte; empty where every byte is a character.
std::vector<std::uint32_t> CharacterOffsets(std::string_view text) {
  std::vector<std::uint32_t> offsets;
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (std::all_of(text.begin(), text.end(), is_ascii)) return offsets;
  for (std::size_t at = 0; at < text.size(); at += SequenceLength(text, at)) {
    offsets.push_back(static_cast<std::uint32_t>(at));
  }
  return offsets;
}

}  // namespace

absl::StatusOr<SourceText> SourceText::Read(std::string_view sql) {
  if (sql.size() > kMaximumStatementBytes) {
    return QueryError(absl::StrCat("the statement has ", sql.size(), " bytes; at most ",
                                   kMaximumStatementBytes, " are accepted"));
  }
  SourceText source;
  source.sql_ = sql;
  CARE_RETURN_IF_ERROR(source.CheckEncoding());
  source.line_offsets_.push_back(0);
  for (std::size_t at = 0; at < sql.size(); ++at) {
    if (sql[at] == '\n') source.line_offsets_.push_back(static_cast<std::uint32_t>(at + 1));
  }
  source.character_offsets_ = CharacterOffsets(sql);
  CARE_RETURN_IF_ERROR(source.BlankComments());
  source.lexed_offsets_ = CharacterOffsets(source.without_comments_);
  return source;
}

absl::Status SourceText::CheckEncoding() const {
  for (std::size_t at = 0; at < sql_.size();) {
    if (sql_[at] == '\0') {
      return QueryError(absl::StrCat("the statement holds a NUL character at byte ", at + 1));
    }
    const std::size_t length = SequenceLength(sql_, at);
    if (length == 0) {
      return QueryError(absl::StrCat("the statement is not valid UTF-8 at byte ", at + 1),
                        "send the statement as UTF-8");
    }
    at += length;
  }
  return absl::OkStatus();
}

absl::Status SourceText::BlankComments() {
  without_comments_ = std::string(sql_);
  std::size_t at = 0;
  if (sql_.substr(0, 3) == "\xef\xbb\xbf") {  // A byte order mark, which editors leave behind.
    without_comments_.replace(0, 3, 3, ' ');
    at = 3;
  }
  while (at < sql_.size()) {
    const char c = sql_[at];
    if (c == '\'' || c == '"') {
      const std::size_t end = EndOfQuoted(sql_, at);
      if (end == std::string_view::npos) {
        return QueryError(sql_, OfBytes(at, sql_.size()),
                          c == '\'' ? "unterminated quoted string" : "unterminated quoted identifier",
                          c == '\'' ? "a quote inside a string is written twice: 'it''s'" : "");
      }
      at = end;
      continue;
    }
    const std::string_view pair = sql_.substr(at, 2);
    if (pair != "--" && pair != "/*") {
      ++at;
      continue;
    }
    const std::size_t end = EndOfComment(sql_, at);
    if (end == std::string_view::npos) {
      return QueryError(sql_, OfBytes(at, sql_.size()), "unterminated /* comment");
    }
    for (; at < end; ++at) {
      if (without_comments_[at] != '\n') without_comments_[at] = ' ';
    }
  }
  return absl::OkStatus();
}

std::size_t SourceText::ByteOf(std::size_t character) const {
  if (lexed_offsets_.empty()) return std::min(character, sql_.size());
  return character < lexed_offsets_.size() ? lexed_offsets_[character] : sql_.size();
}

std::size_t SourceText::CharacterOf(std::size_t byte) const {
  if (character_offsets_.empty()) return byte;
  const auto at = std::lower_bound(character_offsets_.begin(), character_offsets_.end(), byte);
  return static_cast<std::size_t>(at - character_offsets_.begin());
}

SourcePosition SourceText::OfCharacters(std::size_t begin, std::size_t end) const {
  return OfBytes(ByteOf(begin), ByteOf(end));
}

SourcePosition SourceText::OfBytes(std::size_t begin, std::size_t end) const {
  const auto after = std::upper_bound(line_offsets_.begin(), line_offsets_.end(), begin);
  const std::size_t line_offset = *(after - 1);
  SourcePosition position;
  position.line = static_cast<std::uint32_t>(after - line_offsets_.begin());
  position.column = static_cast<std::uint32_t>(CharacterOf(begin) - CharacterOf(line_offset) + 1);
  position.offset = static_cast<std::uint32_t>(begin);
  position.length = static_cast<std::uint32_t>(end > begin ? end - begin : 0);
  return position;
}

SourcePosition SourceText::End() const {
  std::size_t end = without_comments_.size();
  while (end > 0 && IsSpace(without_comments_[end - 1])) --end;
  return OfBytes(end, end);
}

}  // namespace care::sql
