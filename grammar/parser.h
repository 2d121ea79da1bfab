// grammar/parser.h
//
// From SQL text to a syntax tree, or to an error that points at the text. Input from anyone is safe here:
// length, nesting and chains of operators are bounded before the recursive parser starts, so that neither
// it nor any later walk over the tree can run out of stack.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "grammar/ast.h"

namespace care::sql {

// Parentheses and CASE within one another.
inline constexpr std::size_t kMaximumNesting = 200;
// Longest path of operators from the top of a statement to a leaf: bounds the height of the tree.
inline constexpr std::size_t kMaximumOperatorChain = 1'500;

// One statement, with or without a final semicolon. Every error is InvalidArgument, as QueryError writes it.
absl::StatusOr<Statement> Parse(std::string_view sql);

}  // namespace care::sql
