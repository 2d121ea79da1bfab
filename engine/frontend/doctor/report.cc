#include "engine/frontend/doctor/report.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/session/messages.h"

namespace care::engine {
namespace {

constexpr std::size_t kAreaWidth = 11;

const char* Word(Health health) {
  switch (health) {
    case Health::kOk:
      return "OK";
    case Health::kWarning:
      return "WARN";
    case Health::kFailure:
      return "FAIL";
  }
  return "FAIL";
}

std::size_t Count(const DoctorReport& report, Health health) {
  return static_cast<std::size_t>(
      std::count_if(report.findings().begin(), report.findings().end(),
                    [health](const Finding& finding) { return finding.health == health; }));
}

std::string Padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

// A message of several lines stays below its finding.
std::string Indented(const std::string& text) {
  std::string indented;
  for (const auto line : absl::StrSplit(text, '\n')) {
    if (!indented.empty()) indented += "\n" + std::string(7 + kAreaWidth, ' ');
    absl::StrAppend(&indented, line);
  }
  return indented;
}

}  // namespace

bool DoctorReport::failed() const { return Count(*this, Health::kFailure) > 0; }

std::string ReportAsText(const DoctorReport& report) {
  std::string text;
  for (const Finding& finding : report.findings()) {
    absl::StrAppend(&text, Padded(Word(finding.health), 6), Padded(finding.area, kAreaWidth), " ",
                    Indented(finding.text), "\n");
    if (!finding.remedy.empty())
      absl::StrAppend(&text, std::string(6 + kAreaWidth, ' '), " -> ", Indented(finding.remedy), "\n");
  }
  const std::size_t warnings = Count(report, Health::kWarning);
  const std::size_t failures = Count(report, Health::kFailure);
  absl::StrAppend(&text, "\n", report.findings().size(), " checks, ", failures,
                  failures == 1 ? " failure, " : " failures, ", warnings,
                  warnings == 1 ? " warning\n" : " warnings\n");
  return text;
}

std::string ReportAsJson(const DoctorReport& report) {
  using nlohmann::json;
  json findings = json::array();
  for (const Finding& finding : report.findings()) {
    std::string health = "failure";
    if (finding.health == Health::kOk) health = "ok";
    if (finding.health == Health::kWarning) health = "warning";
    findings.push_back(
        {{"health", health}, {"area", finding.area}, {"text", finding.text}, {"remedy", finding.remedy}});
  }
  const json object = {{"findings", findings},
                       {"ok", Count(report, Health::kOk)},
                       {"warnings", Count(report, Health::kWarning)},
                       {"failures", Count(report, Health::kFailure)}};
  return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace care::engine
