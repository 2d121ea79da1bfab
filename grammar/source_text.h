// grammar/source_text.h
//
// The text of one statement, checked and made ready for the lexer: valid UTF-8 without NUL, of bounded
// length, quotes and comments closed. It translates between the lexer's character numbers and positions
// that people read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "grammar/ast.h"

namespace care::sql {

inline constexpr std::size_t kMaximumStatementBytes = 1'000'000;

class SourceText {
 public:
  // Keeps a view of `sql`, which must outlive it.
  static absl::StatusOr<SourceText> Read(std::string_view sql);

  std::string_view sql() const { return sql_; }

  // The text with every byte of a comment turned into a space: of the same length, so offsets agree.
  const std::string& without_comments() const { return without_comments_; }

  // Characters `begin` up to `end` (exclusive) of without_comments(), as the lexer counts them.
  SourcePosition OfCharacters(std::size_t begin, std::size_t end) const;
  SourcePosition OfBytes(std::size_t begin, std::size_t end) const;

  // Just behind the last token.
  SourcePosition End() const;

  std::string_view Slice(SourcePosition position) const {
    return sql_.substr(position.offset, position.length);
  }

 private:
  absl::Status CheckEncoding() const;
  absl::Status BlankComments();
  std::size_t ByteOf(std::size_t character) const;
  std::size_t CharacterOf(std::size_t byte) const;

  std::string_view sql_;
  std::string without_comments_;
  std::vector<std::uint32_t> line_offsets_;       // of each line's first byte
  std::vector<std::uint32_t> character_offsets_;  // of each character of sql_; empty if all are ASCII
  std::vector<std::uint32_t> lexed_offsets_;      // of each character of without_comments_; likewise
};

}  // namespace care::sql
