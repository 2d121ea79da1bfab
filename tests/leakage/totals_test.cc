// ROLLUP, CUBE and GROUPING SETS over persons: a total is the sum of what is shown below it, and hidden where a cell below it is,
// so that it tells nothing of a hidden cell; and what would open margins beside their parts is refused.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/leakage/example_federation.h"

namespace care::engine {
namespace {

constexpr std::uint32_t kThreshold = 10;

TEST(Totals, AreHiddenWhereACellBelowIs) {
  const ExampleFederation federation(300, 1);
  for (const char* from : {"hospital.patients p", "hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn"}) {
    const auto released = federation.engine().Run(
        absl::StrCat("SELECT p.diagnosis, p.sex, GROUPING(p.diagnosis, p.sex), COUNT(*) FROM ", from, " GROUP BY CUBE (p.diagnosis, p.sex)"),
        ProtocolKind::kPlain, kThreshold, 1);
    ASSERT_TRUE(released.ok()) << released.status();
    const auto level = [&](std::size_t row) { return std::get<std::int64_t>(released->rows[row][2]); };
    std::size_t shown = 0, hidden = 0;
    for (std::size_t row = 0; row < released->rows.size(); ++row) {
      if (level(row) == 0) continue;
      std::int64_t sum = 0;
      bool hides = false;
      for (std::size_t cell = 0; cell < released->rows.size(); ++cell) {
        if (level(cell) != 0) continue;
        const bool below = ((level(row) & 2) != 0 || released->rows[cell][0] == released->rows[row][0]) &&
                           ((level(row) & 1) != 0 || released->rows[cell][1] == released->rows[row][1]);
        if (!below) continue;
        hides = hides || released->suppressed[cell][3];
        if (!released->suppressed[cell][3]) sum += std::get<std::int64_t>(released->rows[cell][3]);
      }
      EXPECT_EQ(released->suppressed[row][3], hides) << "row " << row;
      if (!released->suppressed[row][3]) {
        EXPECT_EQ(std::get<std::int64_t>(released->rows[row][3]), sum) << "row " << row;
      }
      ++(hides ? hidden : shown);
    }
    EXPECT_GT(shown, 0u);
    EXPECT_GT(hidden, 0u);
  }
}

TEST(Totals, NothingOpensBesideTheFinestCells) {
  const ExampleFederation federation(120, 2);
  const std::string from = " FROM hospital.patients p JOIN bureau.persons s ON s.bsn = p.bsn GROUP BY ";
  const auto releases = [&](const std::string& calls, const std::string& groups) {
    const auto planned = federation.engine().Plan(absl::StrCat("SELECT ", calls, from, groups), /*recipient=*/0);
    EXPECT_TRUE(planned.ok()) << planned.status();
    return planned.ok() ? planned->disclosures.size() : 0;
  };
  EXPECT_EQ(releases("COUNT(*)", "CUBE (p.sex, s.education)"), releases("COUNT(*)", "p.sex, s.education"));
  EXPECT_EQ(releases("COUNT(*)", "GROUPING SETS ((p.sex), ())"), releases("COUNT(*)", "p.sex"));
  const auto refusal = [&](const std::string& calls, const std::string& groups) {
    const auto planned = federation.engine().Plan(absl::StrCat("SELECT ", calls, from, groups), /*recipient=*/0);
    return planned.ok() ? std::string() : std::string(planned.status().message());
  };
  for (const char* groups : {"GROUPING SETS ((p.sex, s.education), (s.education, s.region))", "GROUPING SETS ((p.sex, s.education), (s.region))"}) {
    EXPECT_NE(refusal("COUNT(*)", groups).find("totals could be subtracted"), std::string::npos) << groups;
  }
  for (const char* groups : {"ROLLUP (p.sex, s.education)", "GROUPING SETS ((p.sex, s.education), ())"}) {
    EXPECT_NE(refusal("COUNT(DISTINCT p.diagnosis)", groups).find("totals of COUNT(DISTINCT ...) are not supported yet"), std::string::npos) << groups;
  }
  // One column's cells are one line, whose total the gate takes as known.
  EXPECT_EQ(refusal("COUNT(DISTINCT p.diagnosis)", "ROLLUP (p.sex)"), "");
  EXPECT_EQ(refusal("COUNT(DISTINCT p.diagnosis)", "GROUPING SETS ((p.sex), (s.education))"), "");
  // Each person once: these add up.
  EXPECT_EQ(refusal("COUNT(DISTINCT p.bsn)", "ROLLUP (p.sex, s.education)"), "");
}

}  // namespace
}  // namespace care::engine
