// mpc/cost/cost.h
//
// What each primitive and operator costs under Replicated3: bytes of payload sent by all parties together,
// and rounds. Pure functions of public shapes, in integers, so that every party plans alike. They are not
// estimates: tests/unit/mpc/cost_test.cc runs each primitive and operator and compares with the meters, byte
// for byte. TLS and framing come on top.
//
// A plane of n bits travels as ceil(n / 64) words, a ring column of k bits (1 to 128) as ceil(n k / 64); hence bytes, not
// bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "mpc/circuit/boolean_circuit.h"
#include "mpc/circuit/compare_circuits.h"

namespace care::mpc {

struct Cost {
  std::uint64_t bytes = 0;
  std::uint64_t rounds = 0;

  Cost& operator+=(const Cost& other) {
    bytes += other.bytes;
    rounds += other.rounds;
    return *this;
  }
  friend Cost operator+(Cost a, const Cost& b) { return a += b; }
  friend bool operator==(const Cost&, const Cost&) = default;
};

// --- Primitives, in the order of mpc/protocol/protocol.h. Local ones are free.
Cost InputBitsCost(std::uint64_t rows, unsigned width);
Cost InputRingCost(std::uint64_t rows, unsigned ring_width = 64);
Cost AndCost(std::uint64_t rows, unsigned width);
Cost CircuitCost(std::uint64_t rows, const BooleanCircuit& circuit);
Cost MultiplyCost(std::uint64_t rows, unsigned ring_width = 64);  // also SumOfProducts
Cost DotProductsCost(std::uint64_t outputs, unsigned ring_width = 64);
Cost BitsToRingCost(std::uint64_t rows, unsigned planes, unsigned ring_width = 64);
Cost IntegersToRingCost(std::uint64_t rows, unsigned width, unsigned ring_width, CompareDepth depth);
Cost MaskOwnedCost(std::uint64_t rows, unsigned values, unsigned ring_width = 64);
Cost RingToBitsCost(std::uint64_t rows, unsigned width, CompareDepth depth = CompareDepth::kTree);
Cost WidenCost(std::uint64_t rows, unsigned width, unsigned ring_width);
// The shape of one lookup, without its parties (LookupShape).
struct LookupSize {
  std::uint64_t arm_bound = 0;
  std::uint64_t spine_rows = 0;
  unsigned payload_bits = 0;
  unsigned payload_rings = 0;
  std::uint64_t block_rows = std::uint64_t{1} << 22;
  bool long_tags = false;
};
Cost LookupCost(const LookupSize& size);
// `width`: of all bit columns together. All rings of one width.
Cost GatherByOwnerCost(std::uint64_t rows, std::uint64_t out_rows, unsigned width, unsigned rings,
                       unsigned ring_width = 64);
// Also ShuffleAlike and Unshuffle. All rings of one width.
Cost ShuffleCost(std::uint64_t rows, unsigned width, unsigned rings, unsigned ring_width = 64);
Cost ReadByOwnerCost(std::uint64_t rows, std::uint64_t outputs, unsigned columns, unsigned ring_width = 64);
// `recipients` is 1, or 3 if the disclosure names none.
Cost OpenBitsCost(std::uint64_t rows, unsigned width, unsigned recipients);
Cost OpenRingCost(std::uint64_t rows, unsigned recipients, unsigned ring_width = 64);

// By and to a party that is none of the three (replicated3/outside_owner.h), its own messages included.
Cost OutsideInputBitsCost(std::uint64_t rows, unsigned width);
Cost OutsideInputRingCost(std::uint64_t rows, unsigned ring_width = 64);
Cost OutsideOpenBitsCost(std::uint64_t rows, unsigned width);
Cost OutsideOpenRingCost(std::uint64_t rows, unsigned ring_width = 64);

// --- Operators of mpc/relational.
Cost EqualBitsCost(std::uint64_t rows, unsigned width);
Cost LessThanBitsCost(std::uint64_t rows, unsigned width, CompareDepth depth = CompareDepth::kTree);
Cost LessThanPublicCost(std::uint64_t rows, unsigned width, std::uint64_t constant,  // also AtLeastPublic
                        CompareDepth depth = CompareDepth::kTree);
// The number of slices that CountFlags cuts its rows into, which makes it cheapest, and the rows of each.
unsigned CountFlagsSlices(std::uint64_t rows, unsigned ring_width);
std::uint64_t CountFlagsSliceRows(std::uint64_t rows, unsigned slices);
Cost CountFlagsCost(std::uint64_t rows, unsigned ring_width = 64, unsigned planes = 1);
Cost OrCost(std::uint64_t rows, unsigned width);
Cost MuxCost(std::uint64_t rows, unsigned width);
Cost MultiplyEachCost(std::uint64_t rows, unsigned columns, unsigned ring_width = 64);
Cost LookupJoinCost(const LookupSize& size);
Cost ExpandCost(std::uint64_t keys, std::uint64_t row_bound, unsigned width, unsigned rings,
                unsigned ring_width = 64);
Cost SpreadCost(std::uint64_t keys, std::uint64_t rows, unsigned width, unsigned rings, unsigned ring_width = 64);
Cost SegmentReduceCost(std::uint64_t keys, std::uint64_t row_bound, unsigned width, unsigned rings,
                       unsigned ring_width = 64);
Cost SumByBoundariesCost(std::uint64_t rows, std::uint64_t groups, unsigned values, unsigned ring_width = 64);
Cost SumByCodesCost(std::uint64_t rows, std::span<const unsigned> domain_sizes, unsigned values,
                    unsigned ring_width = 64);
// The cells of a lookup's table (OkvsLayout), which the arm's bound alone decides.
std::uint64_t LookupTableCells(std::uint64_t arm_bound);

}  // namespace care::mpc
