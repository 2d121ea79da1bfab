// planner/logical/text_pattern.h
//
// Patterns of SIMILAR TO and of regular expressions (~, ~*): the part of PostgreSQL's syntax in which every engine that may
// run one agrees on what matches. What is read otherwise elsewhere, or in other versions (back-references, look-around, word
// boundaries, options in the pattern, collating elements), is a fault with its place, found before anything runs. A pattern
// that is accepted has an expression in RE2's syntax as well: every literal is quoted, every class is spelled out, and where
// case is ignored both cases are written, as collation "C" has them (letters of ASCII).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "planner/logical/expression.h"

namespace care::planner {

struct PatternFault {
  bool malformed = false;  // for PostgreSQL as well; else it is a form that is not taken here
  std::string what;
  std::size_t character = 0;  // in the pattern, from 1
};

struct TextPattern {
  std::string expression;  // for RE2: finds a match anywhere in the text
  std::optional<PatternFault> fault;
};

// `kind` is kSimilar, kRegex or kRegexIgnoringCase.
TextPattern ReadTextPattern(Function kind, std::string_view pattern);

// A pattern of LIKE or SIMILAR TO whose escape character is another one (or none: empty), with \ for it. Nothing where the
// pattern ends with its escape character.
std::optional<std::string> WithBackslashEscapes(std::string_view pattern, std::string_view escape);

}  // namespace care::planner
