#include "engine/frontend/reference/child_process.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

constexpr int kCannotRun = 127;  // as shells say it
constexpr auto kPollInterval = std::chrono::milliseconds(3);

volatile std::sig_atomic_t stop_requested = 0;  // what a signal handler may touch

struct Streams {
  int input = -1;
  int output = -1;
  int error = -1;
};

struct Identity {
  uid_t user = 0;
  gid_t group = 0;
};

absl::StatusOr<std::optional<Identity>> IdentityOf(const std::string& user) {
  if (user.empty() || geteuid() != 0) return std::optional<Identity>();
  const passwd* entry = getpwnam(user.c_str());  // NOLINT(concurrency-mt-unsafe): before any thread needs it
  if (entry == nullptr) return absl::NotFoundError(absl::StrCat("there is no user ", user));
  return std::optional<Identity>(Identity{entry->pw_uid, entry->pw_gid});
}

// Everything that allocates happens before fork: between fork and exec other threads' locks are frozen.
absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& arguments, const std::string& user,
                            Streams streams) {
  CARE_ASSIGN_OR_RETURN(const std::optional<Identity> identity, IdentityOf(user));
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0)
    return absl::UnavailableError(absl::StrCat("cannot start ", arguments[0], ": ", strerror(errno)));
  if (pid > 0) return pid;

  // A group of its own, so that Ctrl-C at the terminal reaches the parent alone, which then ends its
  // children.
  setpgid(0, 0);
  dup2(streams.input, STDIN_FILENO);
  dup2(streams.output, STDOUT_FILENO);
  dup2(streams.error, STDERR_FILENO);
  if (identity.has_value()) {
    if (setgroups(0, nullptr) != 0 || setgid(identity->group) != 0 || setuid(identity->user) != 0) _exit(126);
  }
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  // After setuid, which clears it.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(126);
  execvp(argv[0], argv.data());
  _exit(kCannotRun);
}

int ExitCode(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

std::string ReadAll(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[65536];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, file)) > 0;)
    text.append(buffer, count);
  return text;
}

}  // namespace

absl::StatusOr<ChildProcess> ChildProcess::Start(const ChildOptions& options) {
  const int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const char* path = options.output_path.empty() ? "/dev/null" : options.output_path.c_str();
  const int output = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (input < 0 || output < 0) {
    const int error = errno;
    if (input >= 0) close(input);
    return absl::UnavailableError(absl::StrCat("cannot write ", path, ": ", strerror(error)));
  }
  auto child = StartWith(options.arguments, options.user, input, output, output);
  close(input);
  close(output);
  return child;
}

absl::StatusOr<ChildProcess> ChildProcess::StartWith(const std::vector<std::string>& arguments,
                                                     const std::string& user, int input, int output,
                                                     int error) {
  CARE_ASSIGN_OR_RETURN(const pid_t pid, Spawn(arguments, user, {input, output, error}));
  return ChildProcess(pid);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(other.pid_), exit_code_(other.exit_code_) {
  other.pid_ = -1;
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this != &other) {
    Stop();
    pid_ = other.pid_;
    exit_code_ = other.exit_code_;
    other.pid_ = -1;
  }
  return *this;
}

ChildProcess::~ChildProcess() { Stop(); }

bool ChildProcess::IsRunning() {
  if (pid_ < 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == 0) return true;
  exit_code_ = ExitCode(status);
  pid_ = -1;
  return false;
}

std::optional<int> ChildProcess::WaitFor(std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (IsRunning()) {
    if (StopRequested() || std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(kPollInterval);
  }
  return exit_code_;
}

void ChildProcess::Stop(std::chrono::milliseconds patience) { Stop(SIGTERM, patience); }

void ChildProcess::Stop(int signal, std::chrono::milliseconds patience) {
  if (!IsRunning()) return;
  kill(pid_, signal);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (!IsRunning()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  Kill();
}

void ChildProcess::Kill() {
  if (!IsRunning()) return;
  kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  exit_code_ = ExitCode(status);
  pid_ = -1;
}

absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& arguments,
                                         const CommandOptions& options) {
  const File in(std::tmpfile(), std::fclose), out(std::tmpfile(), std::fclose),
      error(std::tmpfile(), std::fclose);
  if (!in || !out || !error) return absl::UnavailableError("cannot create a temporary file");
  if (std::fwrite(options.input.data(), 1, options.input.size(), in.get()) != options.input.size() ||
      std::fflush(in.get()) != 0) {
    return absl::UnavailableError("cannot write a temporary file");
  }
  lseek(fileno(in.get()), 0, SEEK_SET);
  CARE_ASSIGN_OR_RETURN(ChildProcess child,
                        ChildProcess::StartWith(arguments, options.user, fileno(in.get()), fileno(out.get()),
                                                options.shows_errors ? STDERR_FILENO : fileno(error.get())));
  std::optional<int> exit_code;
  while (!exit_code.has_value()) {
    if (StopRequested()) return absl::CancelledError("stopped");
    exit_code = child.WaitFor(std::chrono::hours(1));
  }
  CommandResult result{.exit_code = *exit_code, .output = ReadAll(out.get()), .error = ReadAll(error.get())};
  if (result.exit_code == kCannotRun && result.output.empty() && result.error.empty()) {
    return absl::NotFoundError(absl::StrCat("cannot run ", arguments[0]));
  }
  return result;
}

void InstallStopHandler() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop_requested = 1; };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
}

bool StopRequested() { return stop_requested != 0; }

std::string ReadTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace care::engine
