// planner/physical/partition_slots.h
//
// How many rows a partition of a keyed hash can hold, whatever the rows: the public size to which each is padded. A value goes to
// each of the partitions with equal probability, with all its rows. Of n rows, at most D of a value, a partition gets n / P on
// average, and by Bernstein's inequality more than n / P + a + sqrt(a^2 + 2 a' n / P), a' = D ln(1 / p), a = a' / 3, with probability p at
// most. Distinct values spread evenly; few values of many rows do not, so that partitions are as large as the table.
#pragma once

#include <cstdint>

namespace care::planner {

// Most partitions of a plan, and most tables that it partitions. Over all of them, and 15 bounds of joins and groups for each table,
// some partition overflows with probability 2^-40.
inline constexpr std::uint32_t kMostPartitions = 64;
inline constexpr unsigned kMostPartitionedTables = 16;

// rows < 2^32; rows_per_value and partitions at least 1.
std::uint64_t SlotsOfPartition(std::uint64_t rows, std::uint64_t rows_per_value, std::uint32_t partitions);

}  // namespace care::planner
