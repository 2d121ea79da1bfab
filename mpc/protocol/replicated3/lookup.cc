// Replicated3::Lookup: each row of the spine's owner B learns, as shares, whether the arm's owner A has its
// key and what A stores under it. Linear in the rows, no sorting; three parties A, B and a helper H.
//
//   1. A and B derive three secrets for this lookup alone from the seed that they share and H does not. A key
//      y becomes the query Q = AES(y) cut to 96 bits, and the query a tag t = AES'(Q) cut to T = 64 bits, or
//      96 for more than 2^24 rows.
//   2. A stores (tag, payload) of its keys in an OKVS (okvs.h) sized for arm_bound, and sends it to H masked
//      with a pseudorandom table R that B can draw too: M = P + R. B sends its queries to H in the order of
//      its rows; an absent row asks a random query.
//   3. H reads M at each query: v. B reads R and takes the tag: u = -R(Q) - t. Where the key is A's, u + v is
//      zero in the tag and the payload elsewhere; otherwise it is noise.
//   4. u and v become replicated shares under fresh masks from A's seeds. Fresh, because reads of one table
//      at several rows share cells. A row matched if none of the T tag bits is set (lookup_match.cc).
//
// Nobody holds the table as a whole. Keys and queries are sorted into the buckets of the table, which a keyed
// hash of the key chooses; A encodes, masks and sends one bucket at a time, and B and H read one at a time,
// each in its cache. Step 4 takes block_rows (2^22) at a time, so that the many tag bits of few rows are in
// memory.
//
//   Rounds    1 for table and queries, then for every block_rows 1 to reshare and 6 (7 if T = 96) for an AND
//             tree over the tag: 8 in all for up to 2^22 rows.
//   Traffic   bytes, all parties; n = spine_rows, w = 8 * ceil(n / 64) bytes a plane, cells(N) of okvs_layout.h:
//             cells(arm_bound) * (ceil((T + payload_bits) / 8) + 8 * payload_rings)               A to H
//             + 12 n                                                                              B to H
//             + 2 * ((T + payload_bits) * w + 8 * n * payload_rings)                              B, H
//             + (T - 1) * 3 * w                                                                   AND tree
//             about 22 + 12 + 32 + 24 = 90 bytes a row for one payload ring and arms as long as the spine.
//             Nothing at all for n = 0.
//   Memory    besides inputs and results: 28 bytes a row at A, and at B and H 16 bytes a row and a record (tag and
//             payload in whole words) a row; 12 bytes a row more while the queries are sorted.
//   Leakage   arm_bound and spine_rows, which are public. A's number of rows stays hidden: unused cells are
//             random. H sees M, uniform, and queries that are outputs of a pseudorandom function on distinct
//             keys, or random; A and B receive masked shares only.
//   Errors    InvalidArgument, before anything is sent, if a table exceeds its bound or repeats a key;
//             Internal if the encoding fails (probability below 2^-40). A row that should not match does with
//             probability 2^-T: below 2^-40 for any row of up to 2^24, and of up to 2^56.
//   Security  semi-honest, one of three corrupt. A together with H could test B's keys.
//   Source    oblivious key-value stores: Garimella et al., CRYPTO 2021; joins through a masked table in the
//             manner of Mohassel, Rindal, Rosulek, CCS 2020; partitions: the Grace hash join, Kitsuregawa et
//             al., New Generation Computing 1983.
#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/lookup_table.h"
#include "mpc/protocol/replicated3/okvs.h"
#include "mpc/protocol/replicated3/okvs_partition.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

constexpr std::uint8_t kTableStream = 1;  // of the lookup's own key; the pairs' keys have stream 0
constexpr std::size_t kPieceBytes = kPieceWords * sizeof(std::uint64_t);

using Words = std::vector<std::uint64_t>;

absl::Status SendInPieces(Channel& channel, std::span<const std::uint8_t> bytes) {
  for (std::size_t done = 0; done < bytes.size(); done += kPieceBytes) {
    CARE_RETURN_IF_ERROR(channel.Send(bytes.subspan(done, std::min(kPieceBytes, bytes.size() - done))));
  }
  return absl::OkStatus();
}

absl::Status ReceiveInPieces(Channel& channel, std::span<std::uint8_t> bytes) {
  for (std::size_t done = 0; done < bytes.size(); done += kPieceBytes) {
    CARE_RETURN_IF_ERROR(channel.Receive(bytes.subspan(done, std::min(kPieceBytes, bytes.size() - done))));
  }
  return absl::OkStatus();
}

std::span<std::uint8_t> AsBytes(std::span<std::uint64_t> words) {
  return {reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()};
}

// The mask of one bucket of the table.
void DrawMask(Prg& prg, std::uint32_t operation, std::size_t bucket, std::span<std::uint64_t> mask) {
  prg.Fill(operation, kTableStream, static_cast<std::uint32_t>(bucket), AsBytes(mask));
}

absl::Status CheckArm(const LookupShape& shape, const LookupArm& arm) {
  CARE_CHECK(arm.bits.width() == shape.payload_bits && arm.rings.size() == shape.payload_rings);
  CARE_CHECK(shape.payload_bits == 0 || arm.bits.rows() == arm.keys.size());
  for (const auto& ring : arm.rings) CARE_CHECK(ring.size() == arm.keys.size());
  if (arm.keys.size() > shape.arm_bound) {
    return absl::InvalidArgumentError("a joined table has more rows than its bound allows");
  }
  return absl::OkStatus();
}

// What A does: the table, bucket by bucket.
absl::Status SendTable(const LookupShape& shape, const LookupArm& arm, const LookupSecrets& secrets,
                       std::uint32_t operation, Prg& prg, Channel& helper) {
  const OkvsLayout layout = OkvsLayout::For(shape.arm_bound);
  const OkvsRecord record = RecordOf(shape);
  RawBuffer<OkvsQuery> queries = QueriesOf(secrets.query, arm.keys);
  const OkvsPartition partition(layout, queries.span());
  queries.Free();
  if (partition.AnyRepeats()) {
    return absl::InvalidArgumentError("the key of a joined table must be unique, and is not");
  }
  OkvsEncoder encoder(layout, record);
  LookupValues source(shape, arm, secrets.tag);
  Words values;
  RawBuffer<std::uint64_t> cells(layout.cells_per_bucket() * record.words());
  RawBuffer<std::uint64_t> mask(cells.size());
  const bool as_it_is = WireCellsAreCells(shape);
  RawBuffer<std::uint8_t> wire(as_it_is ? 0 : layout.cells_per_bucket() * WireCellBytes(shape));
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    source.Gather(partition.Bucket(bucket), values);
    CARE_RETURN_IF_ERROR(encoder.EncodeBucket(partition.Bucket(bucket), values, cells.span()));
    DrawMask(prg, operation, bucket, mask.span());
    WithRecord(record, [&](const auto& fixed) {
      for (std::size_t word = 0; word < cells.size(); word += fixed.words()) {
        std::uint64_t* cell = cells.data() + word;
        AddTo(fixed, cell, mask.data() + word);
      }
    });
    if (!as_it_is) PackCells(shape, cells.span(), wire.span());
    CARE_RETURN_IF_ERROR(SendInPieces(helper, as_it_is ? AsBytes(cells.span()) : wire.span()));
  }
  return absl::OkStatus();
}

// B's queries: those of its keys, and random ones for absent rows.
RawBuffer<OkvsQuery> SpineQueries(const LookupShape& shape, const LookupSpine& spine, const Seed& secret) {
  CARE_CHECK(spine.keys.size() == shape.spine_rows && spine.present.size() == shape.spine_rows);
  RawBuffer<OkvsQuery> queries = QueriesOf(secret, spine.keys);
  constexpr std::size_t kBatch = 1024;
  std::vector<OkvsQuery> random;
  LocalRandom source;
  for (std::size_t row = 0; row < queries.size(); ++row) {
    if (spine.present[row]) continue;
    if (random.empty()) {
      random.resize(kBatch);
      source.Fill({random[0].data(), kBatch * sizeof(OkvsQuery)});
    }
    queries[row] = random.back();
    random.pop_back();
  }
  return queries;
}

void Scatter(const OkvsRecord& record, std::span<const PlacedQuery> queries,
             std::span<const std::uint64_t> in, std::span<std::uint64_t> out) {
  WithRecord(record, [&](const auto& fixed) {
    const unsigned words = fixed.words();
    for (std::size_t i = 0; i < queries.size(); ++i) {
      std::copy_n(in.data() + i * words, words, out.data() + std::size_t{queries[i].row} * words);
    }
  });
}

// What B does: its queries to the helper, then its summand of each row's record, minus what it reads from the
// mask and minus the tag.
absl::StatusOr<RawBuffer<std::uint64_t>> AskAsSpine(const LookupShape& shape, const LookupSpine& spine,
                                                    const LookupSecrets& secrets, std::uint32_t operation,
                                                    Prg& prg, Channel& helper) {
  const OkvsLayout layout = OkvsLayout::For(shape.arm_bound);
  const OkvsRecord record = RecordOf(shape);
  const unsigned words = record.words();
  RawBuffer<OkvsQuery> queries = SpineQueries(shape, spine, secrets.query);
  const OkvsPartition partition(layout, queries.span());
  if (partition.AnyRepeats()) {
    return absl::InvalidArgumentError("the rows that look up a joined table must have distinct keys");
  }
  CARE_RETURN_IF_ERROR(SendInPieces(helper, {queries.data()->data(), queries.size() * sizeof(OkvsQuery)}));
  queries.Free();
  RawBuffer<std::uint64_t> summand(shape.spine_rows * words);
  OkvsDecoder decoder(layout, record);
  LookupTags tags(secrets.tag);
  RawBuffer<std::uint64_t> mask(layout.cells_per_bucket() * words);
  Words records;
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    const std::span<const PlacedQuery> placed = partition.Bucket(bucket);
    if (placed.empty()) continue;
    DrawMask(prg, operation, bucket, mask.span());
    records.resize(placed.size() * words);
    decoder.DecodeBucket(mask.span(), placed, records);
    for (std::size_t k = 0; k < records.size(); k += words) {
      for (unsigned w = record.xor_words; w < words; ++w) records[k + w] = 0 - records[k + w];
    }
    tags.AddTo(shape, placed, records);
    Scatter(record, placed, records, summand.span());
  }
  return summand;
}

// What H does: reads the masked table at each query, as it arrives.
absl::StatusOr<RawBuffer<std::uint64_t>> ReadAsHelper(const LookupShape& shape, Channel& arm,
                                                      Channel& spine) {
  const OkvsLayout layout = OkvsLayout::For(shape.arm_bound);
  const OkvsRecord record = RecordOf(shape);
  const unsigned words = record.words();
  RawBuffer<OkvsQuery> queries(shape.spine_rows);
  CARE_RETURN_IF_ERROR(ReceiveInPieces(spine, {queries.data()->data(), queries.size() * sizeof(OkvsQuery)}));
  const OkvsPartition partition(layout, queries.span());
  queries.Free();
  RawBuffer<std::uint64_t> summand(shape.spine_rows * words);
  OkvsDecoder decoder(layout, record);
  const bool as_it_is = WireCellsAreCells(shape);
  RawBuffer<std::uint8_t> wire(as_it_is ? 0 : layout.cells_per_bucket() * WireCellBytes(shape));
  RawBuffer<std::uint64_t> cells(layout.cells_per_bucket() * words);
  Words records;
  for (std::size_t bucket = 0; bucket < layout.buckets; ++bucket) {
    CARE_RETURN_IF_ERROR(ReceiveInPieces(arm, as_it_is ? AsBytes(cells.span()) : wire.span()));
    if (!as_it_is) UnpackCells(shape, wire.span(), cells.span());
    const std::span<const PlacedQuery> placed = partition.Bucket(bucket);
    records.resize(placed.size() * words);
    decoder.DecodeBucket(cells.span(), placed, records);
    Scatter(record, placed, records, summand.span());
  }
  return summand;
}

}  // namespace

absl::StatusOr<LookupResult> Replicated3::Lookup(const LookupShape& shape, const LookupArm* arm,
                                                 const LookupSpine* spine) {
  const unsigned arm_role = RoleOf(shape.arm);
  const unsigned spine_role = RoleOf(shape.spine);
  const unsigned helper_role = RoleOf(shape.helper);
  CARE_CHECK(arm_role != spine_role && spine_role != helper_role && helper_role != arm_role);
  CARE_CHECK((arm != nullptr) == Holds(shape.arm) && (spine != nullptr) == Holds(shape.spine));
  CARE_CHECK(shape.spine_rows <= std::size_t{1} << 28);
  CARE_CHECK(shape.block_rows > 0 && shape.block_rows % 64 == 0);
  const std::uint32_t operation = NextOperation();
  // Even if nobody asks, the arm's owner answers for its own table.
  if (arm != nullptr) CARE_RETURN_IF_ERROR(CheckArm(shape, *arm));

  RawBuffer<std::uint64_t> summand;
  if (shape.spine_rows > 0) {
    ++rounds_;
    // The instance is this operation: numbered alike at all parties, and the seed is bound to the session
    // and the plan. The roles are spelled out so that no later kind of lookup can share an instance.
    const std::string instance = absl::StrCat(operation, "/", arm_role, "/", spine_role, "/", helper_role);
    if (role_ == helper_role) {
      CARE_ASSIGN_OR_RETURN(summand, ReadAsHelper(shape, ChannelTo(arm_role), ChannelTo(spine_role)));
    } else {
      const LookupSecrets secrets(SeedWith(role_ == arm_role ? spine_role : arm_role), instance);
      // As the pairs' keys: the same kernels, and reuse detected where theirs is.
      Prg prg(secrets.table.aes_key(), prg_with_next_.detects_reuse(), kernels());
      Channel& helper = ChannelTo(helper_role);
      if (role_ == arm_role) {
        CARE_RETURN_IF_ERROR(SendTable(shape, *arm, secrets, operation, prg, helper));
      } else {
        CARE_ASSIGN_OR_RETURN(summand, AskAsSpine(shape, *spine, secrets, operation, prg, helper));
      }
    }
  }
  return MatchRecords(operation, shape, summand.span());
}

}  // namespace care::mpc
