// engine/frontend/bench/process_use.h
//
// What a process has used so far, as the kernel counts it.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace care::engine {

double OwnProcessorSeconds();  // user and system, all threads

// From here on this process's peak is counted anew, where the kernel allows it.
void ForgetOwnPeak();

// From /proc; 0 if the process is gone.
std::uint64_t PeakResidentBytes(pid_t pid);
std::uint64_t ResidentBytes(pid_t pid);
double ProcessorSeconds(pid_t pid);  // in clock ticks: hundredths of a second

}  // namespace care::engine
