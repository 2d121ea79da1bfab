#include "grammar/parameters.h"

#include <algorithm>
#include <cstdint>

#include "CareSqlLexer.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "antlr4-runtime.h"
#include "engine/types/status_macros.h"
#include "grammar/query_error.h"
#include "grammar/source_text.h"
#include "grammar/upper_case_stream.h"

namespace care::sql {

absl::StatusOr<TextWithParameters> TextWithParameters::Replace(std::string_view sql,
                                                               const std::vector<std::string>& literals) {
  CARE_ASSIGN_OR_RETURN(const SourceText source, SourceText::Read(sql));
  UpperCaseStream input(source.without_comments());
  caresql::CareSqlLexer lexer(&input);
  lexer.removeErrorListeners();
  antlr4::CommonTokenStream tokens(&lexer);
  tokens.fill();
  TextWithParameters text;
  std::size_t copied = 0;
  for (antlr4::Token* token : tokens.getTokens()) {
    if (token->getType() != caresql::CareSqlLexer::PARAMETER) continue;
    const SourcePosition position = source.OfCharacters(token->getStartIndex(), token->getStopIndex() + 1);
    std::uint32_t number = 0;
    if (!absl::SimpleAtoi(std::string(source.Slice(position).substr(1)), &number) || number == 0 ||
        number > literals.size()) {
      return QueryError(sql, position, absl::StrCat("there is no parameter ", std::string(source.Slice(position))));
    }
    text.sql_.append(sql.substr(copied, position.offset - copied));
    const std::string& literal = literals[number - 1];
    // A long literal may stand in many places: refused before it takes the memory, not when it is parsed.
    if (text.sql_.size() + literal.size() > kMaximumStatementBytes) {
      return QueryError(sql, position, absl::StrCat("the statement with its parameters is longer than ",
                                                    kMaximumStatementBytes, " bytes"));
    }
    text.replaced_.push_back({text.sql_.size(), literal.size(), position.offset, position.length});
    text.sql_.append(literal);
    copied = position.offset + position.length;
  }
  text.sql_.append(sql.substr(copied));
  return text;
}

std::size_t TextWithParameters::OriginalOffset(std::size_t offset) const {
  std::size_t original = offset;
  for (const Replaced& one : replaced_) {
    if (offset < one.begin) break;
    if (offset < one.begin + one.size) return one.original;
    original = offset - (one.begin + one.size) + one.original + one.original_size;
  }
  return original;
}

std::string QuoteLiteral(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted.push_back('\'');
    quoted.push_back(c);
  }
  quoted.push_back('\'');
  return quoted;
}

}  // namespace care::sql
