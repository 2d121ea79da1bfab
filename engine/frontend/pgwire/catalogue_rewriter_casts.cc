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
absl::StatusOr<CatalogueRewriting::CastType> CatalogueRewriting::ReadType() {
  CastType type;
  while (IsName(0) && IsSymbol(1, ".")) at_ += 2;
  if (!IsName(0)) return SqlStatus(sqlstate::kSyntaxError, "a type's name is missing");
  type.name = Peek()->text;
  ++at_;
  if (type.name == "double" && IsWord(0, "precision")) ++at_;
  if (type.name == "character" && IsWord(0, "varying")) {
    type.name = "varchar";
    ++at_;
  }
  if ((type.name == "timestamp" || type.name == "time") && (IsWord(0, "with") || IsWord(0, "without")) &&
      IsWord(1, "time"))
    at_ += 3;
  if (IsSymbol(0, "(") && Peek(1) != nullptr && Peek(1)->kind == TokenKind::kNumber) {
    type.length = Peek(1)->text;
    while (Peek() != nullptr && !IsSymbol(0, ")")) ++at_;
    ++at_;
  }
  while (IsSymbol(0, "[") && IsSymbol(1, "]")) {
    type.is_array = true;
    at_ += 2;
  }
  return type;
}

// CAST(x AS type): at the type. It is x::type.
absl::Status CatalogueRewriting::OnCastType() {
  CARE_ASSIGN_OR_RETURN(const CastType type, ReadType());
  if (!IsSymbol(0, ")")) return SqlStatus(sqlstate::kSyntaxError, "CAST(x AS type) is not closed behind its type");
  ++at_;
  const std::size_t opened = level().opened;
  std::vector<Token> operand(out_.begin() + static_cast<std::ptrdiff_t>(opened), out_.end() - 1);  // without AS
  out_.resize(opened - 2);                                                                        // nor CAST and (
  levels_.pop_back();
  if (operand.empty()) return SqlStatus(sqlstate::kSyntaxError, "CAST has nothing before AS");
  EmitCast(std::move(operand), type);
  return absl::OkStatus();
}

absl::Status CatalogueRewriting::OnCast() {
  ++at_;
  CARE_ASSIGN_OR_RETURN(const CastType type, ReadType());
  std::vector<Token> operand = TakePrimary();
  if (operand.empty()) return SqlStatus(sqlstate::kSyntaxError, ":: has nothing before it");
  EmitCast(std::move(operand), type);
  return absl::OkStatus();
}

void CatalogueRewriting::EmitCast(std::vector<Token> operand, const CastType& type) {
  const bool literal = operand.size() == 1 && operand[0].kind == TokenKind::kString;
  const auto call = [&](const std::string& function, const std::string& second = {}) {
    EmitAll({Word(function), Symbol("(")});
    EmitAll(std::move(operand));
    if (!second.empty()) EmitAll({Symbol(","), Text(second)});
    Emit(Symbol(")"));
  };
  const std::string affinity = type.is_array ? std::string() : Affinity(type.name);
  if (type.is_array) {
    EmitAll(std::move(operand));
  } else if (type.name == "regclass" || type.name == "regtype" || type.name == "regnamespace" ||
             type.name == "regproc" || type.name == "regrole") {
    call(absl::StrCat(literal ? "to_" : "care_name_of_", type.name));
  } else if (type.name == "bool" || type.name == "boolean") {
    call("care_boolean");
  } else if (affinity == "integer") {
    // The number that a name was made of: oid::regclass::oid.
    if (operand.size() > 3 && operand[0].text.starts_with("care_name_of_") && operand[1].IsSymbol("(")) {
      operand.erase(operand.begin(), operand.begin() + 2);
      operand.pop_back();
    }
    EmitAll({Word("cast"), Symbol("(")});  // what it is compared with is read as a number, too
    call("care_integer", type.name);
    EmitAll({Word("as"), Word(affinity), Symbol(")")});
  } else if (!affinity.empty()) {
    if (!type.length.empty() && affinity == "text") EmitAll({Word("substr"), Symbol("(")});
    EmitAll({Word("cast"), Symbol("(")});
    EmitAll(std::move(operand));
    EmitAll({Word("as"), Word(affinity), Symbol(")")});
    if (!type.length.empty() && affinity == "text")
      EmitAll({Symbol(","), {TokenKind::kNumber, "1"}, Symbol(","), {TokenKind::kNumber, type.length}, Symbol(")")});
  } else {
    EmitAll(std::move(operand));
  }
}

}  // namespace care::engine::pgwire
