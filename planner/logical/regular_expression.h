// planner/logical/regular_expression.h
//
// The regular expressions of ~ and ~*, and what SIMILAR TO becomes (text_pattern.h says which part of their syntax is taken): by
// recursive descent over PostgreSQL's advanced regular expressions, to RE2's syntax.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "planner/logical/text_pattern.h"

namespace care::planner {

// A character of the pattern and where it was written.
struct PatternCharacter {
  char32_t code;
  std::size_t at;
  bool operator==(char32_t other) const { return code == other; }
};

// Of UTF-8; places count from 1.
std::vector<PatternCharacter> CharactersOf(std::string_view text);

// `folds`: case is ignored.
TextPattern ReadRegularExpression(std::vector<PatternCharacter> pattern, bool folds);

}  // namespace care::planner
