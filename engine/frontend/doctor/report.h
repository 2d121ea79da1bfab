// engine/frontend/doctor/report.h
//
// What `care doctor` found: one finding a check, each good, doubtful or bad, and for all but the good ones
// what to do about it. Carries names, sizes and dates; never a cell, a key or a password.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/types/owner_detail.h"

namespace care::engine {

enum class Health : std::uint8_t {
  kOk,
  kWarning,  // works, but somebody should look
  kFailure,  // queries will fail, or something is open to those who should not see it
};

struct Finding {
  Health health = Health::kOk;
  std::string area;    // "certificate": scripts may rely on it
  std::string text;    // what is so
  std::string remedy;  // what to do; empty if kOk
};

class DoctorReport {
 public:
  void Ok(std::string area, std::string text) { Add({Health::kOk, std::move(area), std::move(text), {}}); }
  void Warn(std::string area, std::string text, std::string remedy) {
    Add({Health::kWarning, std::move(area), std::move(text), std::move(remedy)});
  }
  void Fail(std::string area, std::string text, std::string remedy) {
    Add({Health::kFailure, std::move(area), std::move(text), std::move(remedy)});
  }
  void Fail(std::string area, const absl::Status& status, std::string remedy) {
    Fail(std::move(area), TextForOwner(status), std::move(remedy));
  }

  const std::vector<Finding>& findings() const { return findings_; }
  bool failed() const;

 private:
  void Add(Finding finding) { findings_.push_back(std::move(finding)); }
  std::vector<Finding> findings_;
};

// A line a finding, the remedy below it, and a last line that counts.
std::string ReportAsText(const DoctorReport& report);
// {"findings": [{"health": "ok", "area", "text", "remedy"}], "ok": N, "warnings": N, "failures": N}
std::string ReportAsJson(const DoctorReport& report);

}  // namespace care::engine
