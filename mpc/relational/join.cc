#include "mpc/relational/join.h"

#include <utility>

#include "engine/types/check.h"
#include "engine/types/status_macros.h"
#include "mpc/relational/spread.h"

namespace care::mpc {

absl::StatusOr<std::vector<RingColumn>> MultiplyEach(Protocol& protocol, const RingColumn& flag,
                                                     const std::vector<RingColumn>& columns) {
  std::vector<RingColumn> products;
  if (columns.empty()) return products;
  if (columns.size() == 1) {
    CARE_ASSIGN_OR_RETURN(RingColumn product, protocol.Multiply(columns[0], flag));
    products.push_back(std::move(product));
    return products;
  }
  std::vector<const RingColumn*> values;
  for (const RingColumn& column : columns) values.push_back(&column);
  const std::vector<const RingColumn*> flags(columns.size(), &flag);
  CARE_ASSIGN_OR_RETURN(const RingColumn all,
                        protocol.Multiply(RingColumn::JoinRows(values), RingColumn::JoinRows(flags)));
  for (std::size_t c = 0; c < columns.size(); ++c) products.push_back(all.Rows(c * flag.rows(), flag.rows()));
  return products;
}

absl::StatusOr<Joined> LookupJoin(Protocol& protocol, const LookupShape& shape, const LookupArm* arm,
                                  const LookupSpine* spine) {
  CARE_ASSIGN_OR_RETURN(LookupResult found, protocol.Lookup(shape, arm, spine));
  Joined joined;
  if (shape.payload_bits > 0) {
    CARE_ASSIGN_OR_RETURN(joined.bits, protocol.And(found.bits, found.matched));
  } else {
    joined.bits = std::move(found.bits);
  }
  if (!found.rings.empty()) {
    CARE_ASSIGN_OR_RETURN(std::vector<RingColumn> flag, protocol.BitsToRing(found.matched));
    CARE_ASSIGN_OR_RETURN(joined.rings, MultiplyEach(protocol, flag[0], found.rings));
    joined.matched_ring = std::move(flag[0]);
  }
  joined.matched = std::move(found.matched);
  return joined;
}

BitColumn RowsThatFoundNothing(const Protocol& protocol, const BitColumn& valid, const BitColumn& matched) {
  return protocol.Xor(valid, matched);  // what matched is valid
}

absl::StatusOr<BitColumn> RowsThatNobodyFound(Protocol& protocol, const LookupShape& shape,
                                              const LookupSpine* arm_slots, const BitColumn& arm_valid,
                                              const LookupSpine* spine) {
  LookupShape reversed = shape;
  reversed.arm = shape.spine;
  reversed.spine = shape.arm;
  reversed.arm_bound = shape.spine_rows;
  reversed.spine_rows = shape.arm_bound;
  reversed.payload_bits = 0;
  reversed.payload_rings = 0;
  std::optional<LookupArm> keys;
  if (spine != nullptr) {
    keys.emplace();
    for (std::size_t row = 0; row < spine->keys.size(); ++row) {
      if (spine->present[row] != 0) keys->keys.push_back(spine->keys[row]);
    }
  }
  CARE_ASSIGN_OR_RETURN(const LookupResult found,
                        protocol.Lookup(reversed, keys ? &*keys : nullptr, arm_slots));
  return RowsThatFoundNothing(protocol, arm_valid, found.matched);
}

absl::StatusOr<Joined> LookupJoinRows(Protocol& protocol, const LookupShape& shape, const LookupArm* arm,
                                      const LookupSpine* spine, const std::vector<std::uint32_t>* key_of_row,
                                      std::size_t rows) {
  CARE_ASSIGN_OR_RETURN(Joined at_keys, LookupJoin(protocol, shape, arm, spine));
  Protocol::Columns columns;
  columns.bits.push_back(std::move(at_keys.matched));
  if (shape.payload_bits > 0) columns.bits.push_back(std::move(at_keys.bits));
  columns.rings = std::move(at_keys.rings);
  CARE_ASSIGN_OR_RETURN(Protocol::Columns at_rows,
                        Spread(protocol, shape.spine, key_of_row, shape.spine_rows, rows, columns));
  Joined joined;
  joined.matched = std::move(at_rows.bits[0]);
  if (shape.payload_bits > 0) joined.bits = std::move(at_rows.bits[1]);
  joined.rings = std::move(at_rows.rings);
  return joined;
}

absl::StatusOr<std::vector<RingColumn>> PairSums(Protocol& protocol, const std::vector<RingColumn>& arm_sums,
                                                 PartyId spine_owner,
                                                 const std::vector<std::vector<std::uint64_t>>* spine_sums) {
  CARE_CHECK(protocol.Holds(spine_owner) == (spine_sums != nullptr));
  CARE_CHECK(spine_sums == nullptr || spine_sums->size() == arm_sums.size());
  if (arm_sums.empty()) return std::vector<RingColumn>();
  const std::size_t keys = arm_sums[0].rows();
  std::vector<const RingColumn*> parts;
  std::vector<std::uint64_t> clear;
  for (std::size_t c = 0; c < arm_sums.size(); ++c) {
    CARE_CHECK(arm_sums[c].rows() == keys);
    parts.push_back(&arm_sums[c]);
    if (spine_sums == nullptr) continue;
    CARE_CHECK((*spine_sums)[c].size() == keys);
    clear.insert(clear.end(), (*spine_sums)[c].begin(), (*spine_sums)[c].end());
  }
  CARE_ASSIGN_OR_RETURN(
      const RingColumn of_spine,
      protocol.InputRing(spine_owner, spine_sums != nullptr ? &clear : nullptr, keys * arm_sums.size()));
  CARE_ASSIGN_OR_RETURN(const RingColumn products, protocol.Multiply(RingColumn::JoinRows(parts), of_spine));
  std::vector<RingColumn> sums;
  for (std::size_t c = 0; c < arm_sums.size(); ++c) sums.push_back(products.Rows(c * keys, keys));
  return sums;
}

absl::StatusOr<Star> StarJoin(Protocol& protocol, const std::vector<StarArm>& arms, const BitColumn& valid) {
  Star star;
  star.valid = valid;
  bool first = true;
  for (const StarArm& arm : arms) {
    CARE_CHECK(arm.shape.spine_rows == valid.rows() && arm.shape.spine == arms[0].shape.spine);
    CARE_ASSIGN_OR_RETURN(Joined joined, LookupJoin(protocol, arm.shape, arm.arm, arm.spine));
    if (!arm.keeps_unmatched && first) {
      star.valid = joined.matched;  // what matched is valid
      first = false;
    } else if (!arm.keeps_unmatched) {
      CARE_ASSIGN_OR_RETURN(star.valid, protocol.And(star.valid, joined.matched));
    }
    star.arms.push_back(std::move(joined));
  }
  return star;
}

}  // namespace care::mpc
