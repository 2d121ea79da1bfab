#include "absl/strings/str_cat.h"
#include "planner/physical/plan_query.h"

namespace care::planner {

std::string PlannedQuery::ExplainText(const Catalog& catalog) const {
  std::string text = PrintLogicalPlan(logical, catalog);
  absl::StrAppend(&text, "\nLeakage report\n");
  for (const Disclosure& disclosure : disclosures) absl::StrAppend(&text, "  ", disclosure.what, "\n");
  return text;
}

std::string PlannedQuery::ExplainJson(const Catalog&) const { return "{}\n"; }

}  // namespace care::planner
