// Arrays in a catalogue query: SQLite has none, so they are texts ({a,b}) and functions over them (catalogue_functions.h).
#include <utility>

#include "engine/frontend/pgwire/catalogue_rewriting.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
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

}  // namespace care::engine::pgwire
