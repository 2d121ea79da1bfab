// engine/types/read_file.h
//
// Reads a file that people write (a node file, a federation file, a users file) into memory, and no more of
// it than such a file can have: a wrong path, to a database or a device, gives an error and not a process
// without memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace care {

inline constexpr std::size_t kLargestReadFile = std::size_t{4} << 20;

// `what` begins errors: "the node file". NotFound if it cannot be read; InvalidArgument if it has more than
// `most` bytes.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::string_view what,
                                     std::size_t most = kLargestReadFile);

}  // namespace care
