#include "planner/physical/validator.h"

#include "planner/physical/leakage.h"

namespace care::planner {

absl::Status ValidatePlan(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures, const Catalog& catalog) {
  if (disclosures != LeakageOf(plan, catalog)) return absl::InternalError("invalid plan: the leakage report is not the plan's");
  return absl::OkStatus();
}

}  // namespace care::planner
