// tests/sql/released_rows.h
//
// Where cells are hidden the others are still PostgreSQL's: what a suite expects of the gate, against an answer that
// hides nothing.
#pragma once

#include <cstddef>

#include "engine/frontend/suite/suite_file.h"
#include "engine/session/answer.h"

namespace care::engine {

// Each expected row has a row of `answer` of its own that agrees in all cells that are not hidden, unless the row stands
// for nobody; and none is left over. Fails the test otherwise. Returns the number of hidden cells.
std::size_t ExpectReleasedRowsOf(const Answer& answer, const SuiteRecord& record);

}  // namespace care::engine
