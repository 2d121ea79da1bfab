#include "engine/exec/tables/group_percentile.h"

#include <bit>
#include <numeric>

#include "engine/exec/tables/table_rows.h"
#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "planner/physical/percentile_ratio.h"

namespace care::engine {
namespace {

using mpc::BitColumn;
using mpc::Protocol;
using mpc::RingColumn;

// A row's number among those of its group that count, from 1, and how many those are.
struct Numbers {
  RingColumn number, count;
};

absl::StatusOr<Numbers> NumbersOf(Protocol& protocol, const BitColumn& same_group, const std::optional<BitColumn>& counts,
                                  bool descending, unsigned width) {
  const std::size_t rows = same_group.rows();
  const unsigned number_bits = static_cast<unsigned>(std::bit_width(rows));
  // Rows that count up to this one, over all groups.
  RingColumn so_far;
  if (counts) {
    CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> ones, protocol.BitsToRing(*counts, width));
    so_far = protocol.PrefixSum(ones[0]);
  } else {
    std::vector<std::uint64_t> numbers(rows);
    std::iota(numbers.begin(), numbers.end(), 1);
    so_far = protocol.PublicRing(numbers, width);
  }
  CARE_ASSIGN_OR_RETURN(const BitColumn bits, protocol.RingToBits(so_far, number_bits));
  CARE_ASSIGN_OR_RETURN(const BitColumn before,
                        mpc::CopyDown(protocol, same_group, mpc::ShiftDown(protocol, bits, 1)));
  const BitColumn goes_on = mpc::ShiftUp(protocol, same_group, 1);
  CARE_ASSIGN_OR_RETURN(const BitColumn at_end, mpc::CopyDown(protocol, Reversed(goes_on), Reversed(bits)));
  const BitColumn both = JoinedPlanes({before, Reversed(at_end)});
  const BitColumn low = both.Planes(0, number_bits), high = both.Planes(number_bits, number_bits);
  CARE_ASSIGN_OR_RETURN(const RingColumn copied, protocol.IntegersToRing(BitColumn::JoinRows({&low, &high}),
                                                                         width, mpc::CompareDepth::kTree));
  const RingColumn start = copied.Rows(0, rows), end = copied.Rows(rows, rows);
  const RingColumn one = protocol.PublicRing(std::vector<std::uint64_t>(rows, 1), width);
  return Numbers{descending ? protocol.Add(protocol.Subtract(end, so_far), one) : protocol.Subtract(so_far, start),
                 protocol.Subtract(end, start)};
}

}  // namespace

absl::StatusOr<BitColumn> RowOfPercentile(TableContext& context, const BitColumn& same_group,
                                          const std::optional<BitColumn>& counts, Decimal fraction,
                                          bool descending) {
  Protocol& protocol = context.protocol;
  const std::size_t rows = same_group.rows();
  CARE_ASSIGN_OR_RETURN(const planner::PercentileRatio ratio, planner::RatioOfPercentile(fraction, rows));
  const unsigned width = static_cast<unsigned>(std::bit_width(rows)) + static_cast<unsigned>(std::bit_width(ratio.q)) + 3;
  CARE_CHECK(width <= mpc::kDefaultRing);
  CARE_ASSIGN_OR_RETURN(const Numbers numbers, NumbersOf(protocol, same_group, counts, descending, width));
  const RingColumn& number = numbers.number;
  const RingColumn& count = numbers.count;
  const RingColumn one = protocol.PublicRing(std::vector<std::uint64_t>(rows, 1), width);

  // Neither p N - q (k - 1) - 1 nor q k - p N is negative.
  const RingColumn part = protocol.MultiplyPublic(count, ratio.p);
  const RingColumn up_to = protocol.MultiplyPublic(number, ratio.q);
  const RingColumn q_less_one = protocol.MultiplyPublic(one, ratio.q - 1);
  const RingColumn above = protocol.Add(protocol.Subtract(part, up_to), q_less_one);
  const RingColumn below = protocol.Subtract(up_to, part);
  CARE_ASSIGN_OR_RETURN(const BitColumn signs,
                        protocol.RingToBits(RingColumn::JoinRows({&above, &below}), width));
  const BitColumn negative = signs.Planes(width - 1, 1);
  CARE_ASSIGN_OR_RETURN(const BitColumn here, protocol.And(protocol.Not(negative.Rows(0, rows)),
                                                           protocol.Not(negative.Rows(rows, rows))));
  if (!counts) return here;
  return protocol.And(here, *counts);
}

absl::StatusOr<RingColumn> WeightsOfPercentile(TableContext& context, const BitColumn& same_group,
                                               const std::optional<BitColumn>& counts, Decimal fraction, bool descending) {
  Protocol& protocol = context.protocol;
  const std::size_t rows = same_group.rows();
  std::uint64_t whole = 1;
  for (int digit = 0; digit < fraction.scale; ++digit) whole *= 10;
  const auto part = static_cast<std::uint64_t>(fraction.unscaled);
  if (fraction.unscaled < 0 || part > whole || std::bit_width(rows) + std::bit_width(whole) + 2 > mpc::kDefaultRing)
    return absl::InternalError("the planner let a fraction pass that has too many digits");
  CARE_ASSIGN_OR_RETURN(const Numbers numbers, NumbersOf(protocol, same_group, counts, descending, mpc::kDefaultRing));
  const auto constant = [&](std::uint64_t value) { return protocol.PublicRing(std::vector<std::uint64_t>(rows, value)); };
  // How far row k is from where the percentile lies, in parts of a row.
  const RingColumn one = constant(1), all = constant(whole);
  const RingColumn away = protocol.Subtract(protocol.MultiplyPublic(protocol.Subtract(numbers.number, one), whole),
                                            protocol.MultiplyPublic(protocol.Subtract(numbers.count, one), part));
  // Negative: the row comes before; that it is less than a row away, from above and from below.
  const RingColumn above = protocol.Subtract(protocol.Subtract(all, one), away);
  const RingColumn below = protocol.Add(protocol.Subtract(all, one), away);
  CARE_ASSIGN_OR_RETURN(const BitColumn signs, protocol.RingToBits(RingColumn::JoinRows({&away, &above, &below}), mpc::kDefaultRing));
  const BitColumn negative = signs.Planes(mpc::kDefaultRing - 1, 1);
  const BitColumn before = negative.Rows(0, rows);
  CARE_ASSIGN_OR_RETURN(BitColumn near, protocol.And(protocol.Not(negative.Rows(rows, rows)), protocol.Not(negative.Rows(2 * rows, rows))));
  if (counts) {
    CARE_ASSIGN_OR_RETURN(near, protocol.And(near, *counts));
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> is_before, protocol.BitsToRing(before));
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> is_near, protocol.BitsToRing(near));
  // whole - |away|.
  CARE_ASSIGN_OR_RETURN(const RingColumn away_before, protocol.Multiply(away, is_before[0]));
  const RingColumn weight = protocol.Add(protocol.Subtract(all, away), protocol.MultiplyPublic(away_before, 2));
  return protocol.Multiply(weight, is_near[0]);
}

}  // namespace care::engine
