#include "mpc/relational/sum_by_sorted_codes.h"

#include <bit>
#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/neighbours.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"

namespace care::mpc {
namespace {

// first, first + 1 ..
BitColumn PublicNumbers(const Protocol& protocol, std::uint64_t first, std::size_t rows, unsigned width) {
  std::vector<std::uint64_t> numbers(rows);
  for (std::size_t row = 0; row < rows; ++row) numbers[row] = first + row;
  return protocol.PublicBits(BitPlanes::FromIntegers(numbers, width));
}

// Codes with their planes in the given width: planes above it are zero in every row that counts.
BitColumn OfWidth(const Protocol& protocol, const BitColumn& codes, unsigned width) {
  if (codes.width() >= width) return codes.Planes(0, width);
  const BitColumn zeroes = PublicZeroes(protocol, codes.rows(), width - codes.width());
  return BitColumn::JoinPlanes({&codes, &zeroes});
}

// Which rows count: those that should and whose code the domain has.
absl::StatusOr<BitColumn> CountsInDomain(Protocol& protocol, const BitColumn& codes, const BitColumn& counts_row,
                                         std::uint64_t domain) {
  if (codes.width() < static_cast<unsigned>(std::bit_width(domain))) return counts_row;  // all are below
  CARE_ASSIGN_OR_RETURN(const BitColumn inside, LessThanPublic(protocol, codes, domain));
  return protocol.And(counts_row, inside);
}

// The ends in the codes' order. Opened: which of the shuffled rows are ends, and their codes.
absl::StatusOr<std::vector<std::uint32_t>> EndsInOrder(Protocol& protocol, const BitColumn& is_end,
                                                       const BitColumn& codes, std::uint64_t domain,
                                                       const Disclosure& disclosure) {
  CARE_ASSIGN_OR_RETURN(const auto flags, protocol.Open(is_end, disclosure));
  std::vector<std::uint32_t> ends;
  for (std::size_t row = 0; row < is_end.rows(); ++row) {
    if (flags->Get(row, 0)) ends.push_back(static_cast<std::uint32_t>(row));
  }
  // Every code has an end and no row has another code. Peers have a hand in the flags, too.
  if (ends.size() != domain + 1) return absl::DataLossError("the ends of codes from the peers are not one for each");
  const Protocol::Columns of_ends = GatherPublic({{codes}, {}}, ends);
  CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(of_ends.bits[0], disclosure));
  std::vector<std::uint32_t> row_of_code(domain + 1);
  const std::vector<std::uint64_t> code_of_end = opened->ToIntegers();
  for (std::size_t end = 0; end < ends.size(); ++end) {
    // Peers have a hand in this number, which indexes our memory.
    if (code_of_end[end] > domain) return absl::DataLossError("a code from the peers is outside of its domain");
    row_of_code[code_of_end[end]] = ends[end];
  }
  return row_of_code;
}

}  // namespace

Disclosure CodeEndsDisclosure(std::uint32_t id, std::uint64_t rows, std::uint64_t domain, std::string what) {
  return {.id = id,
          .what = std::move(what),
          .recipient = kNoParty,
          .max_values = rows + 2 * (domain + 1),
          .rule = "one shuffled row for each code of a public domain, in random places and order"};
}

absl::StatusOr<CodeSums> SumBySortedCodes(Protocol& protocol, const BitColumn& codes,
                                          const BitColumn& counts_row, std::uint64_t domain,
                                          const std::vector<RingColumn>& values, const Disclosure& sort,
                                          const Disclosure& ends, const LinkSpeed& link) {
  CARE_CHECK(domain >= 1 && domain < (std::uint64_t{1} << 31));
  const std::size_t rows = codes.rows();
  const std::size_t all_rows = rows + domain + 1;
  const unsigned code_bits = static_cast<unsigned>(std::bit_width(domain));
  const unsigned number_bits = static_cast<unsigned>(std::bit_width(all_rows));

  CARE_ASSIGN_OR_RETURN(const BitColumn counts, CountsInDomain(protocol, codes, counts_row, domain));
  CARE_ASSIGN_OR_RETURN(const BitColumn coded, Mux(protocol, counts, OfWidth(protocol, codes, code_bits),
                                                   PublicConstant(protocol, rows, code_bits, domain)));
  const BitColumn one_each = PublicNumbers(protocol, 0, domain + 1, code_bits);
  std::vector<RingColumn> summands;
  for (const RingColumn& column : values) {
    const RingColumn nothing = PublicElements(protocol, domain + 1, 0, column.width());
    summands.push_back(RingColumn::JoinRows({&column, &nothing}));
  }
  CARE_ASSIGN_OR_RETURN(const SortedRows sorted, SortRows(protocol, BitColumn::JoinRows({&coded, &one_each}),
                                                          {{}, std::move(summands)}, sort, {.link = link}));

  CARE_ASSIGN_OR_RETURN(const BitColumn continues, ContinuesSegment(protocol, sorted.key));
  Protocol::Columns block{
      {SegmentEnds(protocol, continues), sorted.key, PublicNumbers(protocol, 1, all_rows, number_bits)}, {}};
  for (const RingColumn& column : sorted.columns.rings) block.rings.push_back(protocol.PrefixSum(column));
  CARE_ASSIGN_OR_RETURN(const Protocol::Shuffled shuffled, protocol.Shuffle(block));
  CARE_ASSIGN_OR_RETURN(
      std::vector<std::uint32_t> row_of_code,
      EndsInOrder(protocol, shuffled.columns.bits[0], shuffled.columns.bits[1], domain, ends));
  row_of_code.pop_back();  // the rows that do not count

  const Protocol::Columns answers =
      GatherPublic({{shuffled.columns.bits[2]}, shuffled.columns.rings}, row_of_code);
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> digits, protocol.BitsToRing(answers.bits[0]));
  RingColumn last_row = PublicZeroes(protocol, domain);
  for (unsigned p = 0; p < number_bits; ++p) {
    last_row = protocol.Add(last_row, protocol.MultiplyPublic(digits[p], std::uint64_t{1} << p));
  }
  CodeSums result;
  result.counts = protocol.Subtract(SubtractNeighbours(protocol, last_row),
                                    protocol.PublicRing(std::vector<std::uint64_t>(domain, 1)));
  for (const RingColumn& column : answers.rings) result.sums.push_back(SubtractNeighbours(protocol, column));
  return result;
}

}  // namespace care::mpc
