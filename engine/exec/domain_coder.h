// engine/exec/domain_coder.h
//
// The code of a clear value in a public group domain: its position; the NULL code, where the domain has one,
// is the last.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "engine/types/column_batch.h"
#include "planner/physical/physical_plan.h"

namespace care::engine {

class DomainCoder {
 public:
  explicit DomainCoder(const planner::GroupDomain& domain);

  // -1 if the value is not in the domain, or is NULL where the domain has no code for it.
  int CodeOf(const Column& column, std::size_t row) const;

 private:
  absl::flat_hash_map<std::string, int> texts_;
  absl::flat_hash_map<std::uint64_t, int> short_texts_;  // of texts_, those of up to seven bytes
  absl::flat_hash_map<std::int64_t, int> integers_;
  int null_code_ = -1;
};

// The cell of each row, by the codes of its group columns, the first most significant; -1 as CodeOf.
std::vector<std::int64_t> CellsOfRows(const ColumnBatch& batch,
                                      const std::vector<planner::GroupDomain>& groups);

// Where each cell ends among rows sorted by cell: rows before end[g] belong to cells up to g. Cells are in
// range.
std::vector<std::uint32_t> EndsOfCells(const std::vector<std::int64_t>& cell_of_row,
                                       const std::vector<planner::GroupDomain>& groups);

}  // namespace care::engine
