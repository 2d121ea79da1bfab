// planner/physical/table_forms.h
//
// In which forms owners share their columns: as bits where anything compares, sorts, groups or joins by them, in the ring where
// they are added up or multiplied, as both where both are wanted. An owner knows its values in the clear, so a second form is
// one more input (64 bits a row), where converting shares would cost several times that and a message for each bit.
#pragma once

#include "planner/physical/physical_plan.h"

namespace care::planner {

// Sets `bits` and `ring` of every ShareTable's columns from what later nodes do with them.
void ChooseForms(PhysicalPlan& plan);

}  // namespace care::planner
