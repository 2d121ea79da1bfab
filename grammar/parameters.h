// grammar/parameters.h
//
// Puts literals in the place of $1, $2, ...: how a prepared statement of a client becomes the one text that all
// parties plan and write into their ledgers. The parser's own lexer says what is a parameter, so nothing inside a
// quoted text is touched, and a literal becomes exactly the token that it was made to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace care::sql {

class TextWithParameters {
 public:
  // `literals` in the order of their numbers. An error if the text names one that is not there.
  static absl::StatusOr<TextWithParameters> Replace(std::string_view sql, const std::vector<std::string>& literals);

  const std::string& sql() const { return sql_; }
  // The place in the text as the client sent it.
  std::size_t OriginalOffset(std::size_t offset) const;

 private:
  struct Replaced {
    std::size_t begin;     // in the new text
    std::size_t size;      // of the literal
    std::size_t original;  // in the old text
    std::size_t original_size;
  };
  std::string sql_;
  std::vector<Replaced> replaced_;
};

// 'text', quoted for this dialect.
std::string QuoteLiteral(std::string_view text);

}  // namespace care::sql
