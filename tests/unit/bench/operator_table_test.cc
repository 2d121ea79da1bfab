// Purpose: each operator of `care bench` can be run and passes its own check.
// Method: on `Plain`, where one object plays every party, at sizes around the edges of a word. Three
// processes over TLS: tests/bench.
#include "engine/frontend/bench/operator_table.h"

#include <gtest/gtest.h>

#include <set>

#include "mpc/protocol/plain.h"

namespace care::engine {
namespace {

TEST(OperatorTable, EachRunsAndIsChecked) {
  std::set<std::string_view> names;
  for (const OperatorBenchmark& benchmark : OperatorBenchmarks()) {
    EXPECT_TRUE(names.insert(benchmark.name).second) << benchmark.name;
    EXPECT_EQ(FindOperatorBenchmark(benchmark.name), &benchmark);
    EXPECT_FALSE(benchmark.what.empty()) << benchmark.name;
    for (const std::uint64_t rows : {1, 63, 64, 65, 1000}) {
      const auto workload = benchmark.make({.rows = rows});
      mpc::Plain plain(workload->Disclosures());
      ASSERT_TRUE(workload->Share(plain).ok()) << benchmark.name << " " << rows;
      ASSERT_TRUE(workload->Run(plain).ok()) << benchmark.name << " " << rows;
      const absl::Status checked = workload->Check(plain);
      EXPECT_TRUE(checked.ok()) << benchmark.name << " " << rows << ": " << checked;
    }
  }
  EXPECT_EQ(FindOperatorBenchmark("join-group-sum"), nullptr);
}

}  // namespace
}  // namespace care::engine
