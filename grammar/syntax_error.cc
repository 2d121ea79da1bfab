#include "grammar/syntax_error.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "CareSqlParser.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "grammar/query_error.h"

namespace care::sql {
namespace {

using P = caresql::CareSqlParser;

constexpr std::array<std::string_view, 14> kOtherStatements = {
    "ALTER",  "CALL",  "COPY",   "CREATE",   "DELETE", "DROP", "GRANT",
    "INSERT", "MERGE", "REVOKE", "TRUNCATE", "UPDATE", "LOCK", "VACUUM"};

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  absl::AsciiStrToUpper(&upper);
  return upper;
}

// "FORM" where FROM may have been meant; empty if the word is like no keyword, or is one.
std::string MisspeltKeyword(std::string_view word) {
  static constexpr std::array<std::string_view, 15> kKeywords = {
      "SELECT", "FROM",  "WHERE", "GROUP", "ORDER",   "HAVING", "LIMIT",   "JOIN",
      "LEFT",   "INNER", "USING", "UNION", "BETWEEN", "FILTER", "DISTINCT"};
  const std::string upper = UpperCase(word);
  if (upper.size() < 4) return {};
  if (std::find(kKeywords.begin(), kKeywords.end(), upper) != kKeywords.end()) return {};
  return NearestName(upper, std::vector<std::string>(kKeywords.begin(), kKeywords.end()));
}

}  // namespace

absl::Status SyntaxError(const SourceText& source, antlr4::CommonTokenStream& tokens, std::size_t index) {
  const auto position_of = [&](const antlr4::Token* token) {
    return source.OfCharacters(token->getStartIndex(), token->getStopIndex() + 1);
  };
  const antlr4::Token* token = tokens.get(index);
  const antlr4::Token* previous = index > 0 ? tokens.get(index - 1) : nullptr;
  std::string hint;
  const auto suggest = [&](const antlr4::Token* suspect) {
    if (suspect == nullptr || suspect->getType() != P::IDENTIFIER || !hint.empty()) return;
    const std::string_view word = source.Slice(position_of(suspect));
    const std::string keyword = MisspeltKeyword(word);
    if (!keyword.empty())
      hint = absl::StrCat("did you mean ", keyword, " instead of ", std::string(word), "?");
  };
  suggest(token);
  suggest(previous);
  if (token->getType() == antlr4::Token::EOF) {
    if (previous == nullptr) return QueryError("the statement is empty", "write a SELECT");
    return QueryError(source.sql(), source.End(), "syntax error at end of input", hint);
  }
  const SourcePosition position = position_of(token);
  const std::string text(source.Slice(position));
  if (token->getType() == P::NUMBER_WITH_TRAILING_JUNK) {
    return QueryError(source.sql(), position,
                      absl::StrCat("trailing junk after numeric literal at or near \"", text, "\""));
  }
  if (previous != nullptr && previous->getType() == P::SEMICOLON) {
    return QueryError(source.sql(), position, "only one statement may be sent at a time");
  }
  if (index == 0) {
    const std::string upper = UpperCase(text);
    if (std::find(kOtherStatements.begin(), kOtherStatements.end(), upper) != kOtherStatements.end()) {
      return QueryError(source.sql(), position,
                        absl::StrCat(upper, " is not accepted: data is only read here"),
                        "statements are SELECT, WITH, EXPLAIN, SHOW and SET");
    }
  }
  const bool ends_list = token->getType() == P::FROM || token->getType() == P::WHERE;
  if (ends_list && previous != nullptr && previous->getType() == P::COMMA) {
    hint = absl::StrCat("remove the comma before ", text);
  }
  return QueryError(source.sql(), position, absl::StrCat("syntax error at or near \"", text, "\""), hint);
}

}  // namespace care::sql
