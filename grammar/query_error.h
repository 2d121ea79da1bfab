// grammar/query_error.h
//
// Errors that an analyst reads: what is wrong, the line where, a caret under it, and what to do about it,
// in the form of PostgreSQL's own. Parser and binder both speak through these functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "grammar/ast.h"

namespace care::sql {

// InvalidArgument, with the message
//
//   error: column "foo" does not exist
//   LINE 3: SELECT foo FROM patients
//                  ^
//   hint: did you mean "food"?
//
// Plain text without a final newline; a tab of the line counts as one space; a long line is clipped around
// the caret. The excerpt shows the analyst's own text only.
absl::Status QueryError(std::string_view sql, SourcePosition position, std::string_view message,
                        std::string_view hint = {});

// The same error where no place in the text is to blame.
absl::Status QueryError(std::string_view message, std::string_view hint = {});

// The parts of such an error, which its status carries beside the text: for front ends whose clients draw the
// excerpt themselves.
struct QueryErrorParts {
  std::string message;
  std::string hint;                      // empty if there is none
  std::optional<std::uint32_t> offset;   // in bytes from the statement's start
};
std::optional<QueryErrorParts> QueryErrorPartsOf(const absl::Status& status);

// The parts as one text that another node can put back, and the way back. Empty if the status has none; a text
// that is not understood changes nothing.
std::string EncodedQueryError(const absl::Status& status);
absl::Status WithQueryError(absl::Status status, const std::string& encoded);

// The candidate that a misspelt name most probably means, by edit distance without regard to case; empty
// if none is near. Of equally near ones, the first.
std::string NearestName(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace care::sql
