// engine/frontend/demo/demo.h
//
// `care demo`: three organisations on one machine. Makes keys, data and configuration in a directory, starts
// a node for each as a process of its own, and asks them through the program's own sub-commands, exactly as a
// user would. Every number that it prints was measured or computed in that run.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace care::engine {

struct DemoOptions {
  std::string program;    // this executable: nodes and questions are its sub-commands
  std::string directory;  // holds data (kept for the next run), keys, node files, logs
  std::uint64_t patients = 4'000;
  std::uint64_t insured = 200'000;
  std::uint64_t claims = 1'000'000;
  std::uint64_t persons = 300'000;
  std::uint64_t seed = 1;
  std::uint16_t port = 7401;  // the hospital's; the insurer and the bureau listen on the next two, all for SQL clients on three more

  // At most one of these; without any, the question set is shown.
  bool verify = false;
  std::string eavesdrop;  // a party's name
  std::string kill;       // a party's name
  bool up = false;
};

// Returns once everything that it started has ended.
absl::Status RunDemo(const DemoOptions& options);

}  // namespace care::engine
