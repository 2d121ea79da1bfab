#include "engine/exec/local/pattern.h"

#include <re2/re2.h>

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/exec/local/text_functions.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using planner::Function;

absl::Status NotSupported(std::string_view what) {
  return absl::UnimplementedError(absl::StrCat("a pattern with ", std::string(what),
                                               " is not supported yet on tables outside PostgreSQL"));
}

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The end of the bracket expression that begins at `begin`, behind its ]. Both read it alike unless it holds a collating
// element or an equivalence class.
absl::StatusOr<std::size_t> EndOfBracket(std::string_view pattern, std::size_t begin, bool escapes) {
  std::size_t at = begin + 1;
  if (at < pattern.size() && pattern[at] == '^') ++at;
  if (at < pattern.size() && pattern[at] == ']') ++at;
  for (; at < pattern.size(); ++at) {
    const std::string_view rest = pattern.substr(at);
    if (rest.starts_with("[=") || rest.starts_with("[.")) return NotSupported("a collating element");
    if (rest.starts_with("[:")) {
      const std::size_t end = pattern.find(":]", at + 2);
      if (end == std::string_view::npos) break;
      at = end + 1;
      continue;
    }
    if (pattern[at] == '\\') {
      if (!escapes || at + 1 >= pattern.size() || IsAlphanumeric(pattern[at + 1])) {
        return NotSupported("an escape between brackets");
      }
      ++at;
      continue;
    }
    if (pattern[at] == ']') return at + 1;
  }
  return absl::InvalidArgumentError("invalid regular expression: brackets [] not balanced");
}

// Refuses what RE2 would read as something else.
absl::Status CheckExpression(std::string_view pattern) {
  if (pattern.starts_with("***")) return NotSupported("a director (***)");
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const std::string_view rest = pattern.substr(at);
    if (pattern[at] == '\\') {
      if (rest.size() < 2)
        return absl::InvalidArgumentError("invalid regular expression: it ends with a backslash");
      if (IsAlphanumeric(rest[1]) && !absl::StrContains("dDsSwWntrfvA", rest[1])) {
        return NotSupported(absl::StrCat("the escape \\", std::string(1, rest[1])));
      }
      ++at;
    } else if (pattern[at] == '[') {
      CARE_ASSIGN_OR_RETURN(const std::size_t end, EndOfBracket(pattern, at, /*escapes=*/true));
      at = end - 1;
    } else if (rest.starts_with("(?") && !rest.starts_with("(?:")) {
      return NotSupported("(?");
    }
  }
  return absl::OkStatus();
}

// As PostgreSQL turns SIMILAR TO into a regular expression: anchored, % and _ the wildcards, . ^ $ themselves.
absl::StatusOr<std::string> ExpressionOfSimilar(std::string_view pattern) {
  std::string expression = "^(?:";
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    switch (c) {
      case '\\':
        if (++at >= pattern.size())
          return absl::InvalidArgumentError("the pattern ends with its escape character");
        if (IsAlphanumeric(pattern[at]) || pattern[at] == '"')
          return NotSupported("an escaped letter, digit or quote");
        absl::StrAppend(&expression, "\\", std::string(1, pattern[at]));
        break;
      case '%':
        expression += ".*";
        break;
      case '_':
        expression += ".";
        break;
      case '(':
        if (at + 1 < pattern.size() && pattern[at + 1] == '?') return NotSupported("(?");
        expression += "(?:";
        break;
      case '.':
      case '^':
      case '$':
        absl::StrAppend(&expression, "\\", std::string(1, c));
        break;
      case '[': {
        CARE_ASSIGN_OR_RETURN(const std::size_t end, EndOfBracket(pattern, at, /*escapes=*/false));
        expression.append(pattern.substr(at, end - at));
        at = end - 1;
        break;
      }
      default:
        expression += c;
    }
  }
  return expression + ")$";
}

}  // namespace

absl::StatusOr<Pattern> Pattern::Compile(Function function, std::string_view pattern) {
  std::string expression(pattern);
  if (function == Function::kSimilar) {
    CARE_ASSIGN_OR_RETURN(expression, ExpressionOfSimilar(pattern));
  } else {
    CARE_RETURN_IF_ERROR(CheckExpression(pattern));
  }
  const bool folds = function == Function::kRegexIgnoringCase;
  for (const char c : pattern) {
    if (folds && static_cast<unsigned char>(c) >= 0x80)
      return NotSupported("letters beyond ASCII whose case is ignored");
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_case_sensitive(!folds);
  auto compiled = std::make_shared<const RE2>(expression, options);
  if (!compiled->ok())
    return absl::InvalidArgumentError(
        "invalid regular expression: PostgreSQL's syntax, as far as RE2 has it");
  return Pattern(std::move(compiled), folds);
}

bool Pattern::Matches(std::string_view text) const {
  if (!folds_) return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
  // The long s and the Kelvin sign are the two characters beyond ASCII that RE2 takes for letters of it.
  const std::string apart =
      Replace(Replace(text, "\xc5\xbf", "\xee\x80\x80"), "\xe2\x84\xaa", "\xee\x80\x80");
  return RE2::PartialMatch(apart, *expression_);
}

}  // namespace care::engine
