// A federation file, which goes round between organisations: whatever it says, it is read or gives an error.
// One that is read has the facts that the planner relies on.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "planner/catalog/catalog.h"
#include "planner/catalog/federation_diff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace care;
  const auto catalog = planner::ParseFederation(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!catalog.ok()) {
    if (catalog.status().message().empty()) std::abort();
    return 0;
  }
  for (const PartyId party : catalog->compute_parties) {
    if (static_cast<std::size_t>(party) >= catalog->parties.size()) std::abort();
  }
  for (const planner::PartyEntry& party : catalog->parties) {
    if (catalog->FindParty(party.name) == kNoParty) std::abort();
  }
  (void)planner::FormatDifferences(*catalog, *catalog);
  return 0;
}
