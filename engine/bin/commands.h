// engine/bin/commands.h
//
// The sub-commands of `care`, one file each. A command adds itself to the program's options and, if it was
// given, runs from its callback and says how the program ends.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"

namespace care::bin {

// What scripts rely on.
enum ExitCode : int {
  kDone = 0,
  kFailed = 1,       // the query was refused or failed
  kUsage = 2,        // the command line, or a file that it names, is wrong
  kUnreachable = 3,  // the node cannot be reached
};

void AddServe(CLI::App& app, int& exit_code);
void AddQuery(CLI::App& app, int& exit_code);
void AddExplain(CLI::App& app, int& exit_code);
void AddKeygen(CLI::App& app, int& exit_code);
void AddFederation(CLI::App& app, int& exit_code);
void AddUser(CLI::App& app, int& exit_code);
void AddGenerate(CLI::App& app, int& exit_code);
void AddInit(CLI::App& app, int& exit_code);
void AddDoctor(CLI::App& app, int& exit_code);
void AddBench(CLI::App& app, int& exit_code);
void AddSuite(CLI::App& app, int& exit_code);

// "care: " and the message on standard error; a query's error, which has lines of its own, as it is.
void PrintError(const absl::Status& status);

}  // namespace care::bin
