#include "mpc/relational/sort_join.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/any_row.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"

namespace care::mpc {
namespace {

BitColumn JoinAll(const std::vector<BitColumn>& planes) {
  std::vector<const BitColumn*> pointers;
  for (const BitColumn& column : planes) pointers.push_back(&column);
  return BitColumn::JoinPlanes(pointers);
}

BitColumn ValidOf(const Protocol& protocol, const JoinSide& side) {
  return side.valid.width() == 0 ? PublicConstant(protocol, side.key.rows(), 1, 1) : side.valid;
}

// What a sorted row knows of the rows below it in its segment. A source is a valid left row.
struct Chains {
  std::vector<BitColumn> sources;  // [d]: this row and the next d are sources
  BitColumn meets_right;           // a source in whose segment a right row comes within most_matches rows
  BitColumn too_long;              // this row and the next most_matches are sources
};

absl::StatusOr<Chains> FollowSources(Protocol& protocol, const BitColumn& continues, const BitColumn& source,
                                     unsigned most_matches) {
  CARE_ASSIGN_OR_RETURN(const BitColumn as_source, protocol.And(continues, source));
  const BitColumn as_right = protocol.Xor(continues, as_source);
  Chains chains{{source}, PublicZeroes(protocol, source.rows(), 1), {}};
  for (unsigned d = 1; d <= most_matches; ++d) {
    // The row d below ends the chain (a right row of the segment), or carries it on.
    const std::vector<BitColumn> below = {ShiftUp(protocol, as_right, d), ShiftUp(protocol, as_source, d)};
    CARE_ASSIGN_OR_RETURN(const BitColumn reached, protocol.And(JoinAll(below), chains.sources.back()));
    chains.meets_right = protocol.Xor(chains.meets_right, reached.Planes(0, 1));
    (d < most_matches ? chains.sources.emplace_back() : chains.too_long) = reached.Planes(1, 1);
  }
  return chains;
}

absl::Status CheckBound(Protocol& protocol, const JoinBound& bound, const BitColumn& too_long) {
  CARE_ASSIGN_OR_RETURN(const BitColumn exceeds, AnyRow(protocol, too_long));
  CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(exceeds, bound.overflow));
  if (!opened.has_value() || !opened->Get(0, 0)) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat("a key is in more than ", bound.most_matches, " ", bound.what,
                                                   ", the declared bound of rows with one key"));
}

}  // namespace

Disclosure JoinBoundDisclosure(std::uint32_t id, const std::string& table) {
  return {.id = id,
          .what = absl::StrCat("whether a key of ", table, " exceeds its declared rows"),
          .recipient = kNoParty,
          .max_values = 1,
          .rule = "one bit; if it is set the query ends"};
}

absl::StatusOr<SortJoinResult> SortJoin(Protocol& protocol, const JoinSide& left, const BitColumn& payload,
                                        const JoinSide& right, const JoinBound& bound,
                                        const Disclosure& disclosure, const LinkSpeed& link) {
  const unsigned most_matches = bound.most_matches;
  const std::size_t left_rows = left.key.rows();
  const std::size_t right_rows = right.key.rows();
  const unsigned width = payload.width();
  CARE_CHECK(left.key.width() == right.key.width() && payload.rows() == left_rows && most_matches >= 1);

  const BitColumn left_valid = ValidOf(protocol, left);
  const BitColumn right_valid = ValidOf(protocol, right);
  const BitColumn key = BitColumn::JoinRows({&left.key, &right.key});
  const BitColumn invalid = protocol.Not(BitColumn::JoinRows({&left_valid, &right_valid}));
  const BitColumn nothing = PublicZeroes(protocol, right_rows, width + 1);
  const BitColumn brings = BitColumn::JoinPlanes({&left_valid, &payload});
  const bool all_valid = left.valid.width() == 0 && right.valid.width() == 0;
  CARE_ASSIGN_OR_RETURN(
      const SortedRows sorted,
      SortRows(protocol, all_valid ? key : BitColumn::JoinPlanes({&key, &invalid}),
               {{BitColumn::JoinRows({&brings, &nothing})}, {}}, disclosure, {.link = link}));
  const BitColumn& brought = sorted.columns.bits[0];

  CARE_ASSIGN_OR_RETURN(const BitColumn continues, ContinuesSegment(protocol, sorted.key));
  CARE_ASSIGN_OR_RETURN(const Chains chains,
                        FollowSources(protocol, continues, brought.Planes(0, 1), most_matches));
  if (!bound.repeats_are_fine) CARE_RETURN_IF_ERROR(CheckBound(protocol, bound, chains.too_long));
  std::vector<BitColumn> collected;  // slot by slot: matched, payload
  for (unsigned d = 0; d < most_matches; ++d) {
    collected.push_back(chains.sources[d]);
    collected.push_back(ShiftUp(protocol, brought.Planes(1, width), d));
  }
  CARE_ASSIGN_OR_RETURN(const BitColumn found, CopyDown(protocol, continues, JoinAll(collected)));
  CARE_ASSIGN_OR_RETURN(
      const Protocol::Columns back,
      MoveBack(protocol, sorted.order, {{BitColumn::JoinPlanes({&found, &chains.meets_right})}, {}}));

  SortJoinResult result;
  result.left_matched = back.bits[0].Planes(most_matches * (width + 1), 1).Rows(0, left_rows);
  const BitColumn slots = back.bits[0].Rows(left_rows, right_rows);
  std::vector<BitColumn> values, masks;
  for (unsigned d = 0; d < most_matches; ++d) {
    result.slots.push_back({slots.Planes(d * (width + 1), 1), PublicZeroes(protocol, right_rows, 0)});
    values.push_back(slots.Planes(d * (width + 1) + 1, width));
    masks.insert(masks.end(), width, result.slots.back().matched);
  }
  if (width == 0) return result;
  CARE_ASSIGN_OR_RETURN(const BitColumn masked, protocol.And(JoinAll(values), JoinAll(masks)));
  for (unsigned d = 0; d < most_matches; ++d) result.slots[d].payload = masked.Planes(d * width, width);
  return result;
}

}  // namespace care::mpc
