// Functions that yield rows. In FROM they are json_each over an array made of it. In a select list they all take a step for each
// row, as PostgreSQL's do: FROM gets a json_each of the steps up to the longest, and each function is its value at a step.
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
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

bool CatalogueRewriting::YieldsRows(std::string_view function) {
  return function == "generate_series" || function == "unnest" || function == "generate_subscripts" || function == "_pg_expandarray";
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
  NameValues(select, own_end, alias, columns);
  level().set_functions[alias] = std::move(columns);
  return absl::OkStatus();
}

// In the select list, before the alias was known: s is s.value there too, and s.n what n is called in s(n).
void CatalogueRewriting::NameValues(std::size_t begin, std::size_t end, const std::string& alias,
                                    const std::map<std::string, std::string>& columns) {
  std::vector<Token> named(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(begin));
  const auto is_symbol = [this](std::size_t at, std::string_view symbol) {
    return at < out_.size() && out_[at].IsSymbol(symbol);
  };
  for (std::size_t at = begin; at < out_.size(); ++at) {
    const bool stands = at < end && out_[at].IsWord(alias) && !is_symbol(at + 1, "(") &&
                        !(!named.empty() && (named.back().IsSymbol(".") || named.back().IsWord("as")));
    const bool dotted = stands && is_symbol(at + 1, ".") && at + 2 < end && out_[at + 2].IsName();
    const auto column = dotted ? columns.find(out_[at + 2].text) : columns.end();
    if (stands && (!dotted || column != columns.end())) {
      // By itself in the list, it has its own name and not json_each's.
      const bool begins = !named.empty() && (named.back().IsWord("select") || named.back().IsSymbol(","));
      named.push_back({TokenKind::kQuoted, alias});
      named.push_back(Symbol("."));
      named.push_back(Word(dotted ? column->second : "value"));
      const std::string name = dotted ? out_[at + 2].text : alias;
      if (dotted) at += 2;
      if (begins && (is_symbol(at + 1, ",") || (at + 1 < out_.size() && out_[at + 1].IsWord("from"))))
        named.insert(named.end(), {Word("as"), {TokenKind::kQuoted, name}});
    } else {
      named.push_back(std::move(out_[at]));
    }
  }
  out_ = std::move(named);
}

// The arguments of a call, with at_ behind its opening parenthesis; leaves at_ behind the closing one.
absl::StatusOr<std::vector<Token>> CatalogueRewriting::TakeArguments() {
  const std::size_t begin = out_.size();
  Open(Level::kPlain);
  while (at_ < in_.size() && !IsSymbol(0, ")")) {
    const std::size_t depth = levels_.size();
    CARE_RETURN_IF_ERROR(Step());
    while (at_ < in_.size() && levels_.size() > depth) CARE_RETURN_IF_ERROR(Step());
  }
  if (at_ >= in_.size()) return SqlStatus(sqlstate::kSyntaxError, "a parenthesis is not closed");
  ++at_;
  levels_.pop_back();
  std::vector<Token> arguments(std::make_move_iterator(out_.begin() + static_cast<std::ptrdiff_t>(begin)),
                               std::make_move_iterator(out_.end()));
  out_.resize(begin);
  return arguments;
}

absl::Status CatalogueRewriting::OnListedSetFunction() {
  const std::string function = Peek()->text;
  std::size_t owner = levels_.size();
  while (owner > 0 && !levels_[owner - 1].in_select && levels_[owner - 1].kind == Level::kPlain && !levels_[owner - 1].has_from) --owner;
  if (owner == 0 || !levels_[owner - 1].in_select) return NotUnderstood("a function that yields rows here");
  if (in_set_function_) return NotUnderstood("a function that yields rows in the arguments of another");
  at_ += 2;
  in_set_function_ = true;
  absl::StatusOr<std::vector<Token>> taken = TakeArguments();
  in_set_function_ = false;
  CARE_ASSIGN_OR_RETURN(const std::vector<Token> arguments, std::move(taken));
  Level& select = levels_[owner - 1];
  if (select.steps.empty()) select.steps = absl::StrCat("care_steps", ++steps_);
  std::vector<Token> length = {Word("care_rows_of"), Symbol("("), Text(function), Symbol(",")};
  length.insert(length.end(), arguments.begin(), arguments.end());
  length.push_back(Symbol(")"));
  select.lengths.push_back(std::move(length));
  EmitAll({Word("care_row_of"), Symbol("("), {TokenKind::kQuoted, select.steps}, Symbol("."), Word("value"), Symbol(","), Text(function),
           Symbol(",")});
  EmitAll(arguments);
  Emit(Symbol(")"));
  return absl::OkStatus();
}

void CatalogueRewriting::EndFrom() {
  Level& select = level();
  if (select.lengths.empty()) return;
  EmitAll({select.has_from ? Symbol(",") : Word("from"), Word("json_each"), Symbol("("), Word("care_json_of_series"), Symbol("("),
           {TokenKind::kNumber, "1"}, Symbol(","), Word("max"), Symbol("("), {TokenKind::kNumber, "0"}});
  for (std::vector<Token>& length : select.lengths) {
    Emit(Symbol(","));
    EmitAll(std::move(length));
  }
  EmitAll({Symbol(")"), Symbol(")"), Symbol(")"), Word("as"), {TokenKind::kQuoted, select.steps}});
  select.lengths.clear();
  select.steps.clear();
}

// Without an order any row of a group may stand for it, as of a GROUP BY's bare columns in SQLite.
absl::Status CatalogueRewriting::OnDistinctOn() {
  at_ += 3;
  CARE_ASSIGN_OR_RETURN(std::vector<Token> groups, TakeArguments());
  if (groups.empty()) return SqlStatus(sqlstate::kSyntaxError, "DISTINCT ON needs an expression");
  level().distinct_on = std::move(groups);
  return absl::OkStatus();
}

void CatalogueRewriting::EndSelect() {
  EndFrom();
  if (level().distinct_on.empty()) return;
  EmitAll({Word("group"), Word("by")});
  EmitAll(std::exchange(level().distinct_on, {}));
}

}  // namespace care::engine::pgwire
