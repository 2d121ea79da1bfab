// Casts in a catalogue query, x::type and CAST(x AS type): to SQLite's few types, and the names and numbers that PostgreSQL's
// reg* types stand for.
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/frontend/pgwire/catalogue_rewriting.h"
#include "engine/frontend/pgwire/sql_error.h"
#include "engine/types/status_macros.h"

namespace care::engine::pgwire {
namespace {

std::string Affinity(const std::string& type) {
  static const std::set<std::string_view> kTexts = {"text",        "varchar",   "name", "char",
                                                    "bpchar",      "character", "date", "timestamp",
                                                    "timestamptz", "time",      "json"};
  static const std::set<std::string_view> kIntegers = {"int",    "integer",  "int2", "int4", "int8",
                                                       "bigint", "smallint", "oid",  "xid"};
  static const std::set<std::string_view> kNumbers = {"numeric", "decimal", "float4",
                                                      "float8",  "real",    "double"};
  if (kTexts.contains(type)) return "text";
  if (kIntegers.contains(type)) return "integer";
  if (kNumbers.contains(type)) return "real";
  return {};
}

}  // namespace

// The name of a type at `at_`, without its schema; leaves at_ behind it and its (n) and [].
absl::StatusOr<std::string> CatalogueRewriting::TypeName(bool* is_array) {
  while (IsName(0) && IsSymbol(1, ".")) at_ += 2;
  if (!IsName(0)) return SqlStatus(sqlstate::kSyntaxError, "a type's name is missing");
  std::string type = Peek()->text;
  ++at_;
  if (type == "double" && IsWord(0, "precision")) ++at_;
  if (type == "character" && IsWord(0, "varying")) ++at_;
  if ((type == "timestamp" || type == "time") && (IsWord(0, "with") || IsWord(0, "without")) &&
      IsWord(1, "time"))
    at_ += 3;
  if (IsSymbol(0, "(") && Peek(1) != nullptr && Peek(1)->kind == TokenKind::kNumber) {
    while (Peek() != nullptr && !IsSymbol(0, ")")) ++at_;
    ++at_;
  }
  *is_array = false;
  while (IsSymbol(0, "[") && IsSymbol(1, "]")) {
    *is_array = true;
    at_ += 2;
  }
  return type;
}

// CAST(x AS type): at the type.
absl::Status CatalogueRewriting::OnCastType() {
  bool is_array = false;
  CARE_ASSIGN_OR_RETURN(const std::string type, TypeName(&is_array));
  const std::string affinity = is_array ? std::string() : Affinity(type);
  Emit(Word(affinity.empty() ? "text" : affinity));
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OnCast() {
  ++at_;
  bool is_array = false;
  CARE_ASSIGN_OR_RETURN(const std::string type, TypeName(&is_array));
  std::vector<Token> operand = TakePrimary();
  if (operand.empty()) return SqlStatus(sqlstate::kSyntaxError, ":: has nothing before it");
  const bool literal = operand.size() == 1 && operand[0].kind == TokenKind::kString;
  const auto call = [&](const std::string& function) {
    EmitAll({Word(function), Symbol("(")});
    EmitAll(std::move(operand));
    Emit(Symbol(")"));
  };
  if (is_array) {
    EmitAll(std::move(operand));
  } else if (type == "regclass" || type == "regtype" || type == "regnamespace" || type == "regproc" ||
             type == "regrole") {
    call(absl::StrCat(literal ? "to_" : "care_name_of_", type));
  } else if (type == "bool" || type == "boolean") {
    call("care_boolean");
  } else if (const std::string affinity = Affinity(type); affinity == "integer") {
    call("care_integer");
  } else if (!affinity.empty()) {
    EmitAll({Word("cast"), Symbol("(")});
    EmitAll(std::move(operand));
    EmitAll({Word("as"), Word(affinity), Symbol(")")});
  } else {
    EmitAll(std::move(operand));
  }
  return absl::OkStatus();
}

}  // namespace care::engine::pgwire
