// tests/unit/mpc/metered.h
//
// Runs an operator as three parties and compares what the meters say with a cost function, byte for byte.
#pragma once

#include <string>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "mpc/cost/cost.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::mpc {

// Bytes and rounds of all that `body(Protocol&)`, which returns absl::Status, does.
template <typename Body>
Cost Metered(const Body& body, ThreePartiesOptions options = {}) {
  const auto run = RunThreeParties(
      [&](Protocol& p) -> absl::StatusOr<int> {
        CARE_RETURN_IF_ERROR(body(p));
        return 0;
      },
      std::move(options));
  EXPECT_TRUE(run.ok()) << run.status();
  EXPECT_TRUE(run.rounds_agree);
  return {run.bytes_sent(), run.rounds};
}

template <typename Body>
void ExpectMetered(const std::string& what, const Cost& cost, const Body& body) {
  const Cost metered = Metered(body);
  EXPECT_EQ(metered.bytes, cost.bytes) << what;
  EXPECT_EQ(metered.rounds, cost.rounds) << what;
}

}  // namespace care::mpc
