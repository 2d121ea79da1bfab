// connectors/declared/text_form.h
//
// What a text is before anyone looks at its meaning: whether its bytes are UTF-8, where its white space ends, and
// Unicode's canonical composition. Two owners who write the same name may differ in all three.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace care::connectors {

// Characters of well-formed UTF-8 without NUL (PostgreSQL's TEXT), or -1.
std::int64_t CountCharacters(std::string_view text);

bool IsAscii(std::string_view text);

// Without the characters of Unicode's property White_Space at both ends. Bytes that are not UTF-8 stay.
std::string_view TrimWhiteSpace(std::string_view text);

// The canonical composition (NFC) of well-formed UTF-8; `text` itself where it is ASCII, else in `buffer`.
std::string_view Compose(std::string_view text, std::string& buffer);

}  // namespace care::connectors
