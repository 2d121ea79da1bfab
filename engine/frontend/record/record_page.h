// engine/frontend/record/record_page.h
//
// The record of an answer as one HTML page, for a file that a data protection officer keeps: the question and
// its purpose, the released table, what was opened and to whom, each party's verdict and ledger entry, the
// plan and what ran where.
//
// The page stands alone: no script, no font, no image, no link to anywhere; its policy forbids them too. Every
// text in it is hostile until escaped. It prints, and it can be read with a screen reader.
#pragma once

#include <string>

#include "engine/session/answer.h"

namespace care::engine {

// Requires: the answer has its record.
std::string RecordPage(const Answer& answer);

}  // namespace care::engine
