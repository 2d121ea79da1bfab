#include "engine/exec/outside_part.h"

#include <vector>

#include "engine/exec/local_rows.h"
#include "engine/exec/table_answer.h"
#include "engine/exec/tables/share_table.h"
#include "engine/types/status_macros.h"

namespace care::engine {

absl::Status RunOutsidePart(const ExecutionContext& context, mpc::OutsideOwner& owner) {
  const planner::PhysicalPlan& plan = context.query->plan;
  CARE_ASSIGN_OR_RETURN(LocalRows local, RunLocalFragments(context));
  for (planner::NodeId id = 0; id < plan.nodes.size(); ++id) {
    const auto* share = std::get_if<planner::ShareTableNode>(&plan.nodes[id]);
    if (share == nullptr) continue;
    const auto batch = local.batches.find(share->local);
    if (batch == local.batches.end()) continue;
    if (context.meter != nullptr) context.meter->Begin(id);
    CARE_ASSIGN_OR_RETURN(const EncodedTable encoded,
                          EncodeShare(plan, *share, batch->second,
                                      [&](planner::ColumnId column) { return TitleOf(context, column); }));
    local.batches.erase(batch);
    CARE_RETURN_IF_ERROR(owner.InputBits(encoded.bits));
    for (const std::vector<std::uint64_t>& ring : encoded.rings) CARE_RETURN_IF_ERROR(owner.InputRing(ring));
  }
  if (context.meter != nullptr) context.meter->End();
  return absl::OkStatus();
}

}  // namespace care::engine
