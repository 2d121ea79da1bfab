// engine/frontend/shell/print_answer.h
//
// A released table as text. Suppressed cells are never shown as NULL without a word: the table marks them and
// explains the mark below, CSV adds a column `<name>_note`, JSON a list of marks.
#pragma once

#include <string>

#include "engine/session/answer.h"

namespace care::engine {

// Aligned like psql's, numbers to the right; NULL is empty.
std::string FormatTable(const Answer& answer);
// RFC 4180 with a header line; NULL is empty, an empty text is "".
std::string FormatCsv(const Answer& answer);
// One object: columns with types, rows of texts or nulls, marks of suppressed cells, figures.
std::string FormatJson(const Answer& answer);
// "0.84 s, 12.3 MB sent between the parties, 40 rounds"
std::string FormatFigures(const Answer& answer);

}  // namespace care::engine
