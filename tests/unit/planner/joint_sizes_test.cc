// Public bounds decide how much memory every party takes, so a query whose bounds multiply beyond measure is
// refused by the planner, and does not end the nodes that would run it.
#include "gmock/gmock.h"
#include "planner/physical/table_shape.h"
#include "tests/unit/planner/planned_questions.h"

namespace care::planner {
namespace {

using testing::HasSubstr;

constexpr char kFederation[] = R"(
name = "sizes"
version = 1
compute = ["hospital", "insurer", "bureau"]
authority_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
[[party]]
name = "hospital"
address = "127.0.0.1:7401"
[[party]]
name = "insurer"
address = "127.0.0.1:7402"
[[party]]
name = "bureau"
address = "127.0.0.1:7403"
[[table]]
name = "hospital.patients"
subject = "bsn"
primary_key = ["bsn"]
row_bound = PATIENTS
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
[[table]]
name = "insurer.claims"
subject = "bsn"
row_bound = 1000000
  [[table.column]]
  name = "bsn"
  type = "text"
  key = "bsn"
  nullable = false
  [[table.column]]
  name = "kind"
  type = "integer"
  min = 0
  max = 9
)";

absl::StatusOr<PlannedQuery> Plan(const std::string& patients, const std::string& sql) {
  std::string text = kFederation;
  text.replace(text.find("PATIENTS"), 8, patients);
  return PlanQuery(sql, ParsedFederation(text), DemoInputs());
}

// However many pairs an owner's rows make, it adds them up by what the others need of them.
TEST(JointSizes, ProductsOfAnOwnersTablesAreAddedUpThere) {
  constexpr char kPairs[] =
      "SELECT COUNT(*) AS n FROM hospital.patients p LEFT JOIN (SELECT a.bsn FROM insurer.claims a "
      "JOIN insurer.claims b ON b.bsn = a.bsn AND b.kind = a.kind) x ON x.bsn = p.bsn";
  const absl::StatusOr<PlannedQuery> planned = Plan("1000", kPairs);
  ASSERT_TRUE(planned.ok()) << planned.status();
  for (const PhysicalNode& node : planned->plan.nodes) {
    const auto* local = std::get_if<LocalNode>(&node);
    if (local != nullptr) {
      EXPECT_LE(local->row_bound, 1'000'001u);  // and one of NULLs
    }
  }
}

// A row of the left has its own groups whatever it is joined to, and as often as that is done.
TEST(JointSizes, GroupsOfOneSideOfJoinsAreItsRows) {
  std::string text = kFederation;
  text.resize(text.find("[[table]]"));
  text += R"(
[[table]]
name = "hospital.wards"
persons = false
primary_key = ["code"]
row_bound = 20
  [[table.column]]
  name = "code"
  type = "integer"
  nullable = false
  use = ["aggregate", "filter", "group_key", "row"]
  [[table.column]]
  name = "level"
  type = "integer"
  use = ["aggregate", "filter", "group_key", "row"]
[[table]]
name = "insurer.tariffs"
persons = false
row_bound = 30
  [[table.column]]
  name = "level"
  type = "integer"
  use = ["aggregate", "filter", "group_key", "row"]
)";
  constexpr char kTwice[] =
      "SELECT code, level < ANY (SELECT level FROM insurer.tariffs) AS a, level >= ALL (SELECT level FROM insurer.tariffs) AS b "
      "FROM hospital.wards";
  const absl::StatusOr<PlannedQuery> planned = PlanQuery(kTwice, ParsedFederation(text), DemoInputs());
  ASSERT_TRUE(planned.ok()) << planned.status();
  for (const PhysicalNode& node : planned->plan.nodes) {
    const auto* group = std::get_if<GroupTableNode>(&node);
    if (group != nullptr) EXPECT_LE(group->group_bound, 20u);
  }
  EXPECT_LE(SlotsOf(planned->plan, planned->plan.nodes.size() - 1), 20u) << planned->ExplainText(ParsedFederation(text));
}

TEST(JointSizes, KeysThatLookUpAreBounded) {
  constexpr char kCount[] =
      "SELECT COUNT(*) AS n FROM hospital.patients p JOIN insurer.claims c ON c.bsn = p.bsn";
  EXPECT_TRUE(Plan("16777217", kCount).ok());
  EXPECT_TRUE(Plan("268435456", kCount).ok());
  constexpr char kLeft[] =
      "SELECT COUNT(*) AS n FROM hospital.patients p LEFT JOIN insurer.claims c ON c.bsn = p.bsn";
  EXPECT_TRUE(Plan("16777217", kLeft).ok());  // with longer tags
  EXPECT_TRUE(Plan("268435456", kLeft).ok());
  const absl::StatusOr<PlannedQuery> refused = Plan("268435457", kLeft);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("more than 268435456"));
}

}  // namespace
}  // namespace care::planner
