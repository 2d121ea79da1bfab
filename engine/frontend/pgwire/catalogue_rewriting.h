// engine/frontend/pgwire/catalogue_rewriting.h
//
// One catalogue query while it is rewritten (catalogue_rewriter.h has the rules). A walk over its tokens from left to right,
// with what was written so far in sight: an operator behind its operand, x::type or a[i], takes the operand back from the
// output. What is open, and what a closing parenthesis or the end of a clause has to add, is a stack of levels.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/frontend/pgwire/sql_tokens.h"

namespace care::engine::pgwire {

class CatalogueRewriting {
 public:
  // `tokens` must outlive the rewriting.
  explicit CatalogueRewriting(const std::vector<Token>& tokens) : in_(tokens) {}

  // The query as SQLite reads it; an error with its SQLSTATE (sql_error.h) where a rule meets what it cannot rewrite.
  absl::StatusOr<std::string> Run();

 private:
  // An open parenthesis or bracket of the output.
  struct Level {
    enum Kind {
      kPlain,
      kArrayQuery,
      kArrayList,
      kAnyQuery,
      kSubscript,
      kCast,
      kTrim,
      kSubstring
    } kind = kPlain;
    std::size_t opened = 0;  // position in out_ behind the parenthesis
    bool in_select = false;  // between SELECT and FROM
    bool has_from = false;
    bool in_from = false;
    bool in_order_by = false;
    bool descending = false;
    bool nulls_said = false;
    std::map<std::string, std::map<std::string, std::string>>
        set_functions;  // alias -> column -> json_each's
    // What functions of the select list ask for: a row for each step up to the longest, under this alias.
    std::vector<std::vector<Token>> lengths;
    std::string steps;
    std::vector<Token> distinct_on;
    std::vector<Token> trimmed;  // TRIM(trimmed FROM x)
  };

  static Token Word(std::string text) { return {TokenKind::kWord, std::move(text)}; }
  static Token Symbol(std::string text) { return {TokenKind::kSymbol, std::move(text)}; }
  static Token Text(std::string text) { return {TokenKind::kString, std::move(text)}; }

  const Token* Peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? &in_[at_ + ahead] : nullptr;
  }
  bool IsWord(std::size_t ahead, std::string_view word) const {
    const Token* token = Peek(ahead);
    return token != nullptr && token->IsWord(word);
  }
  bool IsSymbol(std::size_t ahead, std::string_view symbol) const {
    const Token* token = Peek(ahead);
    return token != nullptr && token->IsSymbol(symbol);
  }
  bool IsName(std::size_t ahead) const { return Peek(ahead) != nullptr && Peek(ahead)->IsName(); }
  Level& level() { return levels_.back(); }
  void Emit(Token token) { out_.push_back(std::move(token)); }
  void EmitAll(std::vector<Token> tokens) {
    for (Token& token : tokens) Emit(std::move(token));
  }
  bool AfterDot() const { return !out_.empty() && out_.back().IsSymbol("."); }
  bool After(std::string_view word) const { return !out_.empty() && out_.back().IsWord(word); }

  // --- catalogue_rewriter.cc: the walk. On...: a rule, with at_ at its first token; leaves at_ behind its last.
  absl::Status Step();
  absl::Status OnString(const Token& token);
  absl::Status OnWord(const Token& token);
  absl::Status OnSymbol(const Token& token);
  void Open(Level::Kind kind);
  absl::Status Replace(std::string word);
  absl::Status OpenCall(std::string name, Level::Kind kind);
  absl::Status OpenTrim();
  absl::Status NotUnderstood(std::string_view what);
  absl::Status OnOperator();
  void EmitRegex(const std::string& symbol);
  absl::Status OnCollate();
  absl::Status OnClose();
  bool OnField(std::size_t open);
  absl::Status ColumnAliases(std::size_t open);
  bool InFrom();
  absl::Status NoteClause(const Token& token);
  std::vector<Token> TakePrimary();
  void EndOrderItem();
  void EndOrderBy();
  std::string Print() const;

  // --- catalogue_rewriter_arrays.cc
  absl::Status OnArray();
  absl::Status OnAny(bool all);
  absl::Status OnSubscript();

  // --- catalogue_rewriter_sets.cc: functions that yield rows, DISTINCT ON
  static bool YieldsRows(std::string_view function);
  absl::Status OnSetFunction();
  void NameValues(std::size_t begin, std::size_t end, const std::string& alias, const std::map<std::string, std::string>& columns);
  absl::Status OnListedSetFunction();
  absl::StatusOr<std::vector<Token>> TakeArguments();
  void EndFrom();  // of this level's SELECT
  absl::Status OnDistinctOn();
  void EndSelect();

  // --- catalogue_rewriter_casts.cc
  struct CastType {
    std::string name;    // without its schema
    std::string length;  // "63" of varchar(63); empty: none
    bool is_array = false;
  };
  absl::StatusOr<CastType> ReadType();
  absl::Status OnCastType();
  absl::Status OnCast();
  void EmitCast(std::vector<Token> operand, const CastType& type);

  const std::vector<Token>& in_;
  std::size_t at_ = 0;
  std::vector<Token> out_;
  std::vector<Level> levels_ = std::vector<Level>(1);
  int steps_ = 0;  // aliases given
  bool in_set_function_ = false;
};

}  // namespace care::engine::pgwire
