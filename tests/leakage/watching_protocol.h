// tests/leakage/watching_protocol.h
//
// Stands between the executor and a party's protocol and writes down what Open gave this party: the one place
// where a value leaves the shares.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "mpc/protocol/protocol.h"

namespace care::mpc {

struct SeenOpening {
  Disclosure disclosure;
  std::uint64_t rows = 0;             // that the call opened
  bool arrived = false;               // at this party
  std::vector<std::uint64_t> values;  // if it did; bits as integers
};

class WatchingProtocol final : public Protocol {
 public:
  // Both are borrowed.
  WatchingProtocol(Protocol& inner, std::vector<SeenOpening>& seen) : inner_(inner), seen_(seen) {}

  bool Holds(PartyId party) const override { return inner_.Holds(party); }
  absl::StatusOr<BitColumn> InputBits(PartyId owner, const BitPlanes* clear, std::size_t rows,
                                      unsigned width) override {
    return inner_.InputBits(owner, clear, rows, width);
  }
  absl::StatusOr<RingColumn> InputRing(PartyId owner, const std::vector<std::uint64_t>* clear, std::size_t rows,
                                       unsigned width = kDefaultRing) override {
    return inner_.InputRing(owner, clear, rows, width);
  }

  BitColumn PublicBits(const BitPlanes& value) const override { return inner_.PublicBits(value); }
  BitColumn Xor(const BitColumn& a, const BitColumn& b) const override { return inner_.Xor(a, b); }
  BitColumn Not(const BitColumn& a) const override { return inner_.Not(a); }
  BitColumn AndPublic(const BitColumn& a, const BitPlanes& mask) const override {
    return inner_.AndPublic(a, mask);
  }
  BitColumn PrefixXor(const BitColumn& a) const override { return inner_.PrefixXor(a); }

  RingColumn PublicRing(std::span<const std::uint64_t> value, unsigned width = kDefaultRing) const override {
    return inner_.PublicRing(value, width);
  }
  RingColumn Add(const RingColumn& a, const RingColumn& b) const override { return inner_.Add(a, b); }
  RingColumn Subtract(const RingColumn& a, const RingColumn& b) const override {
    return inner_.Subtract(a, b);
  }
  RingColumn MultiplyPublic(const RingColumn& a, absl::uint128 factor) const override {
    return inner_.MultiplyPublic(a, factor);
  }
  RingColumn PrefixSum(const RingColumn& a) const override { return inner_.PrefixSum(a); }
  RingColumn Sum(const RingColumn& a) const override { return inner_.Sum(a); }

  absl::StatusOr<BitColumn> And(const BitColumn& a, const BitColumn& b) override { return inner_.And(a, b); }
  absl::StatusOr<BitColumn> LessThanRows(const ComparedRows& rows, std::span<const RowRun> runs) override {
    return inner_.LessThanRows(rows, runs);
  }
  absl::StatusOr<BitColumn> Evaluate(const BooleanCircuit& circuit,
                                     std::span<const BitColumn* const> inputs) override {
    return inner_.Evaluate(circuit, inputs);
  }
  absl::StatusOr<RingColumn> Multiply(const RingColumn& a, const RingColumn& b) override {
    return inner_.Multiply(a, b);
  }
  absl::StatusOr<RingColumn> SumOfProducts(const std::vector<RingColumn>& lefts,
                                           const std::vector<RingColumn>& rights) override {
    return inner_.SumOfProducts(lefts, rights);
  }
  absl::StatusOr<RingColumn> DotProducts(std::span<const RingColumn* const> lefts,
                                         std::span<const RingColumn* const> rights) override {
    return inner_.DotProducts(lefts, rights);
  }
  absl::StatusOr<std::vector<RingColumn>> BitsToRing(const BitColumn& bits,
                                                     unsigned ring_width = kDefaultRing) override {
    return inner_.BitsToRing(bits, ring_width);
  }
  absl::StatusOr<RingColumn> IntegersToRing(const BitColumn& a, unsigned ring_width, CompareDepth depth) override {
    return inner_.IntegersToRing(a, ring_width, depth);
  }
  absl::StatusOr<std::vector<RingColumn>> MaskOwned(const BitColumn& flag, PartyId owner,
                                                    const std::vector<std::vector<std::uint64_t>>* values,
                                                    unsigned value_count,
                                                    unsigned ring_width = kDefaultRing) override {
    return inner_.MaskOwned(flag, owner, values, value_count, ring_width);
  }
  absl::StatusOr<RingColumn> Widen(const RingColumn& a, unsigned ring_width) override {
    return inner_.Widen(a, ring_width);
  }
  absl::StatusOr<BitColumn> RingToBits(const RingColumn& a, unsigned width,
                                       CompareDepth depth = CompareDepth::kTree) override {
    return inner_.RingToBits(a, width, depth);
  }

  absl::StatusOr<LookupResult> Lookup(const LookupShape& shape, const LookupArm* arm,
                                      const LookupSpine* spine) override {
    return inner_.Lookup(shape, arm, spine);
  }
  absl::StatusOr<Columns> GatherByOwner(PartyId owner, const std::vector<std::uint32_t>* source,
                                        std::size_t out_rows, const Columns& in) override {
    return inner_.GatherByOwner(owner, source, out_rows, in);
  }
  absl::StatusOr<std::vector<RingColumn>> ReadByOwner(PartyId owner,
                                                      const std::vector<std::uint32_t>* positions,
                                                      std::size_t outputs,
                                                      const std::vector<RingColumn>& in) override {
    return inner_.ReadByOwner(owner, positions, outputs, in);
  }

  absl::StatusOr<Shuffled> Shuffle(const Columns& in) override { return inner_.Shuffle(in); }
  absl::StatusOr<Columns> ShuffleAlike(const SecretPermutation& permutation, const Columns& in) override {
    return inner_.ShuffleAlike(permutation, in);
  }
  absl::StatusOr<Columns> Unshuffle(const SecretPermutation& permutation, const Columns& in) override {
    return inner_.Unshuffle(permutation, in);
  }

  absl::StatusOr<std::optional<BitPlanes>> Open(const BitColumn& a, const Disclosure& disclosure) override {
    auto opened = inner_.Open(a, disclosure);
    seen_.push_back({disclosure, a.rows()});
    if (opened.ok() && opened->has_value()) {
      seen_.back().arrived = true;
      seen_.back().values = (*opened)->ToIntegers();
    }
    return opened;
  }
  absl::StatusOr<std::optional<std::vector<std::uint64_t>>> Open(const RingColumn& a,
                                                                 const Disclosure& disclosure) override {
    auto opened = inner_.Open(a, disclosure);
    seen_.push_back({disclosure, a.rows()});
    if (opened.ok() && opened->has_value()) {
      seen_.back().arrived = true;
      seen_.back().values = **opened;
    }
    return opened;
  }

  std::uint64_t rounds() const override { return inner_.rounds(); }

 private:
  Protocol& inner_;
  std::vector<SeenOpening>& seen_;
};

}  // namespace care::mpc
