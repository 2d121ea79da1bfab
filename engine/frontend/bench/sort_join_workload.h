// engine/frontend/bench/sort_join_workload.h
//
// sort-join: as many rows on each side as --rows says, keys of 64 bits that are secret on both, unique on the
// left; half of the right rows find one, and bring home 64 bits.
#pragma once

#include <memory>

#include "engine/frontend/bench/operator_workload.h"

namespace care::engine {

std::unique_ptr<OperatorWorkload> MakeSortJoin(const OperatorSetting& setting);

}  // namespace care::engine
