// engine/session/gather_record.h
//
// At the asking node, after a release: the session's part of the answer's record.
#pragma once

#include <vector>

#include "engine/session/agreement.h"
#include "engine/session/answer_record.h"
#include "engine/session/query_session.h"

namespace care::engine {

struct ReleasedSession {
  const planner::Catalog& catalog;
  const Proposal& proposal;
  const planner::PlanInputs& inputs;
  const std::vector<Verdict>& verdicts;
  const QuerySession& session;
};

// All but who asked, the threshold in force and the plan.
AnswerRecord MakeRecord(const ReleasedSession& released);

}  // namespace care::engine
