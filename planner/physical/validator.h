// planner/physical/validator.h
//
// The last look at a plan before it may run: separate code that trusts nothing that placement concluded and
// proves again, from the fragments and the federation file, what safety rests on. A plan that fails is our
// mistake, never the analyst's, so the error is Internal; it names the node and the rule.
//
// The rules (planner.md, section 6, as far as the first version's nodes go):
//   order      a node refers to earlier nodes of the right kind; one CellsNode, one GateNode; the gate last
//   fragments  read tables of one owner, who computes them; each is used once; nothing in them can raise
//   keys       name the person; never NULL; of one key domain and type; distinct at the spine and in each arm
//   lookups    three different parties: the arm's owner, the spine's owner, a helper that computes
//   forms      as wide as the declared range or domain; NULLs travel along; what stays with its owner is the
//              spine's own and is only multiplied
//   spaces     expressions use columns of their own slot space, shared before
//   gate       counts persons in each cell and for each value; sees the measures that open
//   report     the leakage report is exactly the plan's; the recipient is a party
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "engine/types/disclosure.h"
#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

absl::Status ValidatePlan(const PhysicalPlan& plan, const std::vector<Disclosure>& disclosures,
                          const Catalog& catalog);

}  // namespace care::planner
