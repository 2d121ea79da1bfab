// mpc/net/origin.h
//
// At which party an error arose. A status crosses links and nodes on its way to the analyst; it is named once,
// where it began: "insurer: the database cannot be opened".
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace care::mpc {

// The party that the status names, empty if none.
std::string OriginOf(const absl::Status& status);
// Prefixes the message with the party's name, unless the status already names one.
absl::Status WithOrigin(const absl::Status& status, std::string_view party);
// The message without the name.
std::string MessageWithoutOrigin(const absl::Status& status);

}  // namespace care::mpc
