// engine/frontend/generate/coaching_data.h
//
// Makes the coaching-app example: a hospital's IBD patients, an insurer's enrolment and claims, a statistics
// bureau's persons, as three SQLite databases and the federation file that describes them. All of it is
// invented; the numbers follow from the seed alone, the same on every machine.
//
// Planted effect, so that a reader can tell a right answer from a plausible one: in the year after the index
// date the expected cost of app users is lower by 12 % (education low), 8 % (middle) and 3 % (high, and where
// education is unknown) than in the year before; that of non-users is 2 % higher.
//
// Planted reality: patients whom the insurer or the bureau does not know; gaps and overlaps in enrolment;
// duplicate episodes among visits; NULL index dates, education, amounts and scores; one patient whose costs
// outweigh everyone's; many claims on few people; claims exactly on a window's edges; index dates at the ends
// of months, windows and claims around 29 February. At the default sizes fewer than ten patients of unknown
// education use the app, and few patients of any kind live in zeeland: disclosure control has something to hide.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace care::engine {

// Raised when the same options give other data: whoever keeps generated data compares it.
inline constexpr int kCoachingDataVersion = 2;

struct CoachingDataOptions {
  std::string directory;        // must exist; files in it of the same names are replaced
  std::uint64_t patients = 4'000;
  std::uint64_t insured = 200'000;
  std::uint64_t claims = 1'000'000;
  std::uint64_t persons = 300'000;
  std::uint64_t seed = 1;
  std::string federation_name = "ibd-coaching";
  std::string authority_sha256;               // hex fingerprint for the federation file
  std::string addresses[3] = {"127.0.0.1:7401", "127.0.0.1:7402", "127.0.0.1:7403"};  // hospital, insurer, bureau
  bool csv = false;             // also <schema>.<table>.csv for PostgreSQL's COPY ... WITH (FORMAT csv)
};

// What is being written and how far it is, in rows of that table.
using GenerateProgress = std::function<void(std::string_view table, std::uint64_t done, std::uint64_t total)>;

// Writes hospital.db, insurer.db, bureau.db and federation.toml. `progress` may be empty.
absl::Status GenerateCoachingData(const CoachingDataOptions& options, const GenerateProgress& progress);

// The text of federation.toml.
std::string CoachingFederation(const CoachingDataOptions& options);

// The [database] and [tables.*] sections of a node file of this party; empty for an unknown party.
std::string CoachingNodeTables(std::string_view party);

// CREATE SCHEMA and CREATE TABLE statements for PostgreSQL with the same names, columns and types, text in
// collation "C". The CSV files load into these tables; their names are CoachingTables().
std::string CoachingPostgresDdl();

// "hospital.patients", ... in the order of the federation file.
const std::vector<std::string>& CoachingTables();

}  // namespace care::engine
