// grammar/token_limits.h
//
// Bounds the height of the tree that a token stream can become, before anything recursive looks at it.
#pragma once

#include "absl/status/status.h"
#include "antlr4-runtime.h"
#include "grammar/source_text.h"

namespace care::sql {

// Refuses nesting beyond kMaximumNesting and chains beyond kMaximumOperatorChain.
absl::Status CheckTokenLimits(const SourceText& source, antlr4::CommonTokenStream& tokens);

}  // namespace care::sql
