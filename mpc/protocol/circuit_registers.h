// mpc/protocol/circuit_registers.h
//
// The working memory of a circuit and the local part of its evaluation, the same for every protocol: a chunk
// of words of each plane, in as many parts as a party holds. `slot` tells apart the chunks that are under
// way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mpc/circuit/circuit_program.h"
#include "mpc/kernel/kernels.h"
#include "mpc/share/bit_column.h"

namespace care::mpc {

// Words first .. first + words - 1 of every plane.
struct CircuitChunk {
  std::size_t slot = 0;
  std::size_t first = 0;
  std::size_t words = 0;
};

class CircuitRegisters {
 public:
  // `ones` is what each part of this party's share of a plane of ones holds in every word. All are borrowed.
  CircuitRegisters(const CircuitProgram& program, std::span<const BitColumn* const> inputs,
                   std::vector<std::uint64_t> ones, std::size_t chunk_words, std::size_t slots,
                   const Kernels& kernels);

  // The first word of a plane in a chunk.
  const std::uint64_t* Read(const CircuitChunk& chunk, unsigned part, PlaneLocation location) const;
  std::uint64_t* Write(const CircuitChunk& chunk, unsigned part, PlaneLocation location);
  // The products of a round in one part, plane after plane without a gap.
  std::span<std::uint64_t> Products(const CircuitChunk& chunk, unsigned part, const CircuitRound& round);

  void Xor(const CircuitChunk& chunk, const CircuitStep& step);
  void Output(const CircuitChunk& chunk, BitColumn& result) const;

 private:
  const CircuitProgram& program_;
  const std::vector<std::uint64_t> ones_;
  const std::size_t chunk_words_;
  const Kernels& kernels_;
  std::vector<std::vector<const std::uint64_t*>> inputs_;  // by part
  std::vector<std::vector<std::uint64_t>> kept_;           // by part: slot after slot
  std::vector<std::vector<std::uint64_t>> scratch_;        // by part
};

}  // namespace care::mpc
