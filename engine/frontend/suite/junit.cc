#include "engine/frontend/suite/junit.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/frontend/record/escape_markup.h"

namespace care::engine {
namespace {

constexpr std::size_t kShortBytes = 80;

std::string TestCase(const std::string& suite, const JudgedRecord& judged) {
  const SuiteRecord& record = judged.record;
  const std::string name = absl::StrCat("line ", record.line, ": ", ShortSql(record.sql));
  std::string text = absl::StrFormat("    <testcase classname=\"%s\" name=\"%s\" file=\"%s\" line=\"%d\" time=\"%.3f\"",
                                     EscapeMarkup(suite), EscapeMarkup(name), EscapeMarkup(record.file), record.line,
                                     judged.judgement.seconds);
  if (judged.judgement.skipped) return absl::StrCat(text, "><skipped/></testcase>\n");
  if (judged.judgement.failure.empty()) return absl::StrCat(text, "/>\n");
  const std::string first = judged.judgement.failure.substr(0, judged.judgement.failure.find('\n'));
  return absl::StrCat(text, ">\n      <failure message=\"", EscapeMarkup(first), "\">", EscapeMarkup(record.Place()), "\n",
                      EscapeMarkup(record.sql), "\n\n", EscapeMarkup(judged.judgement.failure),
                      "</failure>\n    </testcase>\n");
}

}  // namespace

std::string ShortSql(const std::string& sql) {
  std::string line =
      absl::StrJoin(absl::StrSplit(sql, absl::ByAnyChar(" \t\n"), absl::SkipEmpty()), " ");
  if (line.size() <= kShortBytes) return line;
  std::size_t end = kShortBytes - 3;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xc0) == 0x80) --end;  // not within a character
  return absl::StrCat(line.substr(0, end), "...");
}

std::size_t JudgedFile::failures() const {
  return (error.empty() ? 0 : 1) + static_cast<std::size_t>(std::count_if(
      records.begin(), records.end(), [](const auto& judged) { return !judged.judgement.failure.empty(); }));
}

std::size_t JudgedFile::skipped() const {
  return static_cast<std::size_t>(std::count_if(records.begin(), records.end(),
                                                [](const auto& judged) { return judged.judgement.skipped; }));
}

double JudgedFile::seconds() const {
  double sum = 0;
  for (const JudgedRecord& judged : records) sum += judged.judgement.seconds;
  return sum;
}

std::string JunitXml(const std::vector<JudgedFile>& files) {
  std::string suites;
  std::size_t tests = 0, failures = 0, skipped = 0;
  double seconds = 0;
  for (const JudgedFile& file : files) {
    const std::size_t count = file.records.size() + (file.error.empty() ? 0 : 1);
    absl::StrAppendFormat(&suites,
                          "  <testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.3f\">\n",
                          EscapeMarkup(file.path), count, file.failures(), file.skipped(), file.seconds());
    for (const JudgedRecord& judged : file.records) suites += TestCase(file.path, judged);
    if (!file.error.empty()) {
      absl::StrAppend(&suites, "    <testcase classname=\"", EscapeMarkup(file.path), "\" name=\"the file\" time=\"0.000\">\n",
                      "      <failure message=\"the suite could not be run\">", EscapeMarkup(file.error),
                      "</failure>\n    </testcase>\n");
    }
    suites += "  </testsuite>\n";
    tests += count;
    failures += file.failures();
    skipped += file.skipped();
    seconds += file.seconds();
  }
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                      absl::StrFormat("<testsuites tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.3f\">\n",
                                      tests, failures, skipped, seconds),
                      suites, "</testsuites>\n");
}

}  // namespace care::engine
