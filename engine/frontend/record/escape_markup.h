// engine/frontend/record/escape_markup.h
//
// Text that somebody else wrote, on its way into HTML or XML: SQL, purposes, cells, error messages. Nothing in
// it may become markup, make the document invalid, or reorder what a reader sees.
#pragma once

#include <string>
#include <string_view>

namespace care::engine {

// Escapes & < > " and '. Bytes that are not UTF-8 and characters that XML 1.0 does not allow become U+FFFD;
// Unicode's direction controls, which can show a statement in another order than it ran, become "[U+202E]".
std::string EscapeMarkup(std::string_view text);

}  // namespace care::engine
