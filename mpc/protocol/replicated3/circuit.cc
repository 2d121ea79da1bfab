// Boolean circuits on whole columns, a chunk of rows at a time (chunk_pipeline.h). Each AND is that of
// boolean.cc: its masked product is made where the operands lie and sent from there; what arrives is the
// other share.
//
//   Randomness  each round of the circuit is one operation; each product plane of each chunk draws one chunk of
//               stream 0 of both pairs.
//   Views       as And: every message is masked by a stream that its receiver lacks.

#include <algorithm>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/circuit_program.h"
#include "mpc/protocol/circuit_registers.h"
#include "mpc/protocol/replicated3/chunk_pipeline.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {

absl::StatusOr<BitColumn> Replicated3::Evaluate(const BooleanCircuit& circuit,
                                                std::span<const BitColumn* const> inputs) {
  CARE_CHECK(!inputs.empty());
  unsigned planes = 0;
  for (const BitColumn* column : inputs) {
    CARE_CHECK(column->rows() == inputs[0]->rows());
    planes += column->width();
  }
  CARE_CHECK(planes == circuit.input_count());
  const CircuitProgram program(circuit);
  std::size_t products = 0, widest = 0;
  for (const CircuitRound& round : program.rounds) {
    products += round.products;
    widest = std::max<std::size_t>(widest, round.products);
  }

  const std::size_t rows = inputs[0]->rows();
  BitColumn result(rows, static_cast<unsigned>(program.outputs.size()), 2);
  const std::size_t words_per_plane = (rows + 63) / 64;
  const ChunkPlan plan =
      ChunkPlan::For(words_per_plane, program.rounds.size(), products, widest, Prg::kChunkWords);
  const std::uint64_t all = ~std::uint64_t{0};
  // Share 0 of a public value is the value: P0's first part and P2's second.
  CircuitRegisters registers(program, inputs, {role_ == 0 ? all : 0, role_ == 2 ? all : 0}, plan.chunk_words,
                             plan.in_flight, kernels());
  const auto extent = [&](std::size_t chunk, std::size_t slot) -> CircuitChunk {
    const std::size_t first = chunk * plan.chunk_words;
    return {slot, first, std::min(plan.chunk_words, words_per_plane - first)};
  };
  const std::uint32_t first_operation = NextOperations(program.rounds.size());
  rounds_ += program.rounds.size();

  const auto send = [&](std::size_t number, std::size_t slot, std::size_t round_number) -> absl::Status {
    const CircuitRound& round = program.rounds[round_number];
    const CircuitChunk chunk = extent(number, slot);
    const std::uint32_t operation = first_operation + static_cast<std::uint32_t>(round_number);
    for (const CircuitStep& step : round.steps) {
      if (!step.is_and) {
        registers.Xor(chunk, step);
        continue;
      }
      const ShareProduct product = {.x0 = registers.Read(chunk, 0, step.a),
                                    .x1 = registers.Read(chunk, 1, step.a),
                                    .y0 = registers.Read(chunk, 0, step.b),
                                    .y1 = registers.Read(chunk, 1, step.b),
                                    .out = registers.Write(chunk, 0, step.out),
                                    .words = chunk.words};
      const std::size_t plane = step.out.index - round.first_product;
      const AesCounter counter = ClaimBoth(operation, number * round.products + plane);
      kernels().and_masked(product, prg_with_next_.schedule(), prg_with_previous_.schedule(), counter);
    }
    const auto message = std::as_bytes(registers.Products(chunk, 0, round));
    return previous_.Send({reinterpret_cast<const std::uint8_t*>(message.data()), message.size()});
  };
  const auto receive = [&](std::size_t number, std::size_t slot, std::size_t round) -> absl::Status {
    const auto message =
        std::as_writable_bytes(registers.Products(extent(number, slot), 1, program.rounds[round]));
    return next_.Receive({reinterpret_cast<std::uint8_t*>(message.data()), message.size()});
  };
  const auto finish = [&](std::size_t number, std::size_t slot) {
    const CircuitChunk chunk = extent(number, slot);
    for (const CircuitStep& step : program.last_steps) registers.Xor(chunk, step);
    registers.Output(chunk, result);
  };
  CARE_RETURN_IF_ERROR(RunChunks(plan, program.rounds.size(), send, receive, finish));
  return result;
}

}  // namespace care::mpc
