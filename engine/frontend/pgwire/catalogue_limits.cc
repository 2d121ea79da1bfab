#include "engine/frontend/pgwire/catalogue_limits.h"

#include <set>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"

namespace care::engine::pgwire {
namespace {

using Words = std::set<std::string_view>;

absl::Status Refused(const std::string& what, bool reads_relation) {
  return SqlStatus(sqlstate::kFeatureNotSupported,
                   absl::StrCat(what, reads_relation ? " is not supported in catalogue queries"
                                                     : " is not supported in a query that reads no table"),
                   "a SELECT without FROM computes constants by themselves: SELECT CURRENT_DATE - 7");
}

bool IsDateType(const Token& token) {
  static const Words kTypes = {"date", "time", "timestamp", "timestamptz", "interval"};
  return token.kind == TokenKind::kWord && kTypes.contains(token.text);
}

bool IsNumberType(const Token& token) {
  static const Words kTypes = {"numeric", "decimal", "real", "double", "float", "float4", "float8"};
  return token.kind == TokenKind::kWord && kTypes.contains(token.text);
}

// A type's name where a cast names it.
bool IsCastTo(const std::vector<Token>& tokens, std::size_t at) {
  std::size_t before = at;
  if (before >= 2 && tokens[before - 1].IsSymbol(".") && tokens[before - 2].IsWord("pg_catalog")) before -= 2;
  if (before == 0) return false;
  if (tokens[before - 1].IsSymbol("::")) return true;
  // CAST(x AS type), and no alias: the next token closes the call or says the type's length.
  return tokens[before - 1].IsWord("as") && at + 1 < tokens.size() &&
         (tokens[at + 1].IsSymbol(")") || tokens[at + 1].IsSymbol("(") || tokens[at + 1].IsWord("precision"));
}

// -1, as a constant.
bool IsSign(const std::vector<Token>& tokens, std::size_t at) {
  const bool before_number = at + 1 < tokens.size() && tokens[at + 1].kind == TokenKind::kNumber;
  const bool after_start =
      at == 0 || tokens[at - 1].IsSymbol("(") || tokens[at - 1].IsSymbol(",") || tokens[at - 1].IsWord("select");
  return before_number && after_start;
}

}  // namespace

absl::Status CheckCatalogueLimits(const std::vector<Token>& tokens, bool reads_relation) {
  static const Words kClocks = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"};
  static const Words kAlwaysWrong = {"avg", "stddev", "variance", "extract", "date_part", "date_trunc", "age", "round"};
  static const Words kComputing = {"sum", "count", "min", "max", "total", "abs", "power", "sqrt", "random", "mod"};
  static const Words kArithmetic = {"+", "-", "*", "/", "%", "^", "<", ">", "<=", ">="};
  static const Words kSetFunctions = {"generate_series", "unnest"};
  bool reads_set = false, lists_all = false;
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    const Token& token = tokens[at];
    const bool called = at + 1 < tokens.size() && tokens[at + 1].IsSymbol("(");
    const bool qualified = at > 0 && tokens[at - 1].IsSymbol(".");
    const auto refused = [&] { return Refused(absl::AsciiStrToUpper(token.text), reads_relation); };
    if (token.kind == TokenKind::kNumber) {
      if (token.text.find_first_of(".eE") != std::string::npos) return Refused("a number with a point", reads_relation);
      if (token.text.size() > 18) return Refused("a number of more than 18 digits", reads_relation);
    } else if (token.kind == TokenKind::kSymbol) {
      if (token.text == "/" || token.text == "%" || token.text == "^") return refused();
      lists_all = lists_all || (token.text == "*" && at > 0 && tokens[at - 1].IsWord("select"));
      const bool star = token.text == "*" && at > 0 &&
                        (tokens[at - 1].IsWord("select") || qualified || tokens[at - 1].IsSymbol(",") ||
                         tokens[at - 1].IsSymbol("(") || tokens[at - 1].IsWord("all") || tokens[at - 1].IsWord("distinct"));
      if (!reads_relation && kArithmetic.contains(token.text) && !star && !IsSign(tokens, at)) return refused();
    } else if (token.kind == TokenKind::kWord) {
      reads_set = reads_set || (called && kSetFunctions.contains(token.text));
      if (kClocks.contains(token.text) && !qualified) return refused();
      if (called && !qualified && kAlwaysWrong.contains(token.text)) return refused();
      if (called && !qualified && !reads_relation && kComputing.contains(token.text)) return refused();
      if ((IsDateType(token) || IsNumberType(token)) && IsCastTo(tokens, at))
        return Refused(absl::StrCat("a cast to ", token.text), reads_relation);
      static const Words kTexts = {"varchar", "char", "character", "bpchar", "varying"};
      if (kTexts.contains(token.text) && called && tokens.size() > at + 2 && tokens[at + 2].kind == TokenKind::kNumber)
        return Refused("a cast to a text of limited length", reads_relation);
      const bool literal = at + 1 < tokens.size() && tokens[at + 1].kind == TokenKind::kString;
      if (IsDateType(token) && literal) return refused();
    }
  }
  // SQLite would list its own columns of them.
  if (reads_set && lists_all) return Refused("SELECT * beside a function that yields rows", reads_relation);
  return absl::OkStatus();
}

}  // namespace care::engine::pgwire
