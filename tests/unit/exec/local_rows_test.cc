// tests/unit/exec/local_rows_test.cc
//
// A database may withdraw a snapshot: a standby whose recovery conflicts with it does. Nothing is shared yet, so the
// fragments are read again in a new one, a few times and no more. The connector is a script: it withdraws so many
// snapshots, and then yields one row.

#include "engine/exec/local_rows.h"

#include "gtest/gtest.h"
#include "mpc/protocol/plain.h"
#include "planner/physical/plan_query.h"
#include "tests/unit/planner/test_federation.h"

namespace care::engine {
namespace {

class WithdrawingConnector final : public connectors::Connector {
 public:
  WithdrawingConnector(const std::vector<planner::ColumnInfo>& columns, absl::Status failure, int failures)
      : columns_(columns), failure_(std::move(failure)), failures_(failures) {}

  bool Supports(const planner::LogicalNode&) const override { return true; }
  absl::StatusOr<std::string> SqlFor(const planner::LogicalNode&) const override { return std::string(); }
  absl::Status BeginSnapshot() override {
    ++begun;
    return absl::OkStatus();
  }
  absl::StatusOr<ColumnBatch> Run(const planner::LogicalNode& node) override {
    if (begun <= failures_) return failure_;
    ColumnBatch batch;
    batch.rows = 1;
    for (const planner::ColumnId id : planner::OutputColumns(node)) {
      Column& column = batch.columns.emplace_back();
      column.name = connectors::ColumnName(id);
      column.type = columns_[id].type;
      column.integers = {7};
    }
    return batch;
  }
  absl::Status EndSnapshot() override {
    ++ended;
    return absl::OkStatus();
  }
  void Interrupt() override {}

  int begun = 0;
  int ended = 0;

 private:
  const std::vector<planner::ColumnInfo>& columns_;
  const absl::Status failure_;
  const int failures_;
};

class LocalRowsTest : public testing::Test {
 protected:
  absl::Status Run(const absl::Status& failure, int failures) {
    const auto catalog = planner::ParseFederation(planner::TestFederation());
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    planner::PlanInputs inputs;
    inputs.recipient = 0;
    const auto query = planner::PlanQuery("SELECT COUNT(*) FROM hospital.patients", *catalog, inputs);
    EXPECT_TRUE(query.ok()) << query.status();
    mpc::Plain protocol(query->disclosures);
    WithdrawingConnector connector(query->plan.columns, failure, failures);
    ExecutionContext context;
    context.query = &*query;
    context.catalog = &*catalog;
    context.protocol = &protocol;
    context.connectors[0] = &connector;
    const absl::StatusOr<LocalRows> rows = RunLocalFragments(context);
    begun_ = connector.begun;
    EXPECT_EQ(connector.ended, connector.begun) << "a snapshot was left open";
    if (rows.ok()) {
      EXPECT_EQ(rows->batches.size(), 1u);
    }
    return rows.status();
  }

  int begun_ = 0;
};

TEST_F(LocalRowsTest, AWithdrawnSnapshotIsReadAgain) {
  EXPECT_TRUE(Run(absl::AbortedError("withdrawn"), 3).ok());
  EXPECT_EQ(begun_, 4);
}

TEST_F(LocalRowsTest, ButNotForEver) {
  EXPECT_TRUE(absl::IsAborted(Run(absl::AbortedError("withdrawn"), 100)));
  EXPECT_EQ(begun_, 4);
}

TEST_F(LocalRowsTest, OtherErrorsEndTheQueryAtOnce) {
  EXPECT_TRUE(absl::IsUnavailable(Run(absl::UnavailableError("gone"), 1)));
  EXPECT_EQ(begun_, 1);
}

}  // namespace
}  // namespace care::engine
