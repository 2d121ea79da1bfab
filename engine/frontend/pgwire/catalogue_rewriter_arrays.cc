// Arrays in a catalogue query: SQLite has none, so they are texts ({a,b}) and functions over them (catalogue_functions.h),
// and functions that yield their elements as rows are json_each.
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "engine/frontend/pgwire/catalogue_rewriting.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

bool ReservedAfterTable(const Token& token) {
  static const std::set<std::string_view> kWords = {"where", "join",  "left",    "right", "inner",
                                                    "cross", "full",  "on",      "order", "group",
                                                    "limit", "union", "natural", "using", "offset"};
  return token.kind == TokenKind::kWord && kWords.contains(token.text);
}

}  // namespace

absl::Status CatalogueRewriting::OnArray() {
  if (!out_.empty() && out_.back().IsSymbol("||") && (IsSymbol(1, "(") || IsSymbol(1, "["))) {
    // An array that is NULL adds nothing; {a}{b} reads as {a,b}.
    out_.pop_back();
    std::vector<Token> left = TakePrimary();
    EmitAll({Word("coalesce"), Symbol("(")});
    EmitAll(std::move(left));
    EmitAll({Symbol(","), Text(""), Symbol(")"), Symbol("||")});
  }
  if (IsSymbol(1, "(")) {
    at_ += 2;
    EmitAll({Symbol("("), Word("with"), Word("care_rows"), Symbol("("), Word("care_cell"), Symbol(")"),
             Word("as"), Symbol("(")});
    Open(Level::kArrayQuery);
    return absl::OkStatus();
  }
  if (IsSymbol(1, "[")) {
    at_ += 2;
    EmitAll({Word("care_array"), Symbol("(")});
    Open(Level::kArrayList);
    return absl::OkStatus();
  }
  ++at_;
  Emit(Word("array"));
  return absl::OkStatus();
}

// x = ANY (array) is care_in_array(x, array); x = ANY (SELECT ...) is x IN (SELECT ...).
absl::Status CatalogueRewriting::OnAny(bool all) {
  const bool equal = out_.back().IsSymbol("=") && !all;
  const bool unequal = (out_.back().IsSymbol("<>") || out_.back().IsSymbol("!=")) && all;
  if (!equal && !unequal) return NotUnderstood("this comparison with ANY or ALL");
  out_.pop_back();
  at_ += 2;
  if (IsWord(0, "select") || IsWord(0, "with") || IsWord(0, "values")) {
    if (unequal) Emit(Word("not"));
    EmitAll({Word("in"), Symbol("(")});
    Open(Level::kAnyQuery);
    return absl::OkStatus();
  }
  std::vector<Token> left = TakePrimary();
  if (unequal) Emit(Word("not"));
  EmitAll({Word("care_in_array"), Symbol("(")});
  EmitAll(std::move(left));
  Emit(Symbol(","));
  Open(Level::kPlain);
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OnSubscript() {
  std::vector<Token> array = TakePrimary();
  if (array.empty()) return SqlStatus(sqlstate::kSyntaxError, "[ has nothing before it");
  ++at_;
  EmitAll({Word("care_element"), Symbol("(")});
  EmitAll(std::move(array));
  Emit(Symbol(","));
  Open(Level::kSubscript);
  return absl::OkStatus();
}

// generate_series(a, b) AS s, unnest(x) WITH ORDINALITY AS s(value, number): json_each over an array made
// of it.
absl::Status CatalogueRewriting::OnSetFunction() {
  const std::string function = Peek()->text;
  const std::size_t select = level().opened, own_end = out_.size();
  at_ += 2;
  std::size_t depth = 1;
  EmitAll({Word("json_each"), Symbol("("),
           Word(function == "generate_series" ? "care_json_of_series" : "care_json_of_array"),
           Symbol("(")});
  Open(Level::kPlain);
  while (at_ < in_.size() && depth > 0) {
    if (IsSymbol(0, "(")) ++depth;
    if (IsSymbol(0, ")") && --depth == 0) break;
    CARE_RETURN_IF_ERROR(Step());
  }
  if (at_ >= in_.size()) return SqlStatus(sqlstate::kSyntaxError, "a parenthesis is not closed");
  ++at_;
  levels_.pop_back();
  EmitAll({Symbol(")"), Symbol(")")});
  if (IsWord(0, "with") && IsWord(1, "ordinality")) at_ += 2;
  if (IsWord(0, "as")) ++at_;
  std::string alias = function;
  if (IsName(0) && !ReservedAfterTable(*Peek())) {
    alias = Peek()->text;
    ++at_;
  }
  std::map<std::string, std::string> columns;
  if (IsSymbol(0, "(")) {
    ++at_;
    std::size_t number = 0;
    for (; Peek() != nullptr && !IsSymbol(0, ")"); ++at_) {
      if (!IsName(0)) continue;
      columns[Peek()->text] = number == 0 ? "value" : "key + 1";
      ++number;
    }
    ++at_;
  }
  EmitAll({Word("as"), {TokenKind::kQuoted, alias}});
  level().set_functions[alias] = std::move(columns);
  NameValues(select, own_end, alias);
  return absl::OkStatus();
}

// In the select list, before the alias was known: s is s.value there too.
void CatalogueRewriting::NameValues(std::size_t begin, std::size_t end, const std::string& alias) {
  std::vector<Token> named(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(begin));
  const auto is_symbol = [this](std::size_t at, std::string_view symbol) {
    return at < out_.size() && out_[at].IsSymbol(symbol);
  };
  for (std::size_t at = begin; at < out_.size(); ++at) {
    const bool alone = at < end && out_[at].IsWord(alias) && !is_symbol(at + 1, ".") &&
                       !is_symbol(at + 1, "(") &&
                       !(at > 0 && (is_symbol(at - 1, ".") || out_[at - 1].IsWord("as")));
    if (alone) {
      named.push_back({TokenKind::kQuoted, alias});
      named.push_back(Symbol("."));
      named.push_back(Word("value"));
    } else {
      named.push_back(std::move(out_[at]));
    }
  }
  out_ = std::move(named);
}

}  // namespace care::engine::pgwire
