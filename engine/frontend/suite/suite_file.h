// engine/frontend/suite/suite_file.h
//
// A suite: questions in SQL with the answers that are expected, in the format of sqllogictest, so that its
// authors, editors and existing files carry over. What is ours are directives, lines that begin with "+"
// before a record: what the plan must contain, what it may open, how many cells are hidden. docs/suite.md is
// the format's description.
//
// Reading is strict: a word that is not known is an error with file and line. A suite whose typing mistakes
// pass silently tests nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace care::engine {

enum class RecordKind { kStatementOk, kStatementError, kQuery };
enum class Sorting { kNone, kRows, kValues };

// What a record asks of the plan and the gate besides its rows.
struct Directives {
  std::string purpose = "suite";
  std::vector<std::string> operators;  // the plan has each of these operations
  std::vector<std::string> leakage;    // the leakage report has each of these lines
  bool leakage_only = false;           // and no other
  std::optional<std::uint64_t> suppressed;  // exactly so many hidden cells
  std::string columns;                 // "education text, patients bigint"; empty: not compared
  std::vector<std::string> parameters;  // literals that stand for $1, $2, ...; none: nothing is put in their place
};

struct SuiteRecord {
  std::string file;
  std::size_t line = 0;  // of its "query" or "statement", from 1
  RecordKind kind = RecordKind::kQuery;
  std::string types;  // a letter a column; see TypeLetterFits
  Sorting sorting = Sorting::kNone;
  std::string label;       // records of one label have equal results
  std::string error;       // beside "statement error": a part of the message, or /regular expression/
  std::string sql;
  bool skipped = false;    // by skipif or onlyif
  Directives directives;
  std::vector<std::string> expected;  // the lines below "----"
  std::size_t hash_threshold = 0;     // results of more values are written as a hash; 0: never

  // For rewriting what is expected: the lines [expected_begin, expected_end) of the file, counted from 0.
  bool has_expected = false;  // there is a "----"; else it would be inserted at expected_begin
  std::size_t expected_begin = 0;
  std::size_t expected_end = 0;

  std::string Place() const;  // "coaching.test:12"
  // The SQL with its parameters' literals in their places; an error, as an analyst reads it, if it names another one.
  absl::StatusOr<std::string> AskedSql() const;
};

// Reads a file and what it includes. `engine` is the name that skipif and onlyif compare with. A file without
// a record is an error.
absl::StatusOr<std::vector<SuiteRecord>> ReadSuite(const std::string& path, const std::string& engine);

}  // namespace care::engine
