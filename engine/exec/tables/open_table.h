// engine/exec/tables/open_table.h
//
// OpenTableNode: the only way out of a plan over shared tables. Everything in slots that hold no row, and every NULL, is made
// zero first; rows that stand in no public order are shuffled, so that the place of a row says nothing.
//
//   Rounds    1 to mask bits, 3 to mask ring columns, 2 for the shuffle, 1 to open which slots hold a row and 1 for the values of
//             each form.
//   Leakage   which slots hold a row (of shuffled tables: how many), and their values, to the recipient: the entries of
//             OpenTableOpenings.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/exec/tables/shared_table.h"
#include "engine/types/value.h"

namespace care::engine {

// At the recipient.
struct OpenedTable {
  std::vector<planner::ColumnId> columns;
  std::vector<std::vector<Value>> values;  // by column; NULL in slots that hold no row
  std::vector<std::uint8_t> stands;        // by slot: holds a row
};

absl::StatusOr<std::optional<OpenedTable>> OpenTable(TableContext& context, const planner::OpenTableNode& node,
                                                     SharedTable table);

}  // namespace care::engine
