// Patterns as PostgreSQL 15 matches them, and what is refused because RE2 would match it differently.
#include "engine/exec/local/pattern.h"

#include <string>
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
  EXPECT_FALSE(Matches(Function::kRegexIgnoringCase, "^[j-l]$", "\xe2\x84\xaa"));
  EXPECT_FALSE(Matches(Function::kRegexIgnoringCase, "^s$", "\xc5\xbf"));
  EXPECT_TRUE(Matches(Function::kRegexIgnoringCase, "^[^s]$", "\xc5\xbf"));
  EXPECT_FALSE(Matches(Function::kRegexIgnoringCase, "^[^s]$", "S"));
  EXPECT_TRUE(Matches(Function::kRegexIgnoringCase, "^[[:upper:]]$", "a"));
  EXPECT_FALSE(Matches(Function::kRegexIgnoringCase, "\xc3\xa9", "\xc3\x89"));
}

TEST(Pattern, ClassesAreOfAscii) {
  EXPECT_TRUE(Matches(Function::kRegex, "^\\s$", "\v"));  // RE2's own \s has no vertical tab
  EXPECT_TRUE(Matches(Function::kRegex, "^\\W$", "\xc3\xa9"));
  EXPECT_FALSE(Matches(Function::kRegex, "[[:alpha:]]", "\xc3\xa9"));
  EXPECT_TRUE(Matches(Function::kRegex, "^[\\w.]+$", "a_.9"));
  EXPECT_TRUE(Matches(Function::kRegex, "^[^\\d]$", "\n"));
  EXPECT_TRUE(Matches(Function::kRegex, "^.$", "\n"));
}

TEST(Pattern, AnyAcceptedRepetitionIsOneOfRe2) {
  EXPECT_TRUE(Matches(Function::kRegex, "^((a{5}){5}){10}$", std::string(250, 'a').c_str()));
  EXPECT_TRUE(absl::IsUnimplemented(Pattern::Compile(Function::kRegex, "((a{10}){10}){11}").status()));
  EXPECT_TRUE(Matches(Function::kRegex, "^(.?){250}x{0}$", ""));
}

TEST(Pattern, WhatTheTwoReadDifferentlyIsRefused) {
  for (const char* pattern : {"\\bx", "\\mx", "\\Z", "(?=x)", "(?i)x", "***=x", "[[=a=]]", "[[.a.]]", "(a)\\1", "[\\D]", "a{,3}"}) {
    EXPECT_TRUE(absl::IsUnimplemented(Pattern::Compile(Function::kRegex, pattern).status())) << pattern;
  }
  EXPECT_TRUE(absl::IsUnimplemented(Pattern::Compile(Function::kSimilar, "a\\m").status()));
  for (const char* pattern : {"a[", "(", "*", "a\\", "a**", "^*", "a{2}{3}", "[z-a]", "a)"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Pattern::Compile(Function::kRegex, pattern).status())) << pattern;
  }
}

}  // namespace
}  // namespace care::engine
