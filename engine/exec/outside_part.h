// engine/exec/outside_part.h
//
// A query at an owner that does not compute: its fragments run as any owner's do, with the same checks, and their rows are
// shared among the three that compute, table by table in the order of the plan. It receives nothing (docs/protocols/outside-owner.md).
#pragma once

#include "absl/status/status.h"
#include "engine/exec/executor.h"
#include "mpc/protocol/replicated3/outside_owner.h"

namespace care::engine {

// `context` has this party's connector and no protocol. Returns when all rows are on their way.
absl::Status RunOutsidePart(const ExecutionContext& context, mpc::OutsideOwner& owner);

}  // namespace care::engine
