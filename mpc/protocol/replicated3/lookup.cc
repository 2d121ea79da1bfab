// Replicated3::Lookup: each row of the spine's owner B learns, as shares, whether the arm's owner A has its
// key and what A stores under it. Linear in the rows, no sorting; three parties A, B and a helper H.
//
//   1. A and B derive three secrets for this lookup alone from the seed that they share and H does not. A key
//      y becomes the query Q = AES(y) cut to 96 bits and the tag t = AES'(y) cut to 64.
//   2. A stores (tag, payload) of its keys in an OKVS (okvs.h) sized for arm_bound, and sends it to H masked
//      with a pseudorandom table R that B can draw too: M = P + R. B sends its queries to H in the order of
//      its rows; an absent row asks a random query and expects a random tag.
//   3. H reads M at each query: v. B reads R and takes the tag: u = -R(Q) - t. Where the key is A's, u + v is
//      zero in the tag and the payload elsewhere; otherwise it is noise.
//   4. u and v become replicated shares under fresh masks from A's seeds. Fresh, because reads of one table
//      at several rows share cells. A row matched if none of the 64 tag bits is set.
//
//   Rounds    8: table and queries, resharing, then an AND tree over 64 bits (6).
//   Traffic   bytes, all parties; n = spine_rows, w = 8 * ceil(n / 64) bytes a plane, cells(N) of okvs.h:
//             8 * ceil(cells(arm_bound) * (8 + ceil(payload_bits / 8) + 8 * payload_rings) / 8)   A to H
//             + 8 * ceil(12 n / 8)                                                                B to H
//             + 2 * ((64 + payload_bits) * w + 8 * n * payload_rings)                             B, H
//             + 63 * 3 * w                                                                        AND tree
//             about 22 + 12 + 32 + 24 = 90 bytes a row for one payload ring and arms as long as the spine.
//             Nothing at all for n = 0.
//   Leakage   arm_bound and spine_rows, which are public. A's number of rows stays hidden: unused cells are
//             random. H sees M, uniform, and queries that are outputs of a pseudorandom function on distinct
//             keys, or random; A and B receive masked shares only.
//   Errors    InvalidArgument, before anything is sent, if a table exceeds its bound or repeats a key;
//             Internal if the encoding fails (probability below 2^-40). A row that should not match does with
//             probability 2^-64: below 2^-40 for any row of up to 2^24.
//   Security  semi-honest, one of three corrupt. A together with H could test B's keys.
//   Source    oblivious key-value stores: Garimella et al., CRYPTO 2021; joins through a masked table in the
//             manner of Mohassel, Rindal, Rosulek, CCS 2020.
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/exchange.h"
#include "mpc/protocol/replicated3/lookup_table.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {
namespace {

constexpr unsigned kTagBits = 64;
constexpr std::uint8_t kTableStream = 0;    // of the lookup's own key
constexpr std::uint8_t kReshareStream = 0;  // of the pairs' keys

using Words = std::vector<std::uint64_t>;

// Record after record, as the OKVS stores and reads them, to planes and columns, as shares are kept.
Words ToColumns(const LookupShape& shape, const Words& records) {
  const OkvsRecord record = RecordOf(shape);
  const std::size_t rows = shape.spine_rows;
  const BitPlanes planes = BitPlanes::FromRows(records, record.words(), rows, kTagBits + shape.payload_bits);
  Words columns;
  columns.reserve(planes.words().size() + rows * record.ring_words);
  columns.assign(planes.words().begin(), planes.words().end());
  for (unsigned ring = 0; ring < record.ring_words; ++ring) {
    const std::uint64_t* value = records.data() + record.xor_words + ring;
    for (std::size_t row = 0; row < rows; ++row) columns.push_back(value[row * record.words()]);
  }
  return columns;
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

// A's table, masked, ready for the wire.
absl::StatusOr<Words> MaskedTable(const LookupShape& shape, const OkvsLayout& layout, const LookupArm& arm,
                                  const LookupSecrets& secrets, const Words& mask) {
  CARE_RETURN_IF_ERROR(CheckArm(shape, arm));
  const std::vector<OkvsQuery> queries = QueriesOf(secrets.query, arm.keys);
  if (!AllDistinct(queries, {})) {
    return absl::InvalidArgumentError("the key of a joined table must be unique, and is not");
  }
  const OkvsRecord record = RecordOf(shape);
  const std::size_t words = record.words();
  const Words tags = TagsOf(secrets.tag, arm.keys);
  Words values(arm.keys.size() * words, 0);
  for (std::size_t row = 0; row < tags.size(); ++row) {
    values[row * words] = tags[row];
    for (unsigned ring = 0; ring < record.ring_words; ++ring) {
      values[row * words + record.xor_words + ring] = arm.rings[ring][row];
    }
  }
  if (shape.payload_bits > 0 && !values.empty()) arm.bits.ToRows(std::span(values).subspan(1), words);
  CARE_ASSIGN_OR_RETURN(Words cells, OkvsEncode(layout, record, queries, values));
  for (std::size_t cell = 0; cell < cells.size(); cell += words) {
    for (unsigned w = 0; w < record.xor_words; ++w) cells[cell + w] ^= mask[cell + w];
    for (unsigned w = record.xor_words; w < words; ++w) cells[cell + w] += mask[cell + w];
  }
  return PackCells(shape, cells);
}

// B's queries: those of its keys, and random ones for absent rows.
absl::StatusOr<std::vector<OkvsQuery>> SpineQueries(const LookupShape& shape, const LookupSpine& spine,
                                                    const LookupSecrets& secrets) {
  CARE_CHECK(spine.keys.size() == shape.spine_rows && spine.present.size() == shape.spine_rows);
  std::vector<OkvsQuery> queries = QueriesOf(secrets.query, spine.keys);
  if (!AllDistinct(queries, spine.present)) {
    return absl::InvalidArgumentError("the rows that look up a joined table must have distinct keys");
  }
  std::vector<OkvsQuery> random(queries.size());
  FillFromLocalRandom({reinterpret_cast<std::uint8_t*>(random.data()), random.size() * sizeof(OkvsQuery)});
  for (std::size_t row = 0; row < queries.size(); ++row) {
    if (!spine.present[row]) queries[row] = random[row];
  }
  return queries;
}

// B's summand: minus what it reads from the mask, minus the tag.
Words SpineSummand(const LookupShape& shape, const OkvsLayout& layout, const LookupSpine& spine,
                   const LookupSecrets& secrets, const Words& mask, const std::vector<OkvsQuery>& queries) {
  const OkvsRecord record = RecordOf(shape);
  Words records = OkvsDecode(layout, record, mask, queries);
  const Words tags = TagsOf(secrets.tag, spine.keys);
  Words random(tags.size());
  FillFromLocalRandom(
      {reinterpret_cast<std::uint8_t*>(random.data()), random.size() * sizeof(std::uint64_t)});
  for (std::size_t row = 0; row < tags.size(); ++row) {
    std::uint64_t* words = records.data() + row * record.words();
    words[0] ^= spine.present[row] ? tags[row] : random[row];
    for (unsigned w = record.xor_words; w < record.words(); ++w) words[w] = 0 - words[w];
  }
  return ToColumns(shape, records);
}

}  // namespace

absl::StatusOr<LookupResult> Replicated3::Lookup(const LookupShape& shape, const LookupArm* arm,
                                                 const LookupSpine* spine) {
  const unsigned arm_role = RoleOf(shape.arm);
  const unsigned spine_role = RoleOf(shape.spine);
  const unsigned helper_role = RoleOf(shape.helper);
  CARE_CHECK(arm_role != spine_role && spine_role != helper_role && helper_role != arm_role);
  CARE_CHECK((arm != nullptr) == Holds(shape.arm) && (spine != nullptr) == Holds(shape.spine));
  const std::uint32_t operation = NextOperation();
  const std::size_t rows = shape.spine_rows;
  const std::size_t plane_words = (rows + 63) / 64;
  const std::size_t xor_words = plane_words * (kTagBits + shape.payload_bits);
  const std::size_t summand_words = xor_words + rows * shape.payload_rings;
  const OkvsLayout layout = OkvsLayout::For(shape.arm_bound);
  const OkvsRecord record = RecordOf(shape);

  Words summand;
  if (rows == 0) {
    // Nobody asks; the arm's owner still answers for its own table.
    if (arm != nullptr) CARE_RETURN_IF_ERROR(CheckArm(shape, *arm));
  } else if (role_ == helper_role) {
    Words table(WireTableWords(shape, layout));
    Words queries(WireQueryWords(rows));
    CARE_RETURN_IF_ERROR(Exchange(
        {}, {{&ChannelTo(arm_role), std::span(table)}, {&ChannelTo(spine_role), std::span(queries)}}));
    const Words cells = UnpackCells(shape, layout.cells(), table);
    summand = ToColumns(shape, OkvsDecode(layout, record, cells, UnpackQueries(rows, queries)));
  } else {
    // The instance is this operation: numbered alike at all parties, and the seed is bound to the session
    // and the plan. The roles are spelled out so that no later kind of lookup can share an instance.
    const std::string instance = absl::StrCat(operation, "/", arm_role, "/", spine_role, "/", helper_role);
    const LookupSecrets secrets(SeedWith(role_ == arm_role ? spine_role : arm_role), instance);
    Words mask(layout.cells() * record.words());
    Prg(secrets.table.aes_key()).FillWords(operation, kTableStream, 0, mask);
    if (role_ == arm_role) {
      CARE_ASSIGN_OR_RETURN(const Words table, MaskedTable(shape, layout, *arm, secrets, mask));
      CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(helper_role), std::span(table)}}, {}));
    } else {
      CARE_ASSIGN_OR_RETURN(const std::vector<OkvsQuery> queries, SpineQueries(shape, *spine, secrets));
      const Words wire = PackQueries(queries);
      CARE_RETURN_IF_ERROR(Exchange({{&ChannelTo(helper_role), std::span(wire)}}, {}));
      summand = SpineSummand(shape, layout, *spine, secrets, mask, queries);
    }
  }

  CARE_ASSIGN_OR_RETURN(const Parts parts, ReshareFromPair(operation, kReshareStream, spine_role, helper_role,
                                                           std::move(summand), summand_words, xor_words));
  rounds_ += 2;
  LookupResult result;
  BitColumn equal = Not(BitsFromParts(parts, 0, rows, kTagBits));
  while (equal.width() > 1) {
    const unsigned half = equal.width() / 2;
    CARE_ASSIGN_OR_RETURN(equal, And(equal.Planes(0, half), equal.Planes(half, half)));
  }
  result.matched = std::move(equal);
  result.bits = BitsFromParts(parts, plane_words * kTagBits, rows, shape.payload_bits);
  for (unsigned ring = 0; ring < shape.payload_rings; ++ring) {
    result.rings.push_back(RingFromParts(parts, xor_words + ring * rows, rows));
  }
  return result;
}

}  // namespace care::mpc
