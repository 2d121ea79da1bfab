// planner/physical/plan_query.h
//
// From SQL text to an agreed plan: parse, bind, rewrite, place, validate, digest. A pure function of its
// three arguments; every party calls it for itself and compares digests before anything is shared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/disclosure.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/measured_plan.h"
#include "planner/physical/physical_plan.h"
#include "planner/physical/plan_inputs.h"

namespace care::planner {

// What a plan is expected to move, all parties together.
struct PlanCost {
  bool is_known = true;  // false of a plan that its validator refuses
  std::uint64_t bytes = 0;
  std::uint64_t rounds = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> node_bytes_and_rounds;  // by node
};

// A way to place the query, right like any other, and its price.
struct PlanAlternative {
  std::string name;  // "in another join order"
  std::uint64_t bytes = 0;
  std::uint64_t rounds = 0;
};

struct PlannedQuery {
  std::string sql;
  PlanInputs inputs;
  LogicalPlan logical;  // after the rules
  PhysicalPlan plan;
  std::vector<Disclosure> disclosures;  // the leakage report
  PlanCost cost;
  std::vector<PlanAlternative> considered;  // where there were several: that of the plan, and the others
  std::string disclosure_digest;  // hex SHA-256: bound query, leakage report
  std::string execution_digest;   // hex SHA-256: physical plan, inputs, federation
  std::vector<OutputColumn> output;

  // The tree with owner or `joint`, slots, rounds and bytes; then the leakage report. With what a run measured beside what was
  // expected, if there was one.
  std::string ExplainText(const Catalog& catalog, const MeasuredPlan* measured = nullptr) const;
  std::string ExplainJson(const Catalog& catalog, const MeasuredPlan* measured = nullptr) const;
};

absl::StatusOr<PlannedQuery> PlanQuery(std::string_view sql, const Catalog& catalog, const PlanInputs& inputs);

}  // namespace care::planner
