#include "planner/physical/validator.h"

#include "engine/types/status_macros.h"
#include "planner/physical/leakage.h"
#include "planner/physical/star_validator.h"
#include "planner/physical/table_validator.h"

namespace care::planner {

absl::Status ValidatePlan(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures,
                          const Catalog& catalog) {
  if (IsTablePlan(plan)) {
    if (plan.recipient >= catalog.parties.size()) return absl::InternalError("invalid plan: the recipient is no party of the federation");
    CARE_RETURN_IF_ERROR(ValidateTables(plan, catalog));
    if (plan.finish == nullptr) return absl::InternalError("invalid plan: there is nothing to do with what is released");
    if (disclosures != LeakageOf(plan, catalog)) return absl::InternalError("invalid plan: the leakage report is not the plan's");
    return absl::OkStatus();
  }
  return StarValidator(plan, disclosures, catalog).Validate();
}

}  // namespace care::planner
