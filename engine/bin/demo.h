// engine/bin/demo.h
//
// The sub-command `care demo`.
#pragma once

#include <CLI/CLI.hpp>

namespace care::engine {

// Adds the sub-command; `exit_code` is set when it has run. What it holds lives as long as `app`.
void AddDemoCommand(CLI::App& app, int& exit_code);

}  // namespace care::engine
