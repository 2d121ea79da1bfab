// Follows engine/exec/tables/join_table.cc, join_lookup.cc and join_matches.cc.
#include <algorithm>

#include "mpc/cost/join_cost.h"
#include "mpc/cost/relational_cost.h"
#include "planner/physical/operator_openings.h"
#include "planner/physical/table_pricing.h"
#include "planner/physical/value_circuits.h"

namespace care::planner {
namespace {

// JoinMatches.
struct Matches {
  std::uint64_t blocks = 1;
  bool fills_first = true;
  bool bits_are_masked = false;
  bool right_matched = false;
  std::map<ColumnId, ValueForms> columns;
};

class JoinPrice {
 public:
  JoinPrice(Pricing& pricing, const JoinTablesNode& join, PricedTable& left, PricedTable& right, const IsRead& read,
            const KnownOrder& order)
      : pricing_(pricing), join_(join), left_(left), right_(right), read_(read), order_(order) {
    CollectColumns(join.residual, of_residual_);
    only_whether_ = (join.kind == JoinKind::kSemi || join.kind == JoinKind::kAnti) && join.residual == nullptr;
  }

  PricedTable Run() {
    switch (join_.method) {
      case JoinMethod::kProduct:
        return Finish(MatchAll());
      case JoinMethod::kLookup:
        return Finish(MatchByLookup());
      case JoinMethod::kByOwner:
        return Finish(MatchByOwner());
      case JoinMethod::kSort:
        break;
    }
    return Finish(MatchBySort());
  }

 private:
  bool Reads(ColumnId column) const { return of_residual_.count(column) != 0 || read_(column); }
  bool FromRight(ColumnId column) const { return !only_whether_ && Reads(column); }

  Matches MatchAll() {
    Matches matches{.blocks = right_.slots, .fills_first = right_.slots == 1};
    pricing_.And(left_.slots * right_.slots);
    for (const auto& [column, forms] : right_.columns) {
      if (FromRight(column)) matches.columns[column] = forms;
    }
    return matches;
  }

  // What the right's columns that somebody reads bring.
  mpc::LookupSize Brought(Matches& matches) {
    mpc::LookupSize size{.arm_bound = right_.slots};
    for (const auto& [column, forms] : right_.columns) {
      if (!FromRight(column)) continue;
      if (forms.bits) size.payload_bits += pricing_.Width(column);
      size.payload_bits += forms.not_null ? 1 : 0;
      size.payload_rings += forms.ring ? 1 : 0;
      matches.columns[column] = forms;
    }
    return size;
  }

  Matches MatchByLookup() {
    Matches matches{.bits_are_masked = true};
    mpc::LookupSize size = Brought(matches);
    size.spine_rows = order_.distinct ? left_.slots : std::min(join_.left_keys, left_.slots);
    if (order_.distinct) {
      pricing_.Add(mpc::LookupJoinCost(size));
    } else {
      pricing_.Add(mpc::LookupJoinRowsCost(size, left_.slots));
      if (!order_.stands_by)
        pricing_.Add(mpc::GatherByOwnerCost(left_.slots, left_.slots, 1 + size.payload_bits, size.payload_rings));
    }
    pricing_.And(left_.slots);
    return matches;
  }

  Matches MatchByOwner() {
    Matches matches{.bits_are_masked = true};
    const mpc::LookupSize brought = Brought(matches);
    pricing_.Add(mpc::InputBitsCost(left_.slots, 1));
    pricing_.And(left_.slots);
    if (brought.payload_bits > 0) pricing_.Add(mpc::InputBitsCost(left_.slots, brought.payload_bits));
    for (unsigned ring = 0; ring < brought.payload_rings; ++ring) pricing_.Add(mpc::InputRingCost(left_.slots));
    return matches;
  }

  Matches MatchBySort() {
    unsigned key_bits = 1;  // which rows are valid
    for (const auto& [left_key, right_key] : join_.keys) {
      pricing_.BitsOf(left_, left_key);
      pricing_.BitsOf(right_, right_key);
      const SharedValueShape &left_shape = pricing_.Shape(left_key), &right_shape = pricing_.Shape(right_key);
      const auto common = CommonShape(left_shape, right_shape);
      if (!common.ok()) {
        pricing_.Fail();
        return {};
      }
      pricing_.Reshape(left_.slots, left_shape, *common);
      pricing_.Reshape(right_.slots, right_shape, *common);
      key_bits += common->width;
      if (pricing_.failed()) return {};
      if (left_.columns.at(left_key).not_null) pricing_.And(left_.slots);
      if (right_.columns.at(right_key).not_null) pricing_.And(right_.slots);
    }
    Matches matches{.blocks = join_.most_matches, .bits_are_masked = true, .right_matched = true};
    unsigned payload = 0;
    std::uint64_t whole_integers = 0;
    for (auto& [column, forms] : right_.columns) {
      if (!FromRight(column)) continue;
      if (!forms.bits && pricing_.FindShape(column) == nullptr) {
        pricing_.Add(mpc::RingToBitsCost(right_.slots, 64));
        payload += 64;
        ++whole_integers;
        matches.columns[column] = {.ring = true, .not_null = forms.not_null};
      } else {
        pricing_.BitsOf(right_, column);
        payload += pricing_.Width(column);
        matches.columns[column] = {.bits = true, .not_null = forms.not_null};
      }
      payload += forms.not_null ? 1 : 0;
    }
    pricing_.Sort(left_.slots + right_.slots, key_bits, payload + 1, 0);
    // The operator's left side is the one that brings something: here the right.
    pricing_.Add(mpc::SortJoinCost({.left_rows = right_.slots,
                                    .right_rows = left_.slots,
                                    .key_bits = key_bits,
                                    .payload_bits = payload,
                                    .most_matches = join_.most_matches,
                                    .checks_bound = NeedsMatchBound(join_)}));
    for (; whole_integers > 0; --whole_integers)
      pricing_.Add(mpc::IntegersToRingCost(left_.slots * join_.most_matches, 64, 64, mpc::CompareDepth::kTree));
    return matches;
  }

  void InAnyBlock(std::uint64_t blocks, std::uint64_t slots) {
    for (; blocks > 1; blocks -= blocks / 2) pricing_.Add(mpc::OrCost(blocks / 2 * slots, 1));
  }

  PricedTable Finish(const Matches& matches) {
    const std::uint64_t slots = left_.slots * matches.blocks;
    PricedTable joined{.slots = slots, .columns = {}};
    for (const auto& [column, forms] : left_.columns) {
      if (Reads(column)) joined.columns[column] = forms;
    }
    for (const auto& [column, forms] : matches.columns) joined.columns[column] = forms;
    bool masked = matches.bits_are_masked, fills_first = matches.fills_first;
    if (join_.residual != nullptr) {
      PriceCondition(pricing_, joined, join_.residual);
      pricing_.And(slots);
      fills_first = masked = false;
    }
    if (join_.kind == JoinKind::kInner || join_.kind == JoinKind::kCross) return joined;
    if (!fills_first) InAnyBlock(matches.blocks, left_.slots);
    if (join_.kind == JoinKind::kSemi || join_.kind == JoinKind::kAnti) {
      PricedTable kept{.slots = left_.slots, .columns = {}};
      for (const auto& [column, forms] : left_.columns) {
        if (Reads(column)) kept.columns[column] = forms;
      }
      return kept;
    }
    for (const auto& [column, unused] : matches.columns) {
      ValueForms& forms = joined.columns.at(column);
      if (forms.not_null && !masked) pricing_.And(slots);
      forms.not_null = true;
      if (!masked && forms.bits) pricing_.And(slots, pricing_.Width(column));
    }
    if (join_.kind != JoinKind::kFull) return joined;
    if (!matches.right_matched) InAnyBlock(left_.slots, matches.blocks);
    for (auto& [column, forms] : joined.columns) {
      if (const auto own = right_.columns.find(column); own != right_.columns.end()) {
        forms.bits = forms.bits && own->second.bits;
        forms.ring = forms.ring && own->second.ring;
      }
      forms.not_null = true;
    }
    joined.slots += right_.slots;
    return joined;
  }

  Pricing& pricing_;
  const JoinTablesNode& join_;
  PricedTable& left_;
  PricedTable& right_;
  const IsRead& read_;
  const KnownOrder order_;
  std::set<ColumnId> of_residual_;
  bool only_whether_ = false;
};

}  // namespace

PricedTable PriceJoin(Pricing& pricing, const JoinTablesNode& join, PricedTable& left, PricedTable& right, const IsRead& read,
                      const KnownOrder& order) {
  return JoinPrice(pricing, join, left, right, read, order).Run();
}

}  // namespace care::planner
