// engine/frontend/init/measured_column.h
//
// One column of an owner's table as the federation file could declare it: type, rounded range, perhaps a
// domain, or why it is left out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/frontend/init/inspection.h"

namespace care::engine {

struct MeasuredColumn {
  std::string name;  // in the federation: lower-case letters, digits and _
  std::string own_name;
  std::string type;
  bool nullable = true;
  bool is_bsn = false;
  std::string min;  // as they are written in the file
  std::string max;
  int decimals = -1;  // of floating point: digits after the point to compute with
  std::vector<std::string> domain;
  std::vector<std::string> remarks;  // comment lines above it
  std::string left_out;              // why; empty: it is proposed
  bool many_texts = false;           // text with more values than a domain: only a key can use it
};

absl::StatusOr<MeasuredColumn> MeasureColumn(InspectedDatabase& database, const OwnTable& table,
                                             const OwnColumn& column);

// A name that the federation file takes, from any name.
std::string FederationName(const std::string& own);

}  // namespace care::engine
