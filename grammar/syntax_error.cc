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

// What PostgreSQL has and this dialect has not, by its first word.
std::string RefusedWord(const std::string& upper) {
  static constexpr std::array<std::string_view, 7> kRefused = {"ARRAY", "COLLATE",     "FOR",  "INTO",
                                                               "ONLY",  "TABLESAMPLE", "TABLE"};
  if (upper == "CURRENT_TIME" || upper == "LOCALTIME" || upper == "OVERLAPS" || upper == "^") return upper;
  return std::find(kRefused.begin(), kRefused.end(), upper) != kRefused.end() ? upper : std::string();
}

// Hints that follow from the words around the place. `index` is the offending token's.
class Surroundings {
 public:
  Surroundings(const SourceText& source, antlr4::CommonTokenStream& tokens, std::size_t index)
      : source_(source), tokens_(tokens), index_(index) {}

  std::string Hint() const {
    const std::string here = Word(0);
    const std::string before = Word(1);
    if (before == "GROUP" || before == "ORDER" || before == "PARTITION") return absl::StrCat("write ", before, " BY");
    if ((here == "TIME" && before == "AT") || (here == "AT" && IsTime(tokens_.get(index_ + 1)))) return "leave out AT TIME ZONE: the time zone is UTC";
    if (here == "=" && before == "=") return "equality is written with one =";
    if (here == "&" || here == "|") return "conditions are joined by AND and OR, texts by ||";
    if (here == "$" || here == "`") return "a text is written in single quotes, a name in double ones";
    if (before == "IN" && here != "(") return "the values of IN stand in parentheses: IN (1, 2)";
    if (before == "(" && here == ")" && Word(2) == "IN") return "write one value at least";
    if (IsReservedName()) return absl::StrCat("a name that is a reserved word is written \"", Text(0), "\"");
    if (const std::string join = JoinWithoutCondition(); !join.empty()) return join;
    if (IsEnd() && OpenParentheses() > 0) return "a ( is not closed";
    return {};
  }

 private:
  const antlr4::Token* At(std::size_t back) const { return back <= index_ ? tokens_.get(index_ - back) : nullptr; }
  std::string Text(std::size_t back) const {
    const antlr4::Token* token = At(back);
    if (token == nullptr || token->getType() == antlr4::Token::EOF) return {};
    return std::string(source_.Slice(source_.OfCharacters(token->getStartIndex(), token->getStopIndex() + 1)));
  }
  std::string Word(std::size_t back) const { return UpperCase(Text(back)); }
  static bool IsTime(const antlr4::Token* token) { return token->getType() == P::TIME; }
  bool IsEnd() const { return At(0)->getType() == antlr4::Token::EOF; }
  bool IsReservedName() const {
    return At(0)->getType() == P::OTHER_RESERVED && index_ > 0 && RefusedWord(Word(0)).empty() &&
           (At(1)->getType() == P::IDENTIFIER || Word(1) == "AS" || Word(1) == "FROM" || Word(1) == ".");
  }

  std::size_t OpenParentheses() const {
    std::size_t open = 0;
    for (std::size_t back = index_; back > 0; --back) {
      if (Word(back) == "(") ++open;
      if (Word(back) == ")" && open > 0) --open;
    }
    return open;
  }

  // Of the last join before the place, at the same depth of parentheses.
  std::string JoinWithoutCondition() const {
    const std::string here = Word(0);
    const bool ends_join = IsEnd() || here == "WHERE" || here == "GROUP" || here == "ORDER" || here == "HAVING" ||
                           here == "LIMIT" || here == ")" || here == "UNION" || here == "ON" || here == ",";
    if (!ends_join) return {};
    std::size_t closed = 0;
    for (std::size_t back = 1; back <= index_; ++back) {
      const std::string word = Word(back);
      if (word == ")") ++closed;
      if (word == "(" && closed-- == 0) return {};
      if (closed > 0) continue;
      if (word == "ON" || word == "USING" || word == "FROM" || word == "SELECT" || word == "WHERE") return {};
      if (word != "JOIN") continue;
      std::size_t kind = back + 1;
      for (; kind <= index_ && (Word(kind) == "LEFT" || Word(kind) == "RIGHT" || Word(kind) == "FULL" ||
                                Word(kind) == "INNER" || Word(kind) == "OUTER");
           ++kind) {
      }
      const bool natural = kind <= index_ && (Word(kind) == "NATURAL" || Word(kind) == "CROSS");
      if (natural) return here == "ON" ? absl::StrCat("a ", Word(kind), " JOIN has no ON: leave out ", Word(kind)) : "";
      return here == "ON" ? "" : "a JOIN needs its condition: ON a.x = b.x, or USING (x)";
    }
    return {};
  }

  const SourceText& source_;
  antlr4::CommonTokenStream& tokens_;
  const std::size_t index_;
};

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
  if (hint.empty()) hint = Surroundings(source, tokens, index).Hint();
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
  const std::string refused = token->getType() == P::IDENTIFIER ? std::string() : RefusedWord(UpperCase(text));
  if (!refused.empty() && hint.empty()) {
    const std::string_view instead = refused.ends_with("TIME") ? "CURRENT_DATE and NOW() are agreed between the parties"
                                     : refused == "^"          ? "write POWER(x::double precision, y)"
                                     : refused == "OVERLAPS"   ? "write begin_a < end_b AND begin_b < end_a"
                                                               : "";
    return QueryError(source.sql(), position, absl::StrCat(refused, " is not supported here"), instead);
  }
  const bool ends_list = token->getType() == P::FROM || token->getType() == P::WHERE;
  if (ends_list && previous != nullptr && previous->getType() == P::COMMA) {
    hint = absl::StrCat("remove the comma before ", text);
  }
  return QueryError(source.sql(), position, absl::StrCat("syntax error at or near \"", text, "\""), hint);
}

}  // namespace care::sql
