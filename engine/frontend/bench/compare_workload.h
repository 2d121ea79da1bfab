// engine/frontend/bench/compare_workload.h
//
// equal-64 and less-64: two columns of 64 bits of two owners, compared row by row. A third of the rows are
// equal, a third differ in one bit (any bit, either way), a third have nothing to do with each other.
#pragma once

#include <memory>

#include "engine/frontend/bench/operator_workload.h"

namespace care::engine {

std::unique_ptr<OperatorWorkload> MakeEqual64(const OperatorSetting& setting);
std::unique_ptr<OperatorWorkload> MakeLess64(const OperatorSetting& setting);

}  // namespace care::engine
