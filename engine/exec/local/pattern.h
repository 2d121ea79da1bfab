// engine/exec/local/pattern.h
//
// SIMILAR TO and regular expressions over an owner's texts outside PostgreSQL, by RE2, which takes time linear in the text.
// planner/logical/text_pattern.h reads the pattern: what the two would read otherwise is refused, never matched differently.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "planner/logical/expression.h"

namespace re2 {
class RE2;
}

namespace care::engine {

class Pattern {
 public:
  // kSimilar, kRegex or kRegexIgnoringCase.
  static absl::StatusOr<Pattern> Compile(planner::Function function, std::string_view pattern);
  bool Matches(std::string_view text) const;

 private:
  explicit Pattern(std::shared_ptr<const re2::RE2> expression) : expression_(std::move(expression)) {}

  std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace care::engine
