// engine/frontend/generate/messy_data.h
//
// The coaching example as owners' data really are. The same invented people as GenerateCoachingData, but the hospital
// writes numbers as text with spaces around them, the insurer as integers that have lost their leading zeros; some fail
// the eleven-test or are missing. Patients were registered twice and merged, by chains; claims were taken back, and some
// of those taken back again; rows are there twice in two versions; days are moments around midnight and in the nights
// when clocks change; texts are untrimmed, decomposed, or no UTF-8; amounts and scores are out of range.
//
// What of it counts follows from the node files' sections, which are written too. Compare docs/data-quality.md.
#pragma once

#include "absl/status/status.h"
#include "engine/frontend/generate/coaching_data.h"

namespace care::engine {

// Writes federation.toml and, for each party, what MessyWriter writes and <party>.<kind>.toml: the [database] and
// [tables] sections of a node file for each kind of database.
absl::Status GenerateMessyData(const CoachingDataOptions& options);

}  // namespace care::engine
