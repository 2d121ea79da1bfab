// engine/frontend/bench/party_processes.h
//
// Starts the three processes of a joint benchmark and gathers what each reports.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/bench/figures.h"

namespace care::engine {

struct PartyProcesses {
  std::string program;         // this executable
  std::string directory;       // where keys are made
  std::string data_directory;  // of the demonstration, for the benchmark that reads it
  std::string task;            // a benchmark's name
  std::uint64_t rows = 0;
  unsigned repeats = 1;
  std::optional<mpc::LinkSpeed> link;  // emulated
};

// By run, then by role. An error of any party is the error.
using PartyRuns = std::vector<std::array<PartyFigures, 3>>;
absl::StatusOr<PartyRuns> RunPartyProcesses(const PartyProcesses& processes);

// What all three did together in the run that took least time.
struct JointFigures {
  Figures figures;
  std::uint64_t rounds_before_gate = 0;
  std::uint64_t bytes_before_gate = 0;
};
JointFigures FastestRun(const PartyRuns& runs);

}  // namespace care::engine
