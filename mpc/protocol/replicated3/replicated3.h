// mpc/protocol/replicated3/replicated3.h
//
// Three-party replicated secret sharing, semi-honest, honest majority (Araki, Furukawa, Lindell, Nof, Ohara,
// CCS 2016). A value is x = x0 + x1 + x2 modulo 2^k (or x0 ^ x1 ^ x2); party P_i holds x_i and x_{i+1}, so
// any two parties could rebuild it and one alone sees uniform noise. A product costs one element sent by each
// party; everything that an owner knows about its own rows is used to pay less than that.
//
//   Indices    P_i keeps part(0) = x_i and part(1) = x_{i+1} (modulo 3). Seed s_i is shared by the two
//              holders of share i, P_{i-1} and P_i. "next" is P_{i+1}, "previous" P_{i-1}.
//   Randomness each primitive call takes one operation number, the same at all parties because all make the
//              same calls in the same order; its masks are streams of that operation (mpc/random/prg.h).
//   Failure    the first error of a channel is returned and nothing is retried: the object is then spent.
//   Owners     and recipients of InputBits, InputRing and Open may be outside of the three (Admit, outside_owner.h); of the
//              other calls they are compute parties.
//
// The sources are split by topic: arithmetic.cc, boolean.cc, circuit.cc, compare_rows.cc, convert.cc, input_open.cc,
// outside_input.cc, mask_owned.cc, widen.cc, owner_permutation.cc, shuffle.cc, boundary_read.cc, lookup.cc; establish.cc makes the keys. README.md
// lists the cost and the argument of security of each.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/types/check.h"
#include "mpc/kernel/kernels.h"
#include "mpc/net/channel.h"
#include "mpc/protocol/disclosure_guard.h"
#include "mpc/protocol/protocol.h"
#include "mpc/protocol/replicated3/outside_owner.h"
#include "mpc/protocol/replicated3/packed_rows.h"
#include "mpc/protocol/replicated3/ripple_chunk.h"
#include "mpc/random/key_derivation.h"
#include "mpc/random/prg.h"

namespace care::mpc {

class Replicated3 final : public Protocol {
 public:
  // `parties` lists the organisations that play P0, P1, P2. The channels are borrowed and must outlive this.
  // The kernels do all products, so a test can ask for a level, or for products with a mask left out.
  Replicated3(unsigned role, std::array<PartyId, 3> parties, Channel& next, Channel& previous,
              const Seed& seed_with_next, const Seed& seed_with_previous, std::vector<Disclosure> disclosures,
              bool detect_reuse = kDetectReuseByDefault, const Kernels& kernels = BestKernels());

  bool Holds(PartyId party) const override { return party == parties_[role_]; }

  // Lets a party that is none of the three input and receive, over a channel of its own, which is borrowed. Before the
  // first call that names it, at all three parties.
  void Admit(PartyId party, Channel& channel, const OutsideSeeds& seeds);

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

  std::uint64_t rounds() const override { return rounds_; }
  std::vector<OpenedCount> opened() const { return guard_.opened(); }

 private:
  // --- Who is who.
  static unsigned NextRole(unsigned role) { return (role + 1) % 3; }
  static unsigned PreviousRole(unsigned role) { return (role + 2) % 3; }
  unsigned RoleOf(PartyId party) const;  // checks that it is a compute party
  bool IsCompute(PartyId party) const { return std::ranges::find(parties_, party) != parties_.end(); }
  // The two holders of share i are P_{i-1} and P_i; both roles differ.
  static unsigned ShareOfPair(unsigned role, unsigned other) {
    return NextRole(role) == other ? other : role;
  }
  // Which of this party's parts is share i. Checks that it holds it.
  unsigned PartOfShare(unsigned share) const;
  Channel& ChannelTo(unsigned other_role);

  // --- Randomness.
  // The first of `count` operation numbers. They never come round again: a mask would serve twice.
  std::uint32_t NextOperations(std::size_t count) {
    CARE_CHECK(count <= UINT32_MAX - operation_);
    return std::exchange(operation_, operation_ + static_cast<std::uint32_t>(count));
  }
  std::uint32_t NextOperation() { return NextOperations(1); }
  // The pair's 32-byte seed, from which other keys are derived by label (DeriveKey), and its PRG.
  const Seed& SeedWith(unsigned other_role) const;
  Prg& PrgWith(unsigned other_role);
  const Kernels& kernels() const { return prg_with_next_.kernels(); }
  // The same chunk of stream 0 of both pairs, for a kernel that makes both streams itself.
  AesCounter ClaimBoth(std::uint32_t operation, std::size_t chunk);
  // All words of one stream that this party shares with another.
  std::vector<std::uint64_t> MaskWith(unsigned other_role, std::uint32_t operation, std::uint8_t stream,
                                      std::size_t words);

  // --- Shared steps. They neither take an operation number nor count rounds: the primitive does.
  // Each party's additive part of z becomes a share: fresh zero-sharing (stream 0 of both pairs), one message
  // to the previous party. `kernel` makes the words, already masked, from the operands of each block, which
  // `operands(first, count)` names in order; it writes them to z, from where they are sent.
  enum class Group { kXor, kAdd };
  using Operands = std::function<ShareProduct(std::size_t first, std::size_t count)>;
  absl::Status Reshare(std::uint32_t operation, Kernels::MaskedProduct kernel, std::span<std::uint64_t> z,
                       std::span<std::uint64_t> z_next, const Operands& operands);

  // The same for a ring column: z has its width, and elements travel in it. In blocks of words; where elements are of two
  // words there is no kernel: the operands come as a summand, x0.
  absl::Status ReshareRing(std::uint32_t operation, Kernels::MaskedProduct kernel, RingColumn& z,
                           const Operands& operands);

  // The two shares of `words` words that this party holds.
  using Parts = std::array<std::vector<std::uint64_t>, 2>;
  // What `left` and `right` (two roles) hold 2-of-2 of a flat block becomes replicated: each passes its summand, the
  // third party passes nothing. Draws `stream` from the two pairs with the third party. One round; each of the two
  // sends the block as `wire` has it.
  absl::StatusOr<Parts> ReshareFromPair(std::uint32_t operation, std::uint8_t stream, unsigned left,
                                        unsigned right, RawBuffer<std::uint64_t> summand, const BlockShape& shape,
                                        const BlockWire& wire);
  // Input of words known to P_owner, in a ring elements of ring_width bits. Draws `stream` from its pair with the
  // previous party. One round.
  absl::StatusOr<Parts> InputWords(std::uint32_t operation, std::uint8_t stream, unsigned owner,
                                   std::span<const std::uint64_t> clear, std::size_t words, Group group,
                                   unsigned ring_width = kDefaultRing);
  // alpha + d * beta for `count` elements, where the owner knows alpha and beta and its two peers know the bit d, of which
  // there are d_rows that repeat (mask_owned.cc). Terms at the owner, d at the others. Two rounds, streams 0 to 2.
  struct OwnedTerms {
    std::vector<std::uint64_t> alpha, beta;
  };
  absl::StatusOr<Parts> SelectOwned(std::uint32_t operation, unsigned owner_role, OwnedTerms terms,
                                    std::span<const std::uint64_t> d, std::size_t d_rows, std::size_t count,
                                    unsigned ring_width);
  // Sends the part that `recipient` (a role, or nobody: all three) lacks; fills `missing` where it arrives.
  absl::Status SendMissingShare(std::span<const std::uint64_t> own_part1, PartyId recipient,
                                std::vector<std::uint64_t>& missing, unsigned ring_width = kDefaultRing);
  // --- Parties that are none of the three.
  struct Outsider {
    Channel* channel;
    std::array<std::optional<Prg>, 2> shares;  // where this party holds them
    std::uint32_t operation;                   // of its inputs, counted alike at the outside owner
  };
  Outsider& OutsiderOf(PartyId party);  // checks that it was admitted
  absl::StatusOr<Parts> InputOfOutsider(PartyId owner, std::size_t words, unsigned ring_width);
  // This party's share of the message. Draws stream 0 from P0's pair with P1.
  absl::Status SendToOutsider(PartyId recipient, std::uint32_t operation, std::span<const std::uint64_t> part0,
                              std::span<const std::uint64_t> part1, Group group, unsigned ring_width);
  // --- The lookup's last step (lookup_match.cc). `records`: this party's summand of each row's record, where
  // it has one.
  struct TagPlanes;
  absl::StatusOr<LookupResult> MatchRecords(std::uint32_t operation, const LookupShape& shape,
                                            std::span<const std::uint64_t> records);
  // The records of one block of rows become shares: tag planes to `tags`, payload to `result`. One round.
  absl::Status ShareRecords(std::uint32_t operation, const LookupShape& shape, std::size_t first_row,
                            std::span<const std::uint64_t> records, TagPlanes& tags, LookupResult& result);
  // ANDs the planes to one. Takes operation numbers and counts rounds.
  absl::Status FoldTags(TagPlanes& tags);

  bool Receives(PartyId recipient) const { return recipient == kNoParty || Holds(recipient); }

  // Rows of `in` in the order of three factors, one after the other: `first` is known to dealer and left, `second`
  // to dealer and right, `third` to left and right; each is null at the party that lacks it. See shuffle.cc.
  struct RowOrder {
    unsigned dealer, left, right;
    const SecretPermutation::Factor* first;
    const SecretPermutation::Factor* second;
    const SecretPermutation::Factor* third;
  };
  absl::StatusOr<Columns> PermuteRows(std::uint32_t operation, const RowOrder& order, const Columns& in);

  static BitColumn BitsFromParts(const Parts& parts, std::size_t first_word, std::size_t rows,
                                 unsigned width);
  // `rows` elements from the word on.
  static RingColumn RingFromParts(const Parts& parts, std::size_t first_word, std::size_t rows,
                                  unsigned width = kDefaultRing);

  const unsigned role_;
  const std::array<PartyId, 3> parties_;
  Channel& next_;
  Channel& previous_;
  const Seed seed_with_next_;
  const Seed seed_with_previous_;
  Prg prg_with_next_;      // s_{role+1}
  Prg prg_with_previous_;  // s_role
  DisclosureGuard guard_;
  std::map<PartyId, Outsider> outsiders_;
  std::uint32_t operation_ = 0;
  std::uint64_t rounds_ = 0;
  // Memory kept from one batch of comparisons to the next.
  std::vector<RippleChunk> ripple_chunks_;
};

// Makes the keys and the object: each side of each pair draws 32 random bytes and sends them to the other.
// The session id is unique to this run of a query and, like the digest, agreed on beforehand.
absl::StatusOr<std::unique_ptr<Replicated3>> EstablishReplicated3(
    unsigned role, std::array<PartyId, 3> parties, Channel& next, Channel& previous,
    std::string_view session_id, std::string_view plan_digest, std::vector<Disclosure> disclosures,
    bool detect_reuse = kDetectReuseByDefault);

}  // namespace care::mpc
