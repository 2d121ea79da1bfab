// engine/frontend/bench/tpch_reference.h
//
// TPC-H's data for the benchmark, and what each query must answer on them: PostgreSQL's answers where it is installed, kept
// beside the data; otherwise their digests, for the data sets that are known here.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace care::engine {

// <parent>/tpch-<scale>-seed<seed>: databases, federation file, node files, answers. Makes what is missing.
absl::StatusOr<std::string> PrepareTpch(const std::string& parent, double scale, std::uint64_t seed);

struct KnownTpchAnswer {
  double scale;
  std::uint64_t seed;
  const char* query;
  std::uint64_t rows;
  const char* sha256;  // of AnswerText
};

// What an answer file holds: a text, or a digest. Both can be compared with an answer, and tell its number of rows.
bool IsExpectedAnswer(const std::string& file_text, const std::string& answer_text);
std::uint64_t RowsOfAnswer(const std::string& file_text);

}  // namespace care::engine
