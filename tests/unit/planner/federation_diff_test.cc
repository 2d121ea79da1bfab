// What a person reads before signing a new federation file: every kind of change is told, and what makes more
// visible is marked.

#include "planner/catalog/federation_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_replace.h"

namespace care::planner {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBefore = R"(
name = "trial"
version = 1
compute = ["a", "b", "c"]
authority_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
[[party]]
name = "a"
address = "127.0.0.1:1"
[[party]]
name = "b"
address = "127.0.0.1:2"
[[party]]
name = "c"
address = "127.0.0.1:3"
[[table]]
name = "a.t"
subject = "k"
primary_key = ["k"]
row_bound = 100
  [[table.column]]
  name = "k"
  type = "text"
  key = "person"
  nullable = false
  [[table.column]]
  name = "n"
  type = "integer"
  min = 0
  max = 9
  [[table.column]]
  name = "d"
  type = "text"
  domain = ["x", "y"]
[[view]]
name = "v"
sql = "SELECT k FROM a.t"
)";

std::string Diff(std::vector<std::pair<std::string, std::string>> edits) {
  std::string after = kBefore;
  for (const auto& [from, to] : edits) {
    EXPECT_NE(after.find(from), std::string::npos) << from;
    after = absl::StrReplaceAll(after, {{from, to}});
  }
  const auto before_catalog = ParseFederation(kBefore);
  const auto after_catalog = ParseFederation(after);
  EXPECT_TRUE(before_catalog.ok()) << before_catalog.status();
  EXPECT_TRUE(after_catalog.ok()) << after_catalog.status();
  if (!before_catalog.ok() || !after_catalog.ok()) return {};
  return FormatDifferences(*before_catalog, *after_catalog);
}

TEST(FederationDiffTest, NothingAndNothingThatCounts) {
  EXPECT_EQ(Diff({}), "The two files are the same, byte for byte.\n");
  EXPECT_EQ(Diff({{"[[view]]", "# a comment\n[[view]]"}}), "Nothing changes but comments, order or white space.\n");
}

TEST(FederationDiffTest, WhatMakesMoreVisibleIsMarked) {
  const std::string fourth = "[[party]]\nname = \"d\"\naddress = \"127.0.0.1:4\"\n[[table]]\nname = \"a.t\"";
  EXPECT_THAT(Diff({{"[[table]]\nname = \"a.t\"", fourth}}), HasSubstr("! + party d at 127.0.0.1:4\n"));
  EXPECT_THAT(Diff({{"\"0000", "\"1000"}}), HasSubstr("! ~ the authority that issues certificates: 0000"));
  EXPECT_THAT(Diff({{"[\"a\", \"b\", \"c\"]", "[\"b\", \"a\", \"c\"]"}}),
              HasSubstr("! ~ the compute parties: a, b, c -> b, a, c\n"));
  EXPECT_THAT(Diff({{"[[view]]", "  [[table.column]]\n  name = \"w\"\n  type = \"date\"\n[[view]]"}}),
              HasSubstr("! + column a.t.w date"));
  EXPECT_THAT(Diff({{"[[view]]", "[[table]]\nname = \"b.u\"\nsubject = \"k\"\nrow_bound = 5\n  [[table.column]]\n"
                                 "  name = \"k\"\n  type = \"text\"\n  key = \"person\"\n  nullable = false\n[[view]]"}}),
              HasSubstr("! + table b.u, at most 5 rows, about k\n"));
  EXPECT_THAT(Diff({{"[\"x\", \"y\"]", "[\"x\", \"y\", \"z\"]"}}),
              HasSubstr("! + a.t.d: value 'z' in its public domain\n"));
  EXPECT_THAT(Diff({{"key = \"person\"", "key = \"bsn\""}}), HasSubstr("! ~ a.t.k: key: person -> bsn\n"));
}

TEST(FederationDiffTest, OtherChangesAreToldWithoutAMark) {
  const std::string text = Diff({{"version = 1", "version = 2"},
                                 {"127.0.0.1:2", "127.0.0.1:9"},
                                 {"row_bound = 100", "row_bound = 200"},
                                 {"max = 9", "max = 99"},
                                 {"SELECT k FROM", "SELECT k, n FROM"},
                                 {"[\"x\", \"y\"]", "[\"x\"]"}});
  for (const char* line :
       {"  ~ version: 1 -> 2\n", "  ~ the address of b: 127.0.0.1:2 -> 127.0.0.1:9\n", "  ~ a.t: most rows: 100 -> 200\n",
        "  ~ a.t.n: range: 0 to 9 -> 0 to 99\n", "  - a.t.d: value 'y' of its public domain\n",
        "  ~ view v: other SQL\n", "no line makes more visible"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(text, Not(HasSubstr("! ")));
}

}  // namespace
}  // namespace care::planner
