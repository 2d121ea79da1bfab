#include "grammar/ast_print.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "grammar/ast_printer.h"

namespace care::sql {
namespace {

// The rule `reserved` of CareSql.g4: words that are no column or table without quotes.
constexpr std::array<std::string_view, 100> kReserved = {"all",
                                                         "analyse",
                                                         "analyze",
                                                         "and",
                                                         "any",
                                                         "array",
                                                         "as",
                                                         "asc",
                                                         "asymmetric",
                                                         "authorization",
                                                         "binary",
                                                         "both",
                                                         "case",
                                                         "cast",
                                                         "check",
                                                         "collate",
                                                         "collation",
                                                         "column",
                                                         "concurrently",
                                                         "constraint",
                                                         "create",
                                                         "cross",
                                                         "current_catalog",
                                                         "current_date",
                                                         "current_role",
                                                         "current_schema",
                                                         "current_time",
                                                         "current_timestamp",
                                                         "current_user",
                                                         "default",
                                                         "deferrable",
                                                         "desc",
                                                         "distinct",
                                                         "do",
                                                         "else",
                                                         "end",
                                                         "except",
                                                         "false",
                                                         "fetch",
                                                         "for",
                                                         "foreign",
                                                         "freeze",
                                                         "from",
                                                         "full",
                                                         "grant",
                                                         "group",
                                                         "having",
                                                         "ilike",
                                                         "in",
                                                         "initially",
                                                         "inner",
                                                         "intersect",
                                                         "into",
                                                         "is",
                                                         "isnull",
                                                         "join",
                                                         "lateral",
                                                         "leading",
                                                         "left",
                                                         "like",
                                                         "limit",
                                                         "localtime",
                                                         "localtimestamp",
                                                         "natural",
                                                         "not",
                                                         "notnull",
                                                         "null",
                                                         "offset",
                                                         "on",
                                                         "only",
                                                         "or",
                                                         "order",
                                                         "outer",
                                                         "overlaps",
                                                         "placing",
                                                         "primary",
                                                         "references",
                                                         "returning",
                                                         "right",
                                                         "select",
                                                         "session_user",
                                                         "similar",
                                                         "some",
                                                         "symmetric",
                                                         "table",
                                                         "tablesample",
                                                         "then",
                                                         "to",
                                                         "trailing",
                                                         "true",
                                                         "union",
                                                         "unique",
                                                         "user",
                                                         "using",
                                                         "variadic",
                                                         "verbose",
                                                         "when",
                                                         "where",
                                                         "window",
                                                         "with"};

bool NeedsQuotes(std::string_view name) {
  const auto starts = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto continues = [&](char c) { return starts(c) || (c >= '0' && c <= '9'); };
  if (name.empty() || !starts(name.front()) || !std::all_of(name.begin(), name.end(), continues)) return true;
  return std::binary_search(kReserved.begin(), kReserved.end(), name);
}

struct StatementText {
  std::string operator()(const SelectStatement& statement) const { return Print(statement); }
  std::string operator()(const Explain& explain) const {
    std::string options = explain.analyze ? "ANALYZE" : "";
    if (explain.json) absl::StrAppend(&options, options.empty() ? "" : ", ", "FORMAT JSON");
    if (!options.empty()) options = absl::StrCat("(", options, ") ");
    return absl::StrCat("EXPLAIN ", options, Print(explain.statement));
  }
  std::string operator()(const Show& show) const {
    if (show.table.empty()) return absl::StrCat("SHOW ", show.what);
    const std::size_t dot = show.table.find('.');
    const std::string first = PrintName(std::string_view(show.table).substr(0, dot));
    if (dot == std::string::npos) return absl::StrCat("SHOW ", show.what, " FROM ", first);
    return absl::StrCat("SHOW ", show.what, " FROM ", first, ".",
                        PrintName(std::string_view(show.table).substr(dot + 1)));
  }
  std::string operator()(const SetVariable& set) const {
    return absl::StrCat("SET ", set.name, " = ", PrintString(set.value));
  }
};

}  // namespace

std::string PrintName(std::string_view name) {
  if (!NeedsQuotes(name)) return std::string(name);
  return absl::StrCat("\"", absl::StrReplaceAll(std::string(name), {{"\"", "\"\""}}), "\"");
}

std::string PrintString(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(std::string(text), {{"'", "''"}}), "'");
}

std::string Print(const Statement& statement) { return std::visit(StatementText{}, statement); }

std::string Print(const SelectStatement& statement) {
  AstPrinter printer;
  printer.Add(statement);
  return printer.Take();
}

std::string Print(const TableReference& table) {
  AstPrinter printer;
  printer.Add(table);
  return printer.Take();
}

std::string Print(const Expression& expression) {
  AstPrinter printer;
  printer.Add(expression);
  return printer.Take();
}

}  // namespace care::sql
