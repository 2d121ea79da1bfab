// Whole runs: counts, the JUnit report, rewriting, and that a run which tested nothing is no success.

#include "engine/frontend/suite/run_suites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/suite/scripted_answerer.h"
#include "tests/unit/suite/suite_directory.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RunSuitesTest : public ::testing::Test {
 protected:
  RunSuitesTest() {
    answerer_.answers.insert_or_assign("SELECT 1", TwoColumns({{"east", "1"}}));
    answerer_.answers.insert_or_assign("SELECT 2", TwoColumns({{"<west> & \"co\"", "2"}}));
  }
  SuiteTotals Run(SuiteOptions options) {
    printed_.clear();
    const auto totals = RunSuites(options, answerer_, [this](const std::string& text) { printed_ += text; });
    EXPECT_TRUE(totals.ok()) << totals.status();
    return totals.value_or(SuiteTotals{});
  }

  SuiteDirectory directory_;
  ScriptedAnswerer answerer_;
  std::string printed_;
};

TEST_F(RunSuitesTest, CountsAndShowsWhatDiffers) {
  const std::string good = directory_.Write("good.test", "query TI\nSELECT 1\n----\neast\t1\n");
  const std::string bad = directory_.Write(
      "bad.test", "query TI\nSELECT 2\n----\nwest\t2\n\nskipif care\nstatement ok\nSELECT 1\n");
  SuiteTotals totals = Run({.files = {good}});
  EXPECT_TRUE(totals.success());
  EXPECT_THAT(printed_, HasSubstr("good.test: 1 records, 0 failed"));
  totals = Run({.files = {good, bad}});
  EXPECT_FALSE(totals.success());
  EXPECT_EQ(totals.passed, 1u);
  EXPECT_EQ(totals.failed, 1u);
  EXPECT_EQ(totals.skipped, 1u);
  EXPECT_THAT(printed_, AllOf(HasSubstr("bad.test:1\n    SELECT 2"), HasSubstr("- west  |  2"), HasSubstr("+ <west>")));
}

TEST_F(RunSuitesTest, ParametersStandInTheirPlaces) {
  const std::string good = directory_.Write("good.test", "+parameter 1\nquery TI\nSELECT $1\n----\neast\t1\n");
  EXPECT_TRUE(Run({.files = {good}}).success());
  const std::string refused = directory_.Write(
      "refused.test", "+parameter 1\nstatement error there is no parameter $2\nSELECT $1, $2\n");
  EXPECT_TRUE(Run({.files = {refused}}).success());
  const std::string bad = directory_.Write("bad.test", "+parameter 1\nquery TI\nSELECT $2\n----\neast\t1\n");
  EXPECT_FALSE(Run({.files = {bad}}).success());
  EXPECT_THAT(printed_, HasSubstr("there is no parameter $2"));
}

TEST_F(RunSuitesTest, ARunThatTestedNothingIsNoSuccess) {
  const std::string good = directory_.Write("good.test", "query TI\nSELECT 1\n----\neast\t1\n");
  const std::string empty = directory_.Write("empty.test", "# to be written\n");
  const std::string skipped = directory_.Write("skipped.test", "skipif care\nstatement ok\nSELECT 1\n");
  EXPECT_FALSE(Run({.files = {empty}}).success());
  EXPECT_FALSE(Run({.files = {good, empty}}).success());
  EXPECT_FALSE(Run({.files = {directory_.Path("mispelt.test")}}).success());
  EXPECT_FALSE(Run({.files = {good, directory_.Path("mispelt.test")}}).success());
  EXPECT_FALSE(Run({.files = {skipped}}).success());
  EXPECT_THAT(printed_, HasSubstr("nothing was tested"));
  EXPECT_FALSE(Run({.files = {good}, .filter = "nowhere"}).success());
  EXPECT_THAT(printed_, HasSubstr("no record matches --filter"));
  EXPECT_TRUE(Run({.files = {good}, .filter = "SELECT 1"}).success());
  EXPECT_TRUE(Run({.files = {good}, .filter = "good.test:1"}).success());
}

TEST_F(RunSuitesTest, WritesJunit) {
  const std::string good = directory_.Write("a&b.test", "query TI\nSELECT 1\n----\neast\t1\n\n"
                                            "query TI\nSELECT 2\n----\neast\t1\n\nskipif care\nstatement ok\nSELECT 3\n");
  Run({.files = {good, directory_.Path("none.test")}, .junit_path = directory_.Path("junit.xml")});
  const std::string xml = directory_.Read("junit.xml");
  EXPECT_THAT(xml, HasSubstr("<testsuites tests=\"4\" failures=\"2\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(xml, HasSubstr("a&amp;b.test\" tests=\"3\" failures=\"1\""));
  EXPECT_THAT(xml, AllOf(HasSubstr("name=\"line 6: SELECT 2\""), HasSubstr("line=\"6\""), HasSubstr("<skipped/>")));
  EXPECT_THAT(xml, AllOf(HasSubstr("- east  |  1"), HasSubstr("+ &lt;west&gt; &amp; &quot;co&quot;  |  2")));
  EXPECT_THAT(xml, HasSubstr("none.test: there is no such file"));
  EXPECT_THAT(xml, Not(HasSubstr("<west>")));
}

TEST_F(RunSuitesTest, RewritesOnlyWhatIsExpectedAndOnlyWhenAsked) {
  const std::string text =
      "# kept \nquery TI\nSELECT 2\n----\neast\n1\n\n\n"
      "statement error\nSELECT 9\n----\nold message\n\n"
      "query TI\nSELECT 1\n\n# the end";
  const std::string path = directory_.Write("a.test", text);
  EXPECT_FALSE(Run({.files = {path}}).success());
  EXPECT_EQ(directory_.Read("a.test"), text);
  EXPECT_EQ(Run({.files = {path}, .update = true}).updated, 3u);
  EXPECT_EQ(directory_.Read("a.test"),
            "# kept \nquery TI\nSELECT 2\n----\n<west> & \"co\"\n2\n\n\n"
            "statement error\nSELECT 9\n----\nerror: no such question\nLINE 1: SELECT 9\n\n"
            "query TI\nSELECT 1\n----\neast\t1\n\n# the end");
  EXPECT_TRUE(Run({.files = {path}}).success());
  // What a node that does not answer says is never written down as expected.
  answerer_.is_up = false;
  answerer_.answers.insert_or_assign("SELECT 1", absl::UnavailableError("down"));
  EXPECT_EQ(Run({.files = {path}, .update = true}).updated, 0u);
}

TEST_F(RunSuitesTest, RewritesAtTheEndOfAFile) {
  const std::string path = directory_.Write("a.test", "query TI\nSELECT 1");
  EXPECT_EQ(Run({.files = {path}, .update = true}).updated, 1u);
  EXPECT_EQ(directory_.Read("a.test"), "query TI\nSELECT 1\n----\neast\t1\n");
}

}  // namespace
}  // namespace care::engine
