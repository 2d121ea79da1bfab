// engine/frontend/bench/operator_table.h
//
// The operators that `care bench` measures, in the order in which it lists them.
#pragma once

#include <span>
#include <string_view>

#include "engine/frontend/bench/operator_workload.h"

namespace care::engine {

std::span<const OperatorBenchmark> OperatorBenchmarks();

// Null if there is none of this name.
const OperatorBenchmark* FindOperatorBenchmark(std::string_view name);

}  // namespace care::engine
