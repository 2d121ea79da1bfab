// engine/frontend/generate/hospitals_data.h
//
// Events of invented patients at two hospitals, for the published health queries (tests/sql/hospitals): diagnoses and
// medications, half of them at each hospital, so that most patients are known to both. A third party, which owns nothing,
// computes. An analyst sees one `diagnosis` and one `medication`: the rows of both hospitals.
//
// The numbers follow from the seed alone. Low codes are the more frequent; some infections come back after 15 to 56 days,
// and exactly on these edges.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace care::engine {

struct HospitalsOptions {
  std::string directory;
  std::uint64_t patients = 1'000;
  std::uint64_t seed = 1;
  std::string authority_sha256;
  std::string addresses[3] = {"127.0.0.1:7401", "127.0.0.1:7402",
                              "127.0.0.1:7403"};  // north, south, registry
  bool csv = false;
};

// Writes north.db, south.db, registry.db and federation.toml; with `csv` also <schema>.<table>.csv.
absl::Status GenerateHospitalsData(const HospitalsOptions& options);

std::string HospitalsFederation(const HospitalsOptions& options);
// The [database] and [tables.*] sections of a party's node file; empty tables for the registry.
std::string HospitalsNodeTables(std::string_view party);
const std::vector<std::string>& HospitalsTables();
// With the views that analysts see, and cdiff_cohort.
std::string HospitalsPostgresDdl();

}  // namespace care::engine
