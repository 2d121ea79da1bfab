// engine/frontend/bench/operator_workload.h
//
// A benchmark of one joint operator, or of a pipeline of some, over inputs that are secret-shared before the
// clock starts. It exists so that an operator is measured where it will run (three processes over TLS)
// without the planner and the databases, and so that a new one takes one small file and a line in
// operator_table.cc:
//
//   Share   not timed   each owner makes its clear columns and inputs them
//   Run     timed       the operator; traffic, rounds, processor time and memory are those of this step
//   Check   not timed   opens the result and compares it with the same computation in the clear
//
// A workload is made from its setting alone and does nothing until Share, so that the process that starts the
// parties can ask for the expected cost. With `Plain` one object plays every party, so clear inputs are made
// where `protocol.Holds(owner)` says so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/types/disclosure.h"
#include "mpc/cost/cost.h"
#include "mpc/cost/link_speed.h"
#include "mpc/protocol/protocol.h"

namespace care::engine {

struct OperatorSetting {
  std::uint64_t rows = 0;
  mpc::LinkSpeed link = {};  // by which an operator that has several methods picks one
};

class OperatorWorkload {
 public:
  virtual ~OperatorWorkload() = default;

  // What Check opens, and nothing else is opened.
  virtual std::vector<Disclosure> Disclosures() const = 0;
  virtual absl::Status Share(mpc::Protocol& protocol) = 0;
  virtual absl::Status Run(mpc::Protocol& protocol) = 0;
  // An error if the result is wrong. Comparing costs memory and time where the recipient is, which nobody
  // measures.
  virtual absl::Status Check(mpc::Protocol& protocol) = 0;

  // Of Run. If given, a benchmark whose meters say otherwise ends with an error.
  virtual std::optional<mpc::Cost> ExpectedCost() const { return std::nullopt; }
  // The algorithm that Run chooses for its setting, in words; empty if there is no choice.
  virtual std::string Plan() const { return {}; }
};

struct OperatorBenchmark {
  std::string_view name;
  std::string_view what;   // a line for --list
  std::uint64_t rows = 0;  // without --rows
  // What the project holds itself to, at `rows` and without an emulated link; 0: nothing.
  double most_seconds = 0;
  double most_bytes_a_row = 0;  // sent by the busiest party, at `rows` and more
  double most_peak_bytes = 0;   // resident in the largest process
  std::unique_ptr<OperatorWorkload> (*make)(const OperatorSetting& setting) = nullptr;
};

}  // namespace care::engine
