// engine/frontend/suite/run_suites.h
//
// `care suite`: runs the records of suites one after another, says what failed while it goes on, and sums up.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/frontend/suite/answerer.h"
#include "engine/frontend/suite/junit.h"

namespace care::engine {

struct SuiteOptions {
  std::vector<std::string> files;
  std::string filter;  // only records whose place, label or SQL contains it
  std::string junit_path;
  bool update = false;
  std::string engine = "care";  // what skipif and onlyif call the answerer
};

struct SuiteTotals {
  std::size_t passed = 0, failed = 0, skipped = 0, updated = 0;
  // A run that tried nothing did not succeed.
  bool success() const { return failed == 0 && passed > 0; }
};

// Unreadable files, records that fail and a run without records count as failures, which `print` says; an error
// is a report or a suite that could not be written.
absl::StatusOr<SuiteTotals> RunSuites(const SuiteOptions& options, Answerer& answerer,
                                      const std::function<void(const std::string&)>& print);

}  // namespace care::engine
