#include "connectors/connector.h"

namespace care::connectors {

std::string ColumnName(planner::ColumnId column) { return "c" + std::to_string(column); }

}  // namespace care::connectors
