// engine/exec/local/pattern.h
//
// SIMILAR TO and regular expressions over an owner's texts outside PostgreSQL, by RE2, which takes time linear in the text.
// PostgreSQL's own expressions are near RE2's; what the two read otherwise (back-references, look-ahead, escapes of their own,
// collating elements) is Unimplemented, never matched differently. Case is folded as in the collation "C": letters of ASCII.
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
  explicit Pattern(std::shared_ptr<const re2::RE2> expression, bool folds)
      : expression_(std::move(expression)), folds_(folds) {}

  std::shared_ptr<const re2::RE2> expression_;
  bool folds_;
};

}  // namespace care::engine
