// mpc/protocol/protocol.h
//
// What a secure computation protocol offers to the oblivious operators: sharing, arithmetic and Boolean
// circuits on whole columns, and three functionalities that owners' knowledge of their own rows makes
// cheap (private lookup, owner-known permutation, owner-known boundary read). Every call is a vector
// operation; one virtual call serves thousands of rows. Operators are written once against this class.
//
// Two implementations. `Plain` holds values in the clear in one process that plays every party: the
// oracle in tests, and the way to debug a plan on data that may be seen. `Replicated3` is three-party
// replicated secret sharing, semi-honest, honest majority (Araki et al., CCS 2016): one object in each of
// the three compute parties, all of which make the same calls in the same order.
//
// Conventions
//   * Rows, widths, owners and every other parameter but the clear inputs are public and equal everywhere.
//   * A clear input is passed as a pointer that is non-null exactly where Holds(owner) is true.
//   * A primitive is local unless it says "Rounds"; traffic is in bits summed over all parties. Bit planes
//     travel in words: rows of Boolean columns count rounded up to a multiple of 64.
//   * Errors: Unavailable, DeadlineExceeded or the peer's abort, from the channels; nothing else.
//   * Secrets leave only through Open, against a Disclosure given at construction; any other id, recipient or
//     more values than it allows aborts the process, because such a call is our bug.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "engine/types/disclosure.h"
#include "engine/types/party.h"
#include "mpc/circuit/boolean_circuit.h"
#include "mpc/circuit/compare_circuits.h"
#include "mpc/share/bit_column.h"
#include "mpc/share/ring_column.h"
#include "mpc/share/secret_permutation.h"

namespace care::mpc {

class ComparedRows;
struct RowRun;

// A join key in canonical form: equal SQL values give equal blocks at every owner.
using JoinKey = std::array<std::uint8_t, 16>;

// The public shape of one private lookup.
struct LookupShape {
  PartyId arm = kNoParty;     // owns the table that is looked up; its keys are unique
  PartyId spine = kNoParty;   // owns the rows that look up; its present keys are unique
  PartyId helper = kNoParty;  // a compute party that owns neither table
  std::size_t arm_bound = 0;  // public bound on the arm's rows
  std::size_t spine_rows = 0;
  unsigned payload_bits = 0;   // width of the XOR payload
  unsigned payload_rings = 0;  // number of additive payload columns, of 64 bits each

  // Rows whose tags are in memory at a time: more are faster on distant links, by their rounds. Multiples of 64.
  std::size_t block_rows = std::size_t{1} << 22;
  // A row that should match nothing does with probability 2^-tag_bits: 40 bits more than the rows' number has.
  unsigned tag_bits() const { return long_tags || spine_rows > std::size_t{1} << 24 ? 96 : 64; }
  bool long_tags = false;  // whatever the rows
};
struct LookupArm {
  std::vector<JoinKey> keys;                      // at most arm_bound, distinct
  BitPlanes bits;                                 // keys.size() rows, payload_bits wide
  std::vector<std::vector<std::uint64_t>> rings;  // payload_rings columns of keys.size()
};
struct LookupSpine {
  std::vector<JoinKey> keys;          // spine_rows; ignored where absent
  std::vector<std::uint8_t> present;  // 0 for pads and NULL keys: they match nothing
};
struct LookupResult {
  BitColumn matched;              // 1 bit
  BitColumn bits;                 // garbage where not matched: mask before any use
  std::vector<RingColumn> rings;  // garbage where not matched
};

class Protocol {
 public:
  virtual ~Protocol() = default;

  // True where this process supplies `party`'s clear inputs. Plain holds every party.
  virtual bool Holds(PartyId party) const = 0;

  // Columns of one block of rows.
  struct Columns {
    std::vector<BitColumn> bits;
    std::vector<RingColumn> rings;
  };

  // Where traffic is in units of k, that is the width of the ring (RingColumn::width), up to 128 bits. Columns of one
  // operation have one width. Clear values of a ring of more than 64 bits are two words each, the low one first.

  // --- Inputs. Rounds 1; traffic: rows * width (bits) or k * rows.
  virtual absl::StatusOr<BitColumn> InputBits(PartyId owner, const BitPlanes* clear, std::size_t rows,
                                              unsigned width) = 0;
  virtual absl::StatusOr<RingColumn> InputRing(PartyId owner, const std::vector<std::uint64_t>* clear,
                                               std::size_t rows, unsigned width = kDefaultRing) = 0;

  // --- Local Boolean operations.
  virtual BitColumn PublicBits(const BitPlanes& value) const = 0;
  virtual BitColumn Xor(const BitColumn& a, const BitColumn& b) const = 0;  // equal shapes
  virtual BitColumn Not(const BitColumn& a) const = 0;
  // Plane p becomes plane p AND bit p of the constant (public), i.e. zero or unchanged.
  virtual BitColumn AndPublic(const BitColumn& a, const BitPlanes& mask) const = 0;  // equal shapes
  // Row i becomes the XOR of rows 0..i, in every plane.
  virtual BitColumn PrefixXor(const BitColumn& a) const = 0;

  // --- Local ring operations.
  virtual RingColumn PublicRing(std::span<const std::uint64_t> value, unsigned width = kDefaultRing) const = 0;
  virtual RingColumn Add(const RingColumn& a, const RingColumn& b) const = 0;
  virtual RingColumn Subtract(const RingColumn& a, const RingColumn& b) const = 0;
  virtual RingColumn MultiplyPublic(const RingColumn& a, absl::uint128 factor) const = 0;
  virtual RingColumn PrefixSum(const RingColumn& a) const = 0;  // row i becomes the sum of rows 0..i
  virtual RingColumn Sum(const RingColumn& a) const = 0;        // one row

  // --- Circuits.
  // Equal shapes, or `b` one plane that masks every plane of `a`. Rounds 1; traffic 3 * rows * width(a).
  virtual absl::StatusOr<BitColumn> And(const BitColumn& a, const BitColumn& b) = 0;
  // One plane: whether each row of each run is less than the row that it is compared with, as unsigned integers of the
  // rows' w bits, by the borrow of a subtraction that ripples: as few bits as can be. Rounds w; traffic 3 w a pair.
  virtual absl::StatusOr<BitColumn> LessThanRows(const ComparedRows& rows, std::span<const RowRun> runs) = 0;
  // The circuit on every row: its inputs are the planes of the columns in order, its outputs the planes of the
  // result. All columns have the same rows. Rounds: the circuit's; traffic 3 * rows * ANDs. Rows go through in
  // chunks, several under way at once, so that memory for intermediate values is bounded and one chunk's messages
  // travel while others compute.
  virtual absl::StatusOr<BitColumn> Evaluate(const BooleanCircuit& circuit,
                                             std::span<const BitColumn* const> inputs) = 0;
  // Rounds 1; traffic 3 k a row.
  virtual absl::StatusOr<RingColumn> Multiply(const RingColumn& a, const RingColumn& b) = 0;
  // Row by row, the sum over j of lefts[j] * rights[j]. Rounds 1; traffic 3 k a row.
  virtual absl::StatusOr<RingColumn> SumOfProducts(const std::vector<RingColumn>& lefts,
                                                   const std::vector<RingColumn>& rights) = 0;
  // out[j] = sum over rows of lefts[j] * rights[j]. Rounds 1; traffic 3 k an output.
  virtual absl::StatusOr<RingColumn> DotProducts(std::span<const RingColumn* const> lefts,
                                                 std::span<const RingColumn* const> rights) = 0;
  // Each plane as 0 or 1 in the ring. Rounds 2; traffic 3 k a row and plane.
  virtual absl::StatusOr<std::vector<RingColumn>> BitsToRing(const BitColumn& bits,
                                                             unsigned ring_width = kDefaultRing) = 0;
  // flag * value for values that their owner knows. Rounds 2; traffic 4 k a row and column.
  virtual absl::StatusOr<std::vector<RingColumn>> MaskOwned(
      const BitColumn& flag, PartyId owner, const std::vector<std::vector<std::uint64_t>>* values,
      unsigned value_count,
      unsigned ring_width = kDefaultRing) = 0;
  // Each row, an unsigned integer of w bits, in the ring. One party inputs a random number in bits, a subtraction
  // takes it off, and the two others learn the difference. For one bit BitsToRing is cheaper. Rounds 2 and those of
  // SubtractCircuit(k, depth); traffic k a row for the input, 2 k to open, 3 k and more for the subtraction.
  virtual absl::StatusOr<RingColumn> IntegersToRing(const BitColumn& a, unsigned ring_width, CompareDepth depth) = 0;
  // The low `width` bits (at most k), by one input and an adder; for values known to lie in [0, 2^width) the value.
  // Rounds 1 and those of AddCircuit(width, depth); traffic width a row for the input, and the adder's.
  virtual absl::StatusOr<BitColumn> RingToBits(const RingColumn& a, unsigned width,
                                               CompareDepth depth = CompareDepth::kTree) = 0;
  // The same values in a ring of more bits, at most 64 before. Only for values in [-2^(k-2), 2^(k-2)), k the bits before:
  // others come out wrong. Rounds 2; traffic 4 (ring_width - k) a row.
  virtual absl::StatusOr<RingColumn> Widen(const RingColumn& a, unsigned ring_width) = 0;

  // --- What owners' knowledge makes cheap.
  // Which arm row each spine row finds. See replicated3/lookup.cc for rounds and traffic.
  virtual absl::StatusOr<LookupResult> Lookup(const LookupShape& shape, const LookupArm* arm,
                                              const LookupSpine* spine) = 0;
  // out[i] = in[source[i]] for i < out_rows; source is known to its owner alone and never repeats a row. All
  // columns have the same rows. Rounds 2; traffic rows * W + out_rows * (k + 2 W), W the width of all columns and
  // k = ceil(log2 rows).
  virtual absl::StatusOr<Columns> GatherByOwner(PartyId owner, const std::vector<std::uint32_t>* source,
                                                std::size_t out_rows, const Columns& in) = 0;
  // out[g] = in[position[g]], positions (which may repeat) known to their owner alone, by two-server private
  // retrieval. For few outputs: rounds 3; traffic rows * outputs + k * outputs * (1 + 5 * columns), k of the widest.
  virtual absl::StatusOr<std::vector<RingColumn>> ReadByOwner(PartyId owner,
                                                              const std::vector<std::uint32_t>* positions,
                                                              std::size_t outputs,
                                                              const std::vector<RingColumn>& in) = 0;

  // --- Rows in an order that nobody knows. Rounds 2; traffic 4 W a row, W the width of all columns.
  // Draws a fresh uniform permutation pi: row i becomes row pi[i] of `in`.
  struct Shuffled {
    Columns columns;
    SecretPermutation permutation;
  };
  virtual absl::StatusOr<Shuffled> Shuffle(const Columns& in) = 0;
  // More columns of the block for which Shuffle drew the permutation, in the same order.
  virtual absl::StatusOr<Columns> ShuffleAlike(const SecretPermutation& permutation, const Columns& in) = 0;
  // The way back: row pi[i] becomes row i of `in`.
  virtual absl::StatusOr<Columns> Unshuffle(const SecretPermutation& permutation, const Columns& in) = 0;

  // --- The only way out. The value appears where Holds(recipient); everywhere if the disclosure names no
  // recipient. Each row counts as one value against the disclosure, whatever its width. Rounds 1; traffic one
  // column to one recipient, three to all.
  virtual absl::StatusOr<std::optional<BitPlanes>> Open(const BitColumn& a, const Disclosure& disclosure) = 0;
  virtual absl::StatusOr<std::optional<std::vector<std::uint64_t>>> Open(const RingColumn& a,
                                                                         const Disclosure& disclosure) = 0;

  // Message rounds so far: the longest chain of messages that wait for each other.
  virtual std::uint64_t rounds() const = 0;
};

}  // namespace care::mpc
