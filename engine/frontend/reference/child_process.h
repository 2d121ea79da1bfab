// engine/frontend/reference/child_process.h
//
// A program started from this one, and ended by it: by its process id, never by name. Whatever way this process
// ends, its children end too (Linux: parent-death signal). Used for the demonstration's nodes and for the
// temporary PostgreSQL; nodes themselves never start anything.
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

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;  // -1 once reaped
};

struct CommandResult {
  int exit_code = 0;  // 128 + signal where a signal ended it
  std::string output;
  std::string error;
};

// Runs to the end, with `input` as its standard input.
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments, const std::string& input = {},
                                         const std::string& user = {});

// The whole of a small text file; empty if it cannot be read.
std::string ReadTextFile(const std::string& path);

}  // namespace care::engine
