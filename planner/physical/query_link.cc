#include "planner/physical/query_link.h"

#include <algorithm>

namespace care::planner {

mpc::LinkSpeed LinkOf(const Catalog& catalog, const PlanInputs& inputs) {
  mpc::LinkSpeed link;
  const auto found = catalog.links.find(inputs.link_class);
  if (found == catalog.links.end()) return link;
  if (found->second.megabit_per_second != 0) link.megabit_per_second = found->second.megabit_per_second;
  // A round is one way.
  link.round_us = std::max<std::uint64_t>(1, found->second.round_trip_us / 2);
  return link;
}

}  // namespace care::planner
