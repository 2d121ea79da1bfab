// engine/exec/local/stored_value.h
//
// From a single value to a cell of a column: where PostgreSQL's free scale meets a column's fixed one. Digits
// are added as zeros and never taken away; a value that its column does not hold is an error without the value.
#pragma once

#include "absl/status/status.h"
#include "engine/types/column_batch.h"

namespace care::engine {

absl::Status AppendStored(const Value& value, Column& column);

}  // namespace care::engine
