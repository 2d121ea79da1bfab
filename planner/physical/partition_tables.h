// planner/physical/partition_tables.h
//
// Plans that take less memory: the same operators, run for one partition of the rows after the other. Owners put their rows into
// partitions by a keyed hash of a column, so that rows that join or make a group are in one; what reads them runs once for each
// partition, and a GatherPartitions puts the results end to end. Where rows of one group are in several partitions, each yields
// a part of the group, and a second GROUP BY adds the parts up; the first rows of an order likewise.
//
//   Shape    partitions are padded to a public size (partition_slots.h): of distinct values a little above their share, of values
//            with up to D rows more, so D must be declared and small beside the rows of a partition.
//   Traffic  that of the plan, a few percent more for the padding, and of a table that is not partitioned but joined with those
//            that are once for each partition; rounds times the partitions.
//   Leakage  that of the plan, for each partition. Whoever knows the hash's key learns no more: which rows are in a partition is
//            their owner's alone, and a partition's size is public.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/catalog/catalog.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

// How much a table may grow by the padding of its partitions.
enum class Padding : std::uint8_t { kAtMostDouble, kAny };

// Ways to run the plan in so many partitions, at least 2; none where its rows do not meet by a column that has a declared bound, small
// beside the rows of a partition. Whether each is a plan is for the validator to say.
std::vector<PhysicalPlan> PartitionedPlans(const PhysicalPlan& plan, const Catalog& catalog, std::uint32_t partitions,
                                           Padding padding = Padding::kAtMostDouble);

}  // namespace care::planner
