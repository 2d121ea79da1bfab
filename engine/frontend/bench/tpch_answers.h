// engine/frontend/bench/tpch_answers.h
//
// Digests of PostgreSQL's answers to TPC-H's queries on generated data, for machines without PostgreSQL. They follow from
// kTpchDataVersion; `care bench tpch` with PostgreSQL writes them as answers.sha256 beside its data.
#pragma once

#include <vector>

#include "engine/frontend/bench/tpch_reference.h"

namespace care::engine {

const std::vector<KnownTpchAnswer>& KnownTpchAnswers();

}  // namespace care::engine
