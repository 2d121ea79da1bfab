// grammar/syntax_error.h
//
// Turns "this token does not fit" into what PostgreSQL would say, with a hint where a mistake is a common
// one.
#pragma once

#include "absl/status/status.h"
#include "antlr4-runtime.h"
#include "grammar/source_text.h"

namespace care::sql {

// `index` is the offending token's place in `tokens`.
absl::Status SyntaxError(const SourceText& source, antlr4::CommonTokenStream& tokens, std::size_t index);

}  // namespace care::sql
