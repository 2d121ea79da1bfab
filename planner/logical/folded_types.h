// planner/logical/folded_types.h
//
// The precision and the length of an answer's columns where constants decide which value is taken. PostgreSQL says what a column's type is
// after it has folded constants: CASE WHEN TRUE THEN x END of a numeric(8,2) is a numeric(8,2), though a CASE with a NULL branch is not.
#pragma once

#include "planner/logical/logical_plan.h"

namespace care::planner {

// Of a plan as it was bound.
void TakeFoldedTypes(LogicalPlan& plan);

}  // namespace care::planner
