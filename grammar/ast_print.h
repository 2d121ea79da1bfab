// grammar/ast_print.h
//
// Writes a syntax tree as SQL, in one canonical form on one line: the same tree gives the same text, and
// parsing that text gives the same tree. Digests are taken over this text, and suggested rewrites shown in
// it.
#pragma once

#include <string>
#include <string_view>

#include "grammar/ast.h"

namespace care::sql {

std::string Print(const Statement& statement);
std::string Print(const SelectStatement& statement);
std::string Print(const TableReference& table);
std::string Print(const Expression& expression);

// A name, quoted where SQL would otherwise fold it or take it for a keyword.
std::string PrintName(std::string_view name);
// 'text', with its quotes doubled.
std::string PrintString(std::string_view text);

}  // namespace care::sql
