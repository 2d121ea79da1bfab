// engine/frontend/bench/bench_party.h
//
// One of the three processes of a benchmark: the hidden sub-command `care bench-party`. It links up with the
// other two over TLS, plans and executes the query as a node does, or runs an operator (operator_party.h), and prints
// one line of figures for each run. The recipient compares the result with the one in the clear; a difference is an
// error.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "engine/frontend/bench/party_links.h"

namespace care::engine {

// Tasks: flagship, an operator of operator_table.h, and otherwise a join of so many rows.
inline constexpr const char* kJoinTask = "join-group-sum";
inline constexpr const char* kCountryTask = "country";
inline constexpr const char* kFlagshipTask = "flagship";

struct BenchPartyOptions {
  std::string task;
  unsigned role = 0;
  BenchPorts ports = {};
  std::string key_directory;
  std::string data_directory;  // flagship: a directory of the demonstration
  std::uint64_t rows = 0;      // of each table or column
  unsigned repeats = 1;
  std::string link;  // to emulate, as ParseLink reads it; empty: none
};

absl::Status RunBenchParty(const BenchPartyOptions& options);

}  // namespace care::engine
