// engine/types/owner_detail.h
//
// The part of an error that its owner's operator alone may read, such as the line of a file: it is one of the rows, and by its
// number tells how many there are. The status carries it beside its message, which travels to the other parties; it is printed in
// the owner's own log and by commands at the owner's own files.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace care {

absl::Status WithOwnerDetail(absl::Status status, std::string_view detail);
std::string OwnerDetailOf(const absl::Status& status);  // empty if it has none

// The same status with another message.
absl::Status WithMessage(const absl::Status& status, std::string_view message);

// Message and detail, for the owner's eyes: "claims.csv: a quote is not closed (line 17)".
std::string TextForOwner(const absl::Status& status);

}  // namespace care
