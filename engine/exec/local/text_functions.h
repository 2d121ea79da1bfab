// engine/exec/local/text_functions.h
//
// PostgreSQL's text functions in collation "C" over UTF-8: characters are code points, and upper and lower case
// are ASCII's alone, as PostgreSQL's are in that collation. Inputs are valid UTF-8 (connectors see to that).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care::engine {

std::int64_t CharacterLength(std::string_view text);
std::string LowerAscii(std::string_view text);
std::string UpperAscii(std::string_view text);

// SUBSTRING(text FROM from [FOR length]), 1-based; `from` may lie before the text. InvalidArgument if length < 0.
absl::StatusOr<std::string> Substring(std::string_view text, std::int64_t from, const std::int64_t* length);

enum class TrimSide { kBoth, kLeading, kTrailing };
std::string Trim(std::string_view text, std::string_view characters, TrimSide side);

// Every occurrence of `from`, left to right; unchanged if `from` is empty.
std::string Replace(std::string_view text, std::string_view from, std::string_view to);

// The first `count` characters, the last; negative: all but so many.
std::string Left(std::string_view text, std::int64_t count);
std::string Right(std::string_view text, std::int64_t count);
// Where the part begins, from 1; 0 where it is not in the text.
std::int64_t PositionOf(std::string_view text, std::string_view part);
// To so many characters, cut off at the end or filled up at one side.
std::string Pad(std::string_view text, std::int64_t length, std::string_view fill, bool left);
std::string InitCapAscii(std::string_view text);
std::string Reverse(std::string_view text);
std::string Repeat(std::string_view text, std::int64_t count);
// The part between two delimiters, from 1, or from the end from -1; empty where there is none.
std::string SplitPart(std::string_view text, std::string_view delimiter, std::int64_t part);

// LIKE: % any characters, _ one, backslash (or `escape`; empty for none) takes the next as it is.
// InvalidArgument if the pattern ends in its escape character.
absl::StatusOr<bool> Like(std::string_view text, std::string_view pattern, std::string_view escape = "\\");

}  // namespace care::engine
