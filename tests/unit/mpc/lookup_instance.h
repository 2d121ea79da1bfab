// tests/unit/mpc/lookup_instance.h
//
// A lookup for tests: tables of numbered keys, and what must come of them.
#pragma once

#include <cstring>
#include <vector>

#include "engine/types/status_macros.h"
#include "mpc/relational/join.h"
#include "tests/unit/mpc/both_protocols.h"

namespace care::mpc {

inline JoinKey KeyOf(std::uint64_t number) {
  JoinKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  key[15] = 7;
  return key;
}

// A lookup and what it must give: payload of arm key k is a pure function of k.
struct Instance {
  LookupShape shape;
  LookupArm arm;
  LookupSpine spine;
  Integers matched, bits;
  std::vector<Integers> rings;
};

inline std::uint64_t BitsOf(std::uint64_t key, unsigned width) {
  return width == 0 ? 0 : key * 0x9e3779b97f4a7c15 >> (64 - width);
}
inline std::uint64_t RingOf(std::uint64_t key, unsigned ring) { return key * 0xc2b2ae3d27d4eb4f + ring; }

// Spine keys are given; `present` marks pads. Arm keys must be distinct.
inline Instance Make(std::array<PartyId, 3> arm_spine_helper, const Integers& arm_keys, std::size_t arm_bound,
                     const Integers& spine_keys, const std::vector<std::uint8_t>& present, unsigned bits,
                     unsigned rings) {
  Instance instance;
  instance.shape = {.arm = arm_spine_helper[0],
                    .spine = arm_spine_helper[1],
                    .helper = arm_spine_helper[2],
                    .arm_bound = arm_bound,
                    .spine_rows = spine_keys.size(),
                    .payload_bits = bits,
                    .payload_rings = rings};
  Integers payload;
  instance.arm.rings.resize(rings);
  for (const std::uint64_t key : arm_keys) {
    instance.arm.keys.push_back(KeyOf(key));
    payload.push_back(BitsOf(key, bits));
    for (unsigned r = 0; r < rings; ++r) instance.arm.rings[r].push_back(RingOf(key, r));
  }
  instance.arm.bits = BitPlanes::FromIntegers(payload, bits);
  Integers sorted = arm_keys;
  std::sort(sorted.begin(), sorted.end());
  instance.rings.resize(rings);
  for (std::size_t row = 0; row < spine_keys.size(); ++row) {
    instance.spine.keys.push_back(KeyOf(spine_keys[row]));
    instance.spine.present.push_back(present[row]);
    const bool match = present[row] && std::binary_search(sorted.begin(), sorted.end(), spine_keys[row]);
    instance.matched.push_back(match);
    instance.bits.push_back(match ? BitsOf(spine_keys[row], bits) : 0);
    for (unsigned r = 0; r < rings; ++r) instance.rings[r].push_back(match ? RingOf(spine_keys[row], r) : 0);
  }
  return instance;
}

inline absl::StatusOr<Integers> JoinAndOpen(Protocol& p, const Instance& instance) {
  CARE_ASSIGN_OR_RETURN(const Joined joined,
                        LookupJoin(p, instance.shape, IfHeld(p, instance.shape.arm, instance.arm),
                                   IfHeld(p, instance.shape.spine, instance.spine)));
  std::vector<BitColumn> bits = {joined.matched};
  if (instance.shape.payload_bits > 0) bits.push_back(joined.bits);
  return OpenAll(p, bits, joined.rings);
}

inline Integers Expected(const Instance& instance) {
  Integers all = instance.matched;
  if (instance.shape.payload_bits > 0) all.insert(all.end(), instance.bits.begin(), instance.bits.end());
  for (const Integers& ring : instance.rings) all.insert(all.end(), ring.begin(), ring.end());
  return all;
}

inline void ExpectJoin(const Instance& instance) {
  ExpectOnBoth([&](Protocol& p) { return JoinAndOpen(p, instance); }, Expected(instance));
}

inline Integers Range(std::uint64_t first, std::size_t count) {
  Integers values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(first + i);
  return values;
}
inline std::vector<std::uint8_t> All(std::size_t count) { return std::vector<std::uint8_t>(count, 1); }

}  // namespace care::mpc
