// engine/frontend/suite/expected_cells.h
//
// Cells as a suite writes them, and the comparison of what is written with what was answered. It is of exact
// texts: 1.0 is not 1.00, and no number passes through a float.
//
// NULL, (empty) and (suppressed) stand for what has no text of its own; a text that reads the same has a
// backslash before it. Tabs, line ends, backslashes and a space at either end are written \t, \n, \r, \\, \s.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/suite/suite_file.h"
#include "engine/session/answer.h"

namespace care::engine {

using Cells = std::vector<std::vector<std::string>>;  // by row, as a suite writes them

Cells CellsOf(const Answer& answer);
std::size_t SuppressedIn(const Answer& answer);

// I: smallint, integer, bigint. T: text. R: numeric. D: date. B: boolean. ?: any.
bool TypeLetterFits(char letter, const std::string& type);

// What is wrong with the columns' number, types and names; empty if nothing is.
std::string CompareColumns(const SuiteRecord& record, const Answer& answer);

// What differs, row by row; empty if nothing does. InvalidArgument if the expected lines make no rows.
absl::StatusOr<std::string> CompareRows(const SuiteRecord& record, Cells actual);

// The lines that a suite would write for these rows, in the style of those that it has.
std::vector<std::string> ExpectedLines(const SuiteRecord& record, Cells actual);

// "12 values hashing to 3c13dee48d9356ae19af2515e05e6b54", after the record's sorting.
std::string HashLine(const SuiteRecord& record, Cells actual);

// The expected lines as rows, for comparing them with another engine's; only of a record that has no hash.
absl::StatusOr<Cells> ExpectedRows(const SuiteRecord& record);

// A text as a suite writes it.
std::string WrittenCell(const std::string& text);

}  // namespace care::engine
