// engine/frontend/generate/tpch_data.h
//
// Rows of TPC-H at any scale, by the rules of its specification (clause 4.2): sparse order keys, four suppliers a part,
// customers without orders, dates and prices that follow from each other. The numbers follow from the seed alone, the
// same on every machine; they are not those of the specification's own generator, so its reference answers do not apply.
#pragma once

#include "absl/status/status.h"
#include "engine/frontend/generate/tpch_schema.h"

namespace care::engine {

// Raised when the same options give other data: whoever keeps generated data compares it.
inline constexpr int kTpchDataVersion = 1;

// Writes sales.db, supply.db, shipping.db and federation.toml; with `csv` also <schema>.<table>.csv.
absl::Status GenerateTpchData(const TpchOptions& options);

}  // namespace care::engine
