#include "engine/frontend/suite/run_suites.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/frontend/suite/update_file.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

using Print = std::function<void(const std::string&)>;

std::string Indented(const std::string& text) {
  std::string out;
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (const std::string& line : lines) absl::StrAppend(&out, line.empty() ? "" : "    ", line, "\n");
  return out;
}

bool Matches(const SuiteRecord& record, const std::string& filter) {
  return filter.empty() || record.Place().find(filter) != std::string::npos ||
         record.label.find(filter) != std::string::npos || record.sql.find(filter) != std::string::npos;
}

JudgedFile RunFile(const std::string& path, const SuiteOptions& options, Answerer& answerer, const Print& print) {
  JudgedFile file;
  file.path = path;
  absl::StatusOr<std::vector<SuiteRecord>> records = ReadSuite(path, options.engine);
  if (!records.ok()) {
    file.error = std::string(records.status().message());
    print(absl::StrCat("FAILED  ", file.error, "\n"));
    return file;
  }
  LabelledResults labels;
  for (SuiteRecord& record : *records) {
    if (!Matches(record, options.filter)) continue;
    if (StopRequested()) {
      file.error = absl::StrCat(path, ": stopped before ", record.Place());
      break;
    }
    Judgement judgement = Judge(record, answerer, labels);
    if (!judgement.failure.empty()) {
      print(absl::StrCat("FAILED  ", record.Place(), "\n", Indented(record.sql), "\n", Indented(judgement.failure), "\n"));
    }
    file.records.push_back({std::move(record), std::move(judgement)});
  }
  print(absl::StrFormat("%-7s %s: %d records, %d failed, %d skipped, %.1f s\n", file.failures() == 0 ? "ok" : "FAILED",
                        path, file.records.size(), file.failures(), file.skipped(), file.seconds()));
  return file;
}

absl::Status WriteText(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  return file ? absl::OkStatus() : absl::UnavailableError(absl::StrCat("cannot write ", path));
}

}  // namespace

absl::StatusOr<SuiteTotals> RunSuites(const SuiteOptions& options, Answerer& answerer, const Print& print) {
  std::vector<JudgedFile> files;
  SuiteTotals totals;
  double seconds = 0;
  for (const std::string& path : options.files) {
    files.push_back(RunFile(path, options, answerer, print));
    const JudgedFile& file = files.back();
    totals.failed += file.failures();
    totals.skipped += file.skipped();
    totals.passed += file.records.size() + (file.error.empty() ? 0 : 1) - file.failures() - file.skipped();
    seconds += file.seconds();
  }
  if (options.update) {
    CARE_ASSIGN_OR_RETURN(totals.updated, UpdateFiles(files));
  }
  if (!options.junit_path.empty()) CARE_RETURN_IF_ERROR(WriteText(options.junit_path, JunitXml(files)));
  print(absl::StrFormat("%d %s: %d passed, %d failed, %d skipped, %.1f s\n", files.size(),
                        files.size() == 1 ? "file" : "files", totals.passed, totals.failed, totals.skipped, seconds));
  if (options.update) {
    print(absl::StrFormat("rewrote what %d %s; run again without --update, and read the difference before you keep it\n",
                          totals.updated, totals.updated == 1 ? "record expects" : "records expect"));
  }
  if (totals.passed + totals.failed == 0) {
    print(options.filter.empty() ? "every record was skipped: nothing was tested\n"
                                 : "no record matches --filter: nothing was tested\n");
  }
  return totals;
}

}  // namespace care::engine
