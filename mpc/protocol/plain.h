// mpc/protocol/plain.h
//
// The ideal functionality: one process holds every value in the clear and plays every party. It is the oracle
// that tests compare Replicated3 with, and the way to debug a plan on data that may be seen. It keeps the
// same contracts (owners, shapes, disclosures), and is as unkind as the real protocol where that one is: what
// a lookup did not match carries garbage, so that a forgotten mask shows as a wrong sum.
#pragma once

#include <vector>

#include "mpc/protocol/disclosure_guard.h"
#include "mpc/protocol/protocol.h"

namespace care::mpc {

class Plain final : public Protocol {
 public:
  explicit Plain(std::vector<Disclosure> disclosures) : guard_(std::move(disclosures)) {}

  bool Holds(PartyId) const override { return true; }

  absl::StatusOr<BitColumn> InputBits(PartyId owner, const BitPlanes* clear, std::size_t rows,
                                      unsigned width) override;
  absl::StatusOr<RingColumn> InputRing(PartyId owner, const std::vector<std::uint64_t>* clear,
                                       std::size_t rows, unsigned width = kDefaultRing) override;

  BitColumn PublicBits(const BitPlanes& value) const override;
  BitColumn Xor(const BitColumn& a, const BitColumn& b) const override;
  BitColumn Not(const BitColumn& a) const override;
  BitColumn AndPublic(const BitColumn& a, const BitPlanes& mask) const override;
  BitColumn PrefixXor(const BitColumn& a) const override;

  RingColumn PublicRing(std::span<const std::uint64_t> value, unsigned width = kDefaultRing) const override;
  RingColumn Add(const RingColumn& a, const RingColumn& b) const override;
  RingColumn Subtract(const RingColumn& a, const RingColumn& b) const override;
  RingColumn MultiplyPublic(const RingColumn& a, absl::uint128 factor) const override;
  RingColumn PrefixSum(const RingColumn& a) const override;
  RingColumn Sum(const RingColumn& a) const override;

  absl::StatusOr<BitColumn> And(const BitColumn& a, const BitColumn& b) override;
  absl::StatusOr<BitColumn> LessThanRows(const ComparedRows& rows, std::span<const RowRun> runs) override;
  absl::StatusOr<BitColumn> Evaluate(const BooleanCircuit& circuit,
                                     std::span<const BitColumn* const> inputs) override;
  absl::StatusOr<RingColumn> Multiply(const RingColumn& a, const RingColumn& b) override;
  absl::StatusOr<RingColumn> SumOfProducts(const std::vector<RingColumn>& lefts,
                                           const std::vector<RingColumn>& rights) override;
  absl::StatusOr<RingColumn> DotProducts(std::span<const RingColumn* const> lefts,
                                         std::span<const RingColumn* const> rights) override;
  absl::StatusOr<std::vector<RingColumn>> BitsToRing(const BitColumn& bits,
                                                     unsigned ring_width = kDefaultRing) override;
  absl::StatusOr<std::vector<RingColumn>> MaskOwned(const BitColumn& flag, PartyId owner,
                                                    const std::vector<std::vector<std::uint64_t>>* values,
                                                    unsigned value_count,
                                                    unsigned ring_width = kDefaultRing) override;
  absl::StatusOr<RingColumn> IntegersToRing(const BitColumn& a, unsigned ring_width, CompareDepth depth) override;
  absl::StatusOr<BitColumn> RingToBits(const RingColumn& a, unsigned width,
                                       CompareDepth depth = CompareDepth::kTree) override;
  absl::StatusOr<RingColumn> Widen(const RingColumn& a, unsigned ring_width) override;

  absl::StatusOr<LookupResult> Lookup(const LookupShape& shape, const LookupArm* arm,
                                      const LookupSpine* spine) override;
  absl::StatusOr<Columns> GatherByOwner(PartyId owner, const std::vector<std::uint32_t>* source,
                                        std::size_t out_rows, const Columns& in) override;
  absl::StatusOr<std::vector<RingColumn>> ReadByOwner(PartyId owner,
                                                      const std::vector<std::uint32_t>* positions,
                                                      std::size_t outputs,
                                                      const std::vector<RingColumn>& in) override;

  absl::StatusOr<Shuffled> Shuffle(const Columns& in) override;
  absl::StatusOr<Columns> ShuffleAlike(const SecretPermutation& permutation, const Columns& in) override;
  absl::StatusOr<Columns> Unshuffle(const SecretPermutation& permutation, const Columns& in) override;

  absl::StatusOr<std::optional<BitPlanes>> Open(const BitColumn& a, const Disclosure& disclosure) override;
  absl::StatusOr<std::optional<std::vector<std::uint64_t>>> Open(const RingColumn& a,
                                                                 const Disclosure& disclosure) override;

  std::uint64_t rounds() const override { return 0; }
  std::vector<OpenedCount> opened() const { return guard_.opened(); }

 private:
  DisclosureGuard guard_;
  std::uint32_t shuffles_ = 0;
};

}  // namespace care::mpc
