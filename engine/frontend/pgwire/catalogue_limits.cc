#include "engine/frontend/pgwire/catalogue_limits.h"

#include <set>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

using Words = std::set<std::string_view>;

bool Names(const Token& token, const Words& words) { return token.IsName() && words.contains(token.text); }

const Words kDateTypes = {"date", "time", "timestamp", "timestamptz", "interval"};
const Words kNumberTypes = {"numeric", "decimal", "real", "double", "float", "float4", "float8"};
const Words kIntegerTypes = {"int", "integer", "int2", "int4", "int8", "smallint", "bigint"};

// One query: its tokens, and at each the depth of parentheses.
class LimitChecker {
 public:
  LimitChecker(const std::vector<Token>& tokens, bool reads_relation) : tokens_(tokens), reads_relation_(reads_relation) {}

  absl::Status Run() {
    int depth = 0;
    std::set<int> lists_all, reads_set;  // depths
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      const Token& token = tokens_[at];
      if (token.IsSymbol("(")) ++depth;
      if (token.IsSymbol(")")) --depth;
      CARE_RETURN_IF_ERROR(Check(at));
      if (token.IsSymbol("*") && at > 0 && tokens_[at - 1].IsWord("select")) lists_all.insert(depth);
      if (IsCalled(at) && (token.IsWord("generate_series") || token.IsWord("unnest"))) reads_set.insert(depth);
    }
    for (const int level : lists_all) {
      // SQLite would list its own columns of them.
      if (reads_set.contains(level)) return Refused("SELECT * beside a function that yields rows");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Refused(const std::string& what) const {
    return SqlStatus(sqlstate::kFeatureNotSupported,
                     absl::StrCat(what, reads_relation_ ? " is not supported in catalogue queries"
                                                        : " is not supported beside what only the catalogue knows"),
                     "constants by themselves are computed: SELECT CURRENT_DATE - 7");
  }

  bool IsCalled(std::size_t at) const { return at + 1 < tokens_.size() && tokens_[at + 1].IsSymbol("("); }
  // A column's name, or in a schema that is not the catalogue's.
  bool IsQualified(std::size_t at) const {
    return at > 1 && tokens_[at - 1].IsSymbol(".") && !tokens_[at - 2].IsWord("pg_catalog");
  }
  const Token* Before(std::size_t at) const { return at == 0 ? nullptr : &tokens_[at - 1]; }

  // A type's name where a cast names it: behind :: or in CAST(x AS type).
  bool IsCastTo(std::size_t at) const {
    std::size_t before = at;
    if (before >= 2 && tokens_[before - 1].IsSymbol(".") && tokens_[before - 2].IsWord("pg_catalog")) before -= 2;
    if (before == 0) return false;
    if (tokens_[before - 1].IsSymbol("::")) return true;
    if (!tokens_[before - 1].IsWord("as")) return false;
    int depth = 0;
    for (std::size_t open = before; open-- > 0;) {
      if (tokens_[open].IsSymbol(")")) ++depth;
      if (tokens_[open].IsSymbol("(") && depth-- == 0) return open > 0 && tokens_[open - 1].IsWord("cast");
    }
    return false;
  }
  // NULL::date is NULL.
  bool IsCastOfNull(std::size_t at) const {
    for (std::size_t before = at; before-- > 0;) {
      if (tokens_[before].IsSymbol("::") || tokens_[before].IsWord("as")) return before > 0 && tokens_[before - 1].IsWord("null");
    }
    return false;
  }

  bool IsNumberAt(std::size_t at) const { return at < tokens_.size() && tokens_[at].kind == TokenKind::kNumber; }
  // The call that a parenthesis closes: "count" of count(...).
  std::string ClosedCall(std::size_t at) const {
    int depth = 0;
    for (std::size_t open = at + 1; open-- > 0;) {
      if (tokens_[open].IsSymbol(")")) ++depth;
      if (tokens_[open].IsSymbol("(") && --depth == 0) return open > 0 ? tokens_[open - 1].text : std::string();
    }
    return {};
  }
  // An operator between whole numbers, which SQLite computes as PostgreSQL does: x::int / 100, COUNT(1) > 0.
  bool IsOfIntegers(std::size_t at) const {
    if (at == 0 || !IsNumberAt(at + 1)) return false;
    static const Words kCounts = {"count", "sum", "min", "max"};
    const Token& left = tokens_[at - 1];
    return left.kind == TokenKind::kNumber || (Names(left, kIntegerTypes) && IsCastTo(at - 1)) ||
           (left.IsSymbol(")") && kCounts.contains(ClosedCall(at - 1)));
  }
  // -1, as a constant.
  bool IsSign(std::size_t at) const {
    const Token* before = Before(at);
    return IsNumberAt(at + 1) && (before == nullptr || before->IsSymbol("(") || before->IsSymbol(",") || before->IsWord("select"));
  }
  // Of SELECT *, t.*, COUNT(*).
  bool IsStar(std::size_t at) const {
    const Token* before = Before(at);
    return tokens_[at].text == "*" && before != nullptr &&
           (before->IsWord("select") || before->IsSymbol(".") || before->IsSymbol(",") || before->IsSymbol("(") ||
            before->IsWord("all") || before->IsWord("distinct"));
  }

  absl::Status Check(std::size_t at) const {
    const Token& token = tokens_[at];
    if (token.kind == TokenKind::kNumber) {
      if (token.text.find_first_of(".eE") != std::string::npos) return Refused("a number with a point");
      if (token.text.size() > 18) return Refused("a number of more than 18 digits");
      return absl::OkStatus();
    }
    if (token.kind == TokenKind::kSymbol) return CheckOperator(at);
    if (!token.IsName() || IsQualified(at)) return absl::OkStatus();
    static const Words kClocks = {"current_date", "current_time", "localtime", "localtimestamp"};
    static const Words kNumberFunctions = {"avg", "stddev", "variance", "extract", "date_part", "date_trunc", "age", "round",
                                           "total", "abs", "power", "sqrt", "random", "mod"};
    const std::string name = absl::AsciiStrToUpper(token.text);
    if (token.kind == TokenKind::kWord && kClocks.contains(token.text)) return Refused(name);
    if (IsCalled(at) && kNumberFunctions.contains(token.text)) return Refused(name);
    const bool text_follows = at + 1 < tokens_.size() && tokens_[at + 1].kind == TokenKind::kString;
    if (token.kind == TokenKind::kWord && kDateTypes.contains(token.text) && text_follows) return Refused(name);
    if (!IsCastTo(at) || IsCastOfNull(at)) return absl::OkStatus();
    if (Names(token, kDateTypes) || Names(token, kNumberTypes)) return Refused(absl::StrCat("a cast to ", token.text));
    const bool varying = at + 1 < tokens_.size() && tokens_[at + 1].IsWord("varying");
    if (token.kind == TokenKind::kWord && (token.text == "char" || token.text == "character" || token.text == "bpchar") && !varying &&
        !(at > 0 && tokens_[at - 1].IsSymbol("."))) {
      return Refused(absl::StrCat("a cast to ", token.text));
    }
    return absl::OkStatus();
  }

  absl::Status CheckOperator(std::size_t at) const {
    static const Words kArithmetic = {"+", "-", "*", "/", "%", "<", ">", "<=", ">="};
    const std::string& symbol = tokens_[at].text;
    if (symbol == "^") return Refused(symbol);
    if ((symbol == "=" || symbol == "<>" || symbol == "!=") && at > 0 && at + 1 < tokens_.size()) {
      // SQLite takes no text for a number.
      const TokenKind left = tokens_[at - 1].kind, right = tokens_[at + 1].kind;
      const bool unlike = (left == TokenKind::kNumber && right == TokenKind::kString) ||
                          (left == TokenKind::kString && right == TokenKind::kNumber);
      return unlike ? Refused("a number compared with a text") : absl::OkStatus();
    }
    if (!kArithmetic.contains(symbol) || IsStar(at)) return absl::OkStatus();
    // Divided by zero SQLite has NULL.
    if ((symbol == "/" || symbol == "%") && !(IsNumberAt(at + 1) && tokens_[at + 1].text.find_first_not_of('0') != std::string::npos))
      return Refused(symbol);
    if (reads_relation_ || IsSign(at) || IsOfIntegers(at)) return absl::OkStatus();
    return Refused(symbol);
  }

  const std::vector<Token>& tokens_;
  const bool reads_relation_;
};

}  // namespace

absl::Status CheckCatalogueLimits(const std::vector<Token>& tokens, bool reads_relation) {
  return LimitChecker(tokens, reads_relation).Run();
}

}  // namespace care::engine::pgwire
