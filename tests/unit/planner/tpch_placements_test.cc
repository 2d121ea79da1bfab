// EXPLAIN of the 22 queries of TPC-H over three owners, as placed and with everything secret: the general placement's rules, one or
// more in each, with why each operator was chosen. tests/plans/tpch.
#include "tests/unit/planner/explain_goldens.h"

namespace care::planner {
namespace {

class TpchPlacement : public ::testing::TestWithParam<int> {};

std::string NameOf(int number) { return (number < 10 ? "q0" : "q") + std::to_string(number); }

// The sizes of scale 0.1, at which benchmarks run. The leakage report has tests of its own.
std::string Explained(const std::string& name, bool all_secret) {
  const absl::StatusOr<Catalog> catalog = LoadFederation((TestsDirectory() / "plans" / "tpch" / "federation.toml").string());
  if (!catalog.ok()) return std::string(catalog.status().message());
  PlanInputs inputs;
  inputs.recipient = 0;
  inputs.current_date_days = 20000;
  inputs.all_secret = all_secret;
  const absl::StatusOr<PlannedQuery> query = PlanQuery(ReadText(TestsDirectory() / "sql" / "tpch" / (name + ".sql")), *catalog, inputs);
  if (!query.ok()) return std::string(query.status().message()) + "\n";
  const std::string text = query->ExplainText(*catalog);
  const std::size_t leakage = text.find("\nLeakage report"), rewritten = text.find("\nRewritten by"), expected = text.find("\nExpected");
  return text.substr(0, leakage) + text.substr(rewritten, expected - rewritten);
}

TEST_P(TpchPlacement, IsTheGoldenOne) {
  const std::string name = NameOf(GetParam());
  ExpectGolden("tpch/" + name + ".txt", Explained(name, false));
  ExpectGolden("tpch/" + name + "_all_secret.txt", Explained(name, true));
}

INSTANTIATE_TEST_SUITE_P(All, TpchPlacement, ::testing::Range(1, 23), [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace care::planner
