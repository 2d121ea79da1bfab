#include "mpc/relational/group_by_sort.h"

#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/join.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"

namespace care::mpc {
namespace {

// Rows by (not valid, key), and where groups go on and end.
struct SortedGroups {
  BitColumn key;
  std::vector<RingColumn> values;
  BitColumn continues;
  BitColumn is_group;  // the last row of a group of valid rows
};

absl::StatusOr<SortedGroups> SortGroups(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                        const std::vector<RingColumn>& values, const Disclosure& disclosure,
                                        const LinkSpeed& link) {
  const bool all_valid = valid.width() == 0;
  const BitColumn invalid = all_valid ? BitColumn() : protocol.Not(valid);
  CARE_ASSIGN_OR_RETURN(SortedRows sorted,
                        SortRows(protocol, all_valid ? key : BitColumn::JoinPlanes({&key, &invalid}),
                                 {{}, values}, disclosure, {.link = link}));
  SortedGroups groups;
  CARE_ASSIGN_OR_RETURN(groups.continues, ContinuesSegment(protocol, sorted.key));
  groups.is_group = SegmentEnds(protocol, groups.continues);
  if (!all_valid) {
    CARE_ASSIGN_OR_RETURN(groups.is_group,
                          protocol.And(groups.is_group, protocol.Not(sorted.key.Planes(key.width(), 1))));
  }
  groups.key = sorted.key.Planes(0, key.width());
  groups.values = std::move(sorted.columns.rings);
  return groups;
}

// In the ring of the values, whose sums they travel with.
RingColumn PublicOnes(const Protocol& protocol, std::size_t rows, const std::vector<RingColumn>& values) {
  return PublicElements(protocol, rows, 1, values.empty() ? kDefaultRing : values[0].width());
}

}  // namespace

absl::StatusOr<GroupedRows> GroupRows(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                      const std::vector<RingColumn>& values, const Disclosure& sort,
                                      const LinkSpeed& link) {
  CARE_ASSIGN_OR_RETURN(SortedGroups groups, SortGroups(protocol, key, valid, values, sort, link));
  std::vector<RingColumn> summands = std::move(groups.values);
  summands.push_back(PublicOnes(protocol, key.rows(), values));
  GroupedRows result{std::move(groups.key), std::move(groups.is_group), {}, {}};
  CARE_ASSIGN_OR_RETURN(result.sums, RunningSums(protocol, groups.continues, summands));
  result.counts = std::move(result.sums.back());
  result.sums.pop_back();
  return result;
}

absl::StatusOr<GroupedRows> GroupRowsTo(Protocol& protocol, const CompactBound& bound, const BitColumn& key,
                                        const BitColumn& valid, const std::vector<RingColumn>& values,
                                        const Disclosure& sort, const Disclosure& compact,
                                        const LinkSpeed& link) {
  CARE_ASSIGN_OR_RETURN(const SortedGroups groups, SortGroups(protocol, key, valid, values, sort, link));
  Protocol::Columns ends{{groups.key}, {}};
  for (const RingColumn& column : groups.values) ends.rings.push_back(protocol.PrefixSum(column));
  // Valid rows come first, so that a row's number counts them.
  ends.rings.push_back(protocol.PrefixSum(PublicOnes(protocol, key.rows(), values)));
  CARE_ASSIGN_OR_RETURN(CompactRows moved, CompactTo(protocol, bound, groups.is_group, ends, compact));

  GroupedRows result;
  CARE_ASSIGN_OR_RETURN(result.key, protocol.And(moved.columns.bits[0], moved.valid));
  std::vector<RingColumn> differences;
  for (const RingColumn& column : moved.columns.rings)
    differences.push_back(SubtractNeighbours(protocol, column));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flag,
                        protocol.BitsToRing(moved.valid, differences[0].width()));
  CARE_ASSIGN_OR_RETURN(result.sums, MultiplyEach(protocol, flag[0], differences));
  result.counts = std::move(result.sums.back());
  result.sums.pop_back();
  result.valid = std::move(moved.valid);
  return result;
}

absl::StatusOr<GroupedRows> CountDistinct(Protocol& protocol, const BitColumn& key, const BitColumn& value,
                                          const BitColumn& valid, const Disclosure& sort,
                                          const LinkSpeed& link, const BitColumn& value_is_null) {
  const bool all_valid = valid.width() == 0;
  const BitColumn invalid = all_valid ? BitColumn() : protocol.Not(valid);
  const bool some_null = value_is_null.width() > 0;
  std::vector<const BitColumn*> order = {&value};  // NULLs after the values of their key
  if (some_null) order.push_back(&value_is_null);
  order.push_back(&key);
  if (!all_valid) order.push_back(&invalid);
  CARE_ASSIGN_OR_RETURN(const SortedRows sorted,
                        SortRows(protocol, BitColumn::JoinPlanes(order), {}, sort, {.link = link}));
  const unsigned first_of_key = value.width() + value_is_null.width();
  const BitColumn group = sorted.key.Planes(first_of_key, sorted.key.width() - first_of_key);
  CARE_ASSIGN_OR_RETURN(const BitColumn same_group, ContinuesSegment(protocol, group));
  CARE_ASSIGN_OR_RETURN(const BitColumn same_value,
                        ContinuesSegment(protocol, sorted.key.Planes(0, value.width())));
  CARE_ASSIGN_OR_RETURN(const BitColumn again, protocol.And(same_group, same_value));
  BitColumn is_first = protocol.Not(again);
  if (some_null) {
    CARE_ASSIGN_OR_RETURN(is_first, protocol.And(is_first, protocol.Not(sorted.key.Planes(value.width(), 1))));
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> first, protocol.BitsToRing(is_first));
  GroupedRows result;
  CARE_ASSIGN_OR_RETURN(result.sums,
                        RunningSums(protocol, same_group, {first[0], PublicOnes(protocol, key.rows(), {})}));
  result.counts = std::move(result.sums.back());
  result.sums.pop_back();
  result.key = group.Planes(0, key.width());
  result.valid = SegmentEnds(protocol, same_group);
  if (!all_valid) {
    CARE_ASSIGN_OR_RETURN(result.valid,
                          protocol.And(result.valid, protocol.Not(group.Planes(key.width(), 1))));
  }
  return result;
}

}  // namespace care::mpc
