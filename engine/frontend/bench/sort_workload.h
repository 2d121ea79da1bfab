// engine/frontend/bench/sort_workload.h
//
// Benchmarks of moving and sorting rows that are secret-shared.
#pragma once

#include <memory>

#include "engine/frontend/bench/operator_workload.h"

namespace care::engine {

std::unique_ptr<OperatorWorkload> MakeSort64(const OperatorSetting& setting);
std::unique_ptr<OperatorWorkload> MakeSort32(const OperatorSetting& setting);
std::unique_ptr<OperatorWorkload> MakeShuffle(const OperatorSetting& setting);

}  // namespace care::engine
