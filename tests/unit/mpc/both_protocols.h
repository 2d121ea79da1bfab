// tests/unit/mpc/both_protocols.h
//
// Runs an operator on the clear oracle and on three-party replicated sharing and expects the same clear
// result of both. The body is what every party executes; it opens what it wants compared, as integers.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "engine/types/status_macros.h"
#include "gtest/gtest.h"
#include "tests/unit/mpc/three_parties.h"

namespace care::mpc {

using Integers = std::vector<std::uint64_t>;

template <typename Body>
void ExpectOnBoth(const Body& body, const Integers& expected) {
  Plain plain({TestDisclosure()});
  const absl::StatusOr<Integers> in_the_clear = body(static_cast<Protocol&>(plain));
  ASSERT_TRUE(in_the_clear.ok()) << in_the_clear.status();
  EXPECT_EQ(*in_the_clear, expected) << "plain";
  const auto run = RunThreeParties(body);
  ASSERT_TRUE(run.ok()) << run.status();
  for (unsigned role = 0; role < 3; ++role) EXPECT_EQ(*run.results[role], expected) << "P" << role;
  EXPECT_TRUE(run.rounds_agree);
}

// Opens several columns one after the other.
inline absl::StatusOr<Integers> OpenAll(Protocol& protocol, const std::vector<BitColumn>& bits,
                                        const std::vector<RingColumn>& rings) {
  Integers all;
  for (const BitColumn& column : bits) {
    CARE_ASSIGN_OR_RETURN(const Integers opened, OpenForTest(protocol, column));
    all.insert(all.end(), opened.begin(), opened.end());
  }
  for (const RingColumn& column : rings) {
    CARE_ASSIGN_OR_RETURN(const Integers opened, OpenForTest(protocol, column));
    all.insert(all.end(), opened.begin(), opened.end());
  }
  return all;
}

inline absl::StatusOr<BitColumn> InputBitsForTest(Protocol& protocol, PartyId owner, const Integers& values,
                                                  unsigned width) {
  const BitPlanes planes = BitPlanes::FromIntegers(values, width);
  return protocol.InputBits(owner, IfHeld(protocol, owner, planes), values.size(), width);
}
inline absl::StatusOr<RingColumn> InputRingForTest(Protocol& protocol, PartyId owner,
                                                   const Integers& values) {
  return protocol.InputRing(owner, IfHeld(protocol, owner, values), values.size());
}

inline Integers RandomIntegers(std::mt19937_64& random, std::size_t count, unsigned bits) {
  Integers values(count);
  for (std::uint64_t& value : values) value = bits == 0 ? 0 : random() >> (64 - bits);
  return values;
}

}  // namespace care::mpc
