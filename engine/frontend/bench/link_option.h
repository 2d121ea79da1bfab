// engine/frontend/bench/link_option.h
//
// What `--link 50ms,100mbit` says: the links between the parties that a benchmark emulates, and that the cost
// model reads. The time is what a message takes to arrive, one way; a round, in which all send and then all
// receive, takes as long. The rate is what a party can send to the others together.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"

namespace care::engine {

// Times in us, ms or s; rates in mbit or gbit a second; whole numbers.
absl::StatusOr<mpc::LinkSpeed> ParseLink(const std::string& text);

// "50ms,100mbit", in the form in which ParseLink reads it.
std::string LinkText(const mpc::LinkSpeed& link);

}  // namespace care::engine
