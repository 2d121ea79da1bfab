#include "mpc/relational/group_dense.h"

#include <span>
#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"

namespace care::mpc {
namespace {

// Every left times every right, lefts most significant, in one round.
absl::StatusOr<std::vector<RingColumn>> AllProducts(Protocol& protocol, const std::vector<RingColumn>& lefts,
                                                    std::span<const RingColumn> rights) {
  std::vector<const RingColumn*> left_rows;
  std::vector<const RingColumn*> right_rows;
  for (const RingColumn& left : lefts) {
    for (const RingColumn& right : rights) {
      left_rows.push_back(&left);
      right_rows.push_back(&right);
    }
  }
  CARE_ASSIGN_OR_RETURN(const RingColumn all,
                        protocol.Multiply(RingColumn::JoinRows(left_rows), RingColumn::JoinRows(right_rows)));
  const std::size_t rows = lefts[0].rows();
  std::vector<RingColumn> products;
  for (std::size_t p = 0; p < left_rows.size(); ++p) products.push_back(all.Rows(p * rows, rows));
  return products;
}

}  // namespace

absl::StatusOr<std::vector<RingColumn>> SumByCodes(Protocol& protocol,
                                                   const std::vector<BitColumn>& one_hot_dimensions,
                                                   const std::vector<RingColumn>& masked_values) {
  std::vector<RingColumn> sums;
  if (masked_values.empty()) return sums;
  if (one_hot_dimensions.empty()) {
    for (const RingColumn& column : masked_values) sums.push_back(protocol.Sum(column));
    return sums;
  }
  std::vector<const BitColumn*> pointers;
  std::vector<std::size_t> first_plane;
  std::size_t cells = 1;
  std::size_t planes = 0;
  std::size_t largest = 0;
  for (std::size_t d = 0; d < one_hot_dimensions.size(); ++d) {
    const BitColumn& dimension = one_hot_dimensions[d];
    CARE_CHECK(dimension.rows() == masked_values[0].rows() && dimension.width() > 0);
    if (dimension.width() >= one_hot_dimensions[largest].width()) largest = d;
    pointers.push_back(&dimension);
    first_plane.push_back(planes);
    planes += dimension.width();
    cells *= dimension.width();
  }
  CARE_ASSIGN_OR_RETURN(const std::vector<RingColumn> flags,
                        protocol.BitsToRing(BitColumn::JoinPlanes(pointers), masked_values[0].width()));

  std::vector<RingColumn> products = masked_values;  // by value, then by the codes of the smaller dimensions
  for (std::size_t d = 0; d < one_hot_dimensions.size(); ++d) {
    if (d == largest) continue;
    const std::span<const RingColumn> codes(flags.data() + first_plane[d], one_hot_dimensions[d].width());
    CARE_ASSIGN_OR_RETURN(products, AllProducts(protocol, products, codes));
  }
  const std::size_t products_per_value = products.size() / masked_values.size();

  std::vector<const RingColumn*> lefts;
  std::vector<const RingColumn*> rights;
  for (std::size_t value = 0; value < masked_values.size(); ++value) {
    for (std::size_t cell = 0; cell < cells; ++cell) {
      // Decompose the cell's number into codes, first dimension most significant.
      std::size_t rest = cell;
      std::size_t scale = cells;
      std::size_t product = 0;
      std::size_t last_code = 0;
      for (std::size_t d = 0; d < one_hot_dimensions.size(); ++d) {
        scale /= one_hot_dimensions[d].width();
        const std::size_t code = rest / scale;
        rest %= scale;
        if (d == largest) {
          last_code = code;
        } else {
          product = product * one_hot_dimensions[d].width() + code;
        }
      }
      lefts.push_back(&products[value * products_per_value + product]);
      rights.push_back(&flags[first_plane[largest] + last_code]);
    }
  }
  CARE_ASSIGN_OR_RETURN(const RingColumn all, protocol.DotProducts(lefts, rights));
  for (std::size_t value = 0; value < masked_values.size(); ++value) {
    sums.push_back(all.Rows(value * cells, cells));
  }
  return sums;
}

}  // namespace care::mpc
