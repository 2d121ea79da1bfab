// tests/unit/planner/planned_questions.h
//
// The demonstration's questions (tests/sql/questions), planned against its federation file (tests/plans), for
// tests of what is made of a plan.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "planner/physical/plan_query.h"

namespace care::planner {

inline std::filesystem::path TestsDirectory() {
  return std::filesystem::path(CARE_SOURCE_DIRECTORY) / "tests";
}

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string DemoFederation() { return ReadText(TestsDirectory() / "plans" / "federation.toml"); }

inline Catalog ParsedFederation(const std::string& text) {
  absl::StatusOr<Catalog> catalog = ParseFederation(text);
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return catalog.ok() ? *std::move(catalog) : Catalog{};
}

inline Catalog DemoCatalog() { return ParsedFederation(DemoFederation()); }

// "01_insured_patients" ...
inline std::vector<std::string> QuestionNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TestsDirectory() / "sql" / "questions")) {
    if (entry.path().extension() == ".sql") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

inline std::string QuestionText(const std::string& name) {
  return ReadText(TestsDirectory() / "sql" / "questions" / (name + ".sql"));
}

inline PlanInputs DemoInputs() {
  PlanInputs inputs;
  inputs.current_date_days = 20'000;
  inputs.purpose = "evaluation of the app";
  inputs.recipient = 0;
  return inputs;
}

inline PlannedQuery Planned(const std::string& sql, const Catalog& catalog,
                            const PlanInputs& inputs = DemoInputs()) {
  absl::StatusOr<PlannedQuery> query = PlanQuery(sql, catalog, inputs);
  EXPECT_TRUE(query.ok()) << query.status();
  return query.ok() ? *std::move(query) : PlannedQuery{};
}

// The plan's node of that kind, the first or the `position`-th after it, for a test to break.
template <typename Node>
Node& At(PhysicalPlan& plan, int position = 0) {
  for (PhysicalNode& node : plan.nodes) {
    if (auto* found = std::get_if<Node>(&node); found != nullptr && position-- == 0) return *found;
  }
  ADD_FAILURE() << "the plan lacks such a node";
  static Node none;
  return none;
}

}  // namespace care::planner
