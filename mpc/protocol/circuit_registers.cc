#include "mpc/protocol/circuit_registers.h"

#include <algorithm>

#include "engine/types/check.h"

namespace care::mpc {

using Bank = PlaneLocation::Bank;

CircuitRegisters::CircuitRegisters(const CircuitProgram& program, std::span<const BitColumn* const> inputs,
                                   std::vector<std::uint64_t> ones, std::size_t chunk_words,
                                   std::size_t slots, const Kernels& kernels)
    : program_(program), ones_(std::move(ones)), chunk_words_(chunk_words), kernels_(kernels) {
  for (unsigned part = 0; part < ones_.size(); ++part) {
    std::vector<const std::uint64_t*>& planes = inputs_.emplace_back();
    for (const BitColumn* column : inputs) {
      CARE_CHECK(column->part_count() == ones_.size());
      for (unsigned p = 0; p < column->width(); ++p) planes.push_back(column->part(part).plane(p).data());
    }
    kept_.emplace_back(slots * program.kept_planes * chunk_words);
    scratch_.emplace_back(program.scratch_planes * chunk_words);
  }
}

// A short last chunk packs its kept planes as densely as a full one, so that products stay adjacent.
std::uint64_t* CircuitRegisters::Write(const CircuitChunk& chunk, unsigned part, PlaneLocation location) {
  CARE_CHECK(location.bank == Bank::kKept || location.bank == Bank::kScratch);
  if (location.bank == Bank::kScratch) return scratch_[part].data() + location.index * chunk.words;
  return kept_[part].data() + chunk.slot * program_.kept_planes * chunk_words_ + location.index * chunk.words;
}

const std::uint64_t* CircuitRegisters::Read(const CircuitChunk& chunk, unsigned part,
                                            PlaneLocation location) const {
  if (location.bank == Bank::kInput) return inputs_[part][location.index] + chunk.first;
  return const_cast<CircuitRegisters*>(this)->Write(chunk, part, location);
}

std::span<std::uint64_t> CircuitRegisters::Products(const CircuitChunk& chunk, unsigned part,
                                                    const CircuitRound& round) {
  return {Write(chunk, part, {Bank::kKept, round.first_product}), round.products * chunk.words};
}

void CircuitRegisters::Xor(const CircuitChunk& chunk, const CircuitStep& step) {
  for (unsigned part = 0; part < ones_.size(); ++part) {
    kernels_.xor_words(Read(chunk, part, step.a),
                       step.b.bank == Bank::kNone ? nullptr : Read(chunk, part, step.b),
                       step.inverted ? ones_[part] : 0, Write(chunk, part, step.out), chunk.words);
  }
}

void CircuitRegisters::Output(const CircuitChunk& chunk, BitColumn& result) const {
  for (unsigned part = 0; part < ones_.size(); ++part) {
    for (unsigned p = 0; p < program_.outputs.size(); ++p) {
      const CircuitOutput& output = program_.outputs[p];
      std::uint64_t* to = result.part(part).plane(p).data() + chunk.first;
      const std::uint64_t constant = output.inverted ? ones_[part] : 0;
      if (output.from.bank == Bank::kNone) {
        std::fill_n(to, chunk.words, constant);
      } else {
        kernels_.xor_words(Read(chunk, part, output.from), nullptr, constant, to, chunk.words);
      }
    }
  }
}

}  // namespace care::mpc
