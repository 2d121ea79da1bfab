// engine/frontend/bench/tpch_workload.h
//
// One of TPC-H's queries as a joint benchmark: its text as it stands in tests/sql/tpch, compiled in, over the databases
// that GenerateTpchData wrote.
//
// What it must answer is PostgreSQL's: the benchmark keeps it, beside the data, as an answer text (AnswerText). Without a
// PostgreSQL on the machine the same texts' SHA-256 are known for the scales in tpch_answers.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/query_texts.h"
#include "engine/frontend/bench/query_workload.h"
#include "engine/frontend/reference/text_table.h"
#include "mpc/cost/link_speed.h"

namespace care::engine {

// "tpch-q01", and "tpch-q01-secret" where nothing is pushed to an owner.
std::string TpchTask(const std::string& query, bool all_secret);
bool IsTpchTask(std::string_view task);

planner::PlanInputs TpchPlanInputs(bool all_secret);

// Names and types, then a row a line.
std::string AnswerText(const TextTable& table);
TextTable TextOf(const ReleasedTable& table);
std::string TpchAnswerFile(const std::string& data_directory, const std::string& query);

absl::StatusOr<std::unique_ptr<QueryWorkload>> MakeTpchWorkload(const std::string& data_directory,
                                                                const std::string& task,
                                                                const std::optional<mpc::LinkSpeed>& link);

}  // namespace care::engine
