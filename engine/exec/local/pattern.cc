#include "engine/exec/local/pattern.h"

#include <re2/re2.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "planner/logical/text_pattern.h"

namespace care::engine {

absl::StatusOr<Pattern> Pattern::Compile(planner::Function function, std::string_view pattern) {
  const planner::TextPattern read = planner::ReadTextPattern(function, pattern);
  if (read.fault) {
    if (read.fault->malformed) return absl::InvalidArgumentError(absl::StrCat("invalid regular expression: ", read.fault->what));
    return absl::UnimplementedError(absl::StrCat("a pattern with ", read.fault->what, " is not supported yet"));
  }
  RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_shared<const RE2>(read.expression, options);
  if (!compiled->ok()) return absl::InternalError("a pattern that was accepted is no regular expression");
  return Pattern(std::move(compiled));
}

bool Pattern::Matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

}  // namespace care::engine
