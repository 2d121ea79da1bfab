// engine/frontend/init/proposal.h
//
// Tables for a federation file and their mapping for a node file, proposed from an owner's database for the
// owner to edit. Every bound is rounded outward (public_bounds.h); columns that cannot be used, and free
// text, are left out with a comment that says why; what is guessed is marked "check this". Two texts, both
// drafts that stay with the owner: a list of values is only public once the owner puts it into the federation
// file.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "engine/frontend/init/inspection.h"

namespace care::engine {

struct InitProposal {
  std::string federation;  // [[key]] and [[table]] entries
  std::string node;        // [tables.*] entries
  int tables = 0;
};

absl::StatusOr<InitProposal> ProposeTables(InspectedDatabase& database, const std::string& party);

// Nine digits, zeros restored, that pass the eleven-test.
bool IsBsn(std::string text);

}  // namespace care::engine
