#include "mpc/relational/order_by.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"

namespace care::mpc {
namespace {

// Rows by (not valid, key); the key of the result has the validity bit on top, if there is one.
absl::StatusOr<SortedRows> ValidFirst(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                      const Protocol::Columns& columns, const Disclosure& sort,
                                      const SortOptions& options) {
  if (valid.width() == 0) return SortRows(protocol, key, columns, sort, options);
  const BitColumn invalid = protocol.Not(valid);
  return SortRows(protocol, BitColumn::JoinPlanes({&key, &invalid}), columns, sort, options);
}

BitColumn ValidOf(const Protocol& protocol, const BitColumn& key, const BitColumn& sorted_key) {
  return sorted_key.width() == key.width() ? PublicConstant(protocol, sorted_key.rows(), 1, 1)
                                           : protocol.Not(sorted_key.Planes(key.width(), 1));
}

}  // namespace

absl::StatusOr<OrderedRows> TopRows(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                    const Protocol::Columns& columns, std::size_t limit,
                                    const Disclosure& sort, const LinkSpeed& link) {
  CARE_ASSIGN_OR_RETURN(const SortedRows sorted,
                        ValidFirst(protocol, key, valid, columns, sort, {limit, link}));
  const std::size_t kept = std::min(limit, key.rows());
  OrderedRows top;
  const BitColumn first = sorted.key.Rows(0, kept);
  top.key = first.Planes(0, key.width());
  top.valid = ValidOf(protocol, key, first);
  for (const BitColumn& column : sorted.columns.bits) top.columns.bits.push_back(column.Rows(0, kept));
  for (const RingColumn& column : sorted.columns.rings) top.columns.rings.push_back(column.Rows(0, kept));
  return top;
}

absl::StatusOr<OrderedRows> DistinctRows(Protocol& protocol, const BitColumn& key, const BitColumn& valid,
                                         const Protocol::Columns& columns, const Disclosure& sort,
                                         const LinkSpeed& link) {
  CARE_ASSIGN_OR_RETURN(SortedRows sorted, ValidFirst(protocol, key, valid, columns, sort, {.link = link}));
  CARE_ASSIGN_OR_RETURN(const BitColumn continues, ContinuesSegment(protocol, sorted.key));
  OrderedRows distinct;
  distinct.key = sorted.key.Planes(0, key.width());
  distinct.valid = protocol.Not(continues);
  if (valid.width() != 0) {
    CARE_ASSIGN_OR_RETURN(distinct.valid, protocol.And(distinct.valid, ValidOf(protocol, key, sorted.key)));
  }
  distinct.columns = std::move(sorted.columns);
  return distinct;
}

absl::StatusOr<BitColumn> RowOfRank(Protocol& protocol, const BitColumn& sorted_values,
                                    const BitColumn& rank) {
  const std::size_t rows = sorted_values.rows();
  CARE_CHECK(rank.rows() == 1 && rank.width() <= 64);
  if (rows == 0) return PublicConstant(protocol, 1, sorted_values.width(), 0);
  CARE_CHECK(rank.width() == 64 || (rows - 1) >> rank.width() == 0);
  // The rank in every row: it stands in row 0, zeroes below, and each row is the parity of those up to it.
  const BitColumn below = PublicConstant(protocol, rows - 1, rank.width(), 0);
  const BitColumn everywhere = protocol.PrefixXor(BitColumn::JoinRows({&rank, &below}));
  std::vector<std::uint64_t> numbers(rows);
  for (std::size_t row = 0; row < rows; ++row) numbers[row] = row;
  const BitColumn number = protocol.PublicBits(BitPlanes::FromIntegers(numbers, rank.width()));
  CARE_ASSIGN_OR_RETURN(const BitColumn here, EqualBits(protocol, everywhere, number));
  CARE_ASSIGN_OR_RETURN(const BitColumn picked, protocol.And(sorted_values, here));
  return protocol.PrefixXor(picked).Rows(rows - 1, 1);  // at most one row is not zero
}

}  // namespace care::mpc
