// engine/frontend/reference/child_process.h
//
// A program started from this one, and ended by it: by its process id, never by name. Whatever way this
// process ends, its children end too (Linux: parent-death signal). Used for the demonstration's nodes and for
// the temporary PostgreSQL; nodes themselves never start anything.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine {

struct ChildOptions {
  std::vector<std::string> arguments;  // the program first; searched in PATH unless it has a slash
  std::string output_path;             // where standard output and error are appended; empty: discarded
  std::string user;                    // when run as root: become this user first
};

class ChildProcess {
 public:
  static absl::StatusOr<ChildProcess> Start(const ChildOptions& options);
  // The same with open file descriptors, which stay the caller's.
  static absl::StatusOr<ChildProcess> StartWith(const std::vector<std::string>& arguments,
                                                const std::string& user, int input, int output, int error);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // Stop

  pid_t pid() const { return pid_; }
  bool IsRunning();
  // SIGTERM (or another first signal), then SIGKILL when patience is over; returns once the child is gone.
  void Stop(std::chrono::milliseconds patience = std::chrono::seconds(5));
  void Stop(int signal, std::chrono::milliseconds patience);
  // SIGKILL at once: the child has no say.
  void Kill();
  // Its exit code (128 + signal where a signal ended it), or nothing if it still runs when patience is over.
  std::optional<int> WaitFor(std::chrono::milliseconds patience);

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;  // -1 once reaped
  int exit_code_ = 0;
};

struct CommandResult {
  int exit_code = 0;  // 128 + signal where a signal ended it
  std::string output;
  std::string error;
};

struct CommandOptions {
  std::string input;  // its standard input
  std::string user;   // as in ChildOptions
  bool shows_errors =
      false;  // its standard error is this process's own, for progress; CommandResult::error is empty
};

// Runs to the end. If a stop is requested meanwhile, ends the child and returns Cancelled.
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         const CommandOptions& options = {});

// Turns SIGINT, SIGTERM and SIGHUP into a flag, so that the stack unwinds and takes children and temporary
// directories with it.
void InstallStopHandler();
bool StopRequested();

// The whole of a small text file; empty if it cannot be read.
std::string ReadTextFile(const std::string& path);

}  // namespace care::engine
