// engine/frontend/bench/operator_party.h
//
// One party's side of an operator benchmark: shares, runs under the clock, checks; once for each run.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"
#include "engine/frontend/bench/operator_workload.h"
#include "engine/frontend/bench/party_links.h"

namespace care::engine {

absl::StatusOr<std::vector<PartyFigures>> MeasureOperatorParty(const OperatorBenchmark& benchmark,
                                                               const OperatorSetting& setting, unsigned role,
                                                               unsigned repeats, PartyLinks& links);

}  // namespace care::engine
