// Patterns as PostgreSQL 15 matches them, and what is refused because RE2 would match it differently.
#include "engine/exec/local/pattern.h"

#include <tuple>

#include "gtest/gtest.h"

namespace care::engine {
namespace {

using planner::Function;

bool Matches(Function function, const char* pattern, const char* text) {
  const auto compiled = Pattern::Compile(function, pattern);
  EXPECT_TRUE(compiled.ok()) << compiled.status() << " " << pattern;
  return compiled.ok() && compiled->Matches(text);
}

TEST(Pattern, MatchesAsPostgresqlDoes) {
  for (const auto& [pattern, text, expected] : {std::tuple{"a", "bab", true},
                                                {"^a", "ba", false},
                                                {"a.b", "a\nb", true},
                                                {"a$", "a\n", false},
                                                {"^[]a]+$", "]a", true},
                                                {"^[[:digit:]]{2,3}$", "1234", false},
                                                {"^\\d+$", "12", true},
                                                {"^.$", "\xc3\xa9", true},
                                                {"a\\.b", "axb", false}}) {
    EXPECT_EQ(Matches(Function::kRegex, pattern, text), expected) << pattern << " " << text;
  }
  for (const auto& [pattern, text, expected] : {std::tuple{"a%", "abc", true},
                                                {"a", "ab", false},
                                                {"(a|b)+", "abba", true},
                                                {"a.", "ab", false},
                                                {"a_", "ab", true},
                                                {"10\\%", "10%", true},
                                                {"x|yz", "x", true},
                                                {"x|yz", "xz", false}}) {
    EXPECT_EQ(Matches(Function::kSimilar, pattern, text), expected) << pattern << " " << text;
  }
}

TEST(Pattern, FoldsLettersOfAsciiAlone) {
  EXPECT_TRUE(Matches(Function::kRegexIgnoringCase, "^straSSe$", "Strasse"));
  EXPECT_FALSE(Matches(Function::kRegexIgnoringCase, "^k$", "\xe2\x84\xaa"));
  EXPECT_FALSE(Matches(Function::kRegexIgnoringCase, "^s$", "\xc5\xbf"));
  EXPECT_TRUE(Matches(Function::kRegexIgnoringCase, "^[^s]$", "\xc5\xbf"));
}

TEST(Pattern, WhatTheTwoReadDifferentlyIsRefused) {
  for (const char* pattern : {"\\bx", "\\mx", "\\Z", "(?=x)", "(?i)x", "***=x", "[[=a=]]", "[[.a.]]", "(a)\\1", "[\\w]"}) {
    EXPECT_TRUE(absl::IsUnimplemented(Pattern::Compile(Function::kRegex, pattern).status())) << pattern;
  }
  EXPECT_TRUE(absl::IsUnimplemented(Pattern::Compile(Function::kSimilar, "a\\d").status()));
  EXPECT_TRUE(absl::IsUnimplemented(Pattern::Compile(Function::kRegexIgnoringCase, "\xc3\xa9").status()));
  for (const char* pattern : {"a[", "(", "*", "a\\"}) {
    EXPECT_FALSE(Pattern::Compile(Function::kRegex, pattern).ok()) << pattern;
  }
}

}  // namespace
}  // namespace care::engine
