#include "engine/exec/tables/table_operators.h"

namespace care::engine {

absl::StatusOr<SharedTable> RunTableOperator(TableContext&, planner::NodeId) {
  return absl::UnimplementedError("joins, groups, windows and orders of shared tables are not supported yet");
}

}  // namespace care::engine
