// engine/frontend/suite/plan_checks.h
//
// What a record demands of its query's plan: operations that it contains, and what its leakage report says. A
// suite with "+leakage only" fails when a change of the planner opens one thing more.
#pragma once

#include <string>

#include "engine/frontend/suite/suite_file.h"

namespace care::engine {

bool DemandsOfThePlan(const Directives& directives);

// `explanation` is EXPLAIN's JSON. What is missing or too much; empty if the plan is as demanded.
std::string CheckPlan(const Directives& directives, const std::string& explanation);

}  // namespace care::engine
