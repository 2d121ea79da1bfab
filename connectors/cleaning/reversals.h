// connectors/cleaning/reversals.h
//
// Rows that take back other rows, as insurers book them: a reversal names the number of the row that it takes back.
// A reversal never counts. A row counts unless a reversal that stands takes it back; a reversal stands unless another
// one that stands takes it back in turn, so that a row whose reversal was withdrawn counts again. Rows may come in
// any order. Numbers are compared as text without white space around it, so that an integer and its digits are one.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/cleaning/raw_cell.h"
#include "engine/types/column_batch.h"

namespace care::connectors {

class Reversals {
 public:
  // InvalidArgument for a `reverses` that is text without characters: neither a number nor the absence of one.
  absl::Status AddRow(const RawCell& id, const RawCell& reverses);
  // For each row, 1 if it does not count. InvalidArgument if reversals take back each other in a circle.
  absl::StatusOr<std::vector<std::uint8_t>> Resolve() const;

 private:
  TextVector ids_;      // empty for a row without a number
  TextVector targets_;  // empty for a row that is no reversal
};

}  // namespace care::connectors
