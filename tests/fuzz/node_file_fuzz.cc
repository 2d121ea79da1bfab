// A node file: whatever an administrator has put there, it is read or gives an error.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/catalog/file_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config =
      care::planner::ParseNodeFile(std::string_view(reinterpret_cast<const char*>(data), size), "node.toml");
  if (!config.ok()) {
    if (config.status().message().empty()) std::abort();
    return 0;
  }
  (void)care::planner::CheckPathsAreKnown(*config);
  if (config->party.empty() || config->threshold < 1) std::abort();
  return 0;
}
