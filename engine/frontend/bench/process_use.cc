#include "engine/frontend/bench/process_use.h"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

// A line of /proc/<pid>/status such as "VmRSS:   1234 kB", in bytes.
std::uint64_t StatusBytes(pid_t pid, const std::string& name) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) == 0) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  return 0;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

double OwnProcessorSeconds() {
  rusage use = {};
  getrusage(RUSAGE_SELF, &use);
  return Seconds(use.ru_utime) + Seconds(use.ru_stime);
}

void ForgetOwnPeak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5";  // see proc(5)
}

std::uint64_t PeakResidentBytes(pid_t pid) { return StatusBytes(pid, "VmHWM"); }
std::uint64_t ResidentBytes(pid_t pid) { return StatusBytes(pid, "VmRSS"); }

double ProcessorSeconds(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');  // a program's name may hold spaces
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(text.substr(name_end + 1));
  constexpr int kFieldsBeforeUserTime = 11;  // of those after the name
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeUserTime; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace care::engine
