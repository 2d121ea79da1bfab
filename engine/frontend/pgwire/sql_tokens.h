// engine/frontend/pgwire/sql_tokens.h
//
// Cuts a client's SQL into PostgreSQL's tokens, enough to tell statements apart, to see which relations one
// reads, and to rewrite catalogue queries. The dialect's own parser (grammar/) knows fewer tokens than clients
// send: E'' and dollar-quoted strings, brackets, OPERATOR(...).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine::pgwire {

enum class TokenKind : char {
  kWord,       // text: in lower case
  kQuoted,     // text: the name
  kString,     // text: its value
  kNumber,     // text: as written
  kParameter,  // $1; text: "1"
  kSymbol,     // text: "(", "::", "!~", ...
};

struct Token {
  TokenKind kind = TokenKind::kSymbol;
  std::string text;
  std::size_t begin = 0;  // bytes of the statement
  std::size_t end = 0;

  bool IsWord(std::string_view word) const { return kind == TokenKind::kWord && text == word; }
  bool IsSymbol(std::string_view symbol) const { return kind == TokenKind::kSymbol && text == symbol; }
  bool IsName() const { return kind == TokenKind::kWord || kind == TokenKind::kQuoted; }
};

// InvalidArgument with SQLSTATE 42601 if a quote or a comment is not closed.
absl::StatusOr<std::vector<Token>> TokenizeSql(std::string_view sql);

// The statements of one message, between semicolons; empty ones are left out.
struct StatementText {
  std::string_view sql;    // without the semicolon
  std::size_t begin = 0;   // byte of the message
  std::vector<Token> tokens;  // offsets are those of `sql`
};
absl::StatusOr<std::vector<StatementText>> SplitStatements(std::string_view sql);

}  // namespace care::engine::pgwire
