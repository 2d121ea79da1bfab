// engine/types/write_file.h
//
// Writes a file as a whole: a reader, or a crash, finds what was there before or all that is new.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace care {

inline constexpr unsigned kPublicFile = 0644;
inline constexpr unsigned kPrivateFile = 0600;

absl::Status ReplaceFile(const std::string& path, std::string_view text, unsigned mode);

}  // namespace care
