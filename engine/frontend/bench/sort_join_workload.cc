#include "engine/frontend/bench/sort_join_workload.h"

#include "engine/frontend/bench/bench_values.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/sort_plan.h"
#include "mpc/relational/sort.h"
#include "mpc/relational/sort_join.h"

namespace care::engine {
namespace {

constexpr PartyId kLeftOwner = 0;
constexpr PartyId kRightOwner = 1;
constexpr PartyId kRecipient = 2;
constexpr unsigned kKeyBits = 64;
constexpr unsigned kPayloadBits = 64;

std::uint64_t LeftKey(std::uint64_t row) { return BenchValue(0, row); }
std::uint64_t Payload(std::uint64_t row) { return BenchValue(1, row); }
// Which left row a right row refers to; no left row from `rows` on.
std::uint64_t Refers(std::uint64_t row, std::uint64_t rows) { return BenchValue(2, row) % (2 * rows); }

template <typename Value>
absl::StatusOr<mpc::BitColumn> Input(mpc::Protocol& protocol, PartyId owner, std::uint64_t rows,
                                     unsigned width, const Value& value) {
  if (!protocol.Holds(owner)) return protocol.InputBits(owner, nullptr, rows, width);
  std::vector<std::uint64_t> values(rows);
  for (std::uint64_t row = 0; row < rows; ++row) values[row] = value(row);
  const mpc::BitPlanes clear = mpc::BitPlanes::FromIntegers(values, width);
  return protocol.InputBits(owner, &clear, rows, width);
}

class SortJoinWorkload final : public OperatorWorkload {
 public:
  explicit SortJoinWorkload(const OperatorSetting& setting) : rows_(setting.rows), link_(setting.link) {}

  std::vector<Disclosure> Disclosures() const override { return {Result(), Comparisons(), Bound().overflow}; }

  absl::Status Share(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(left_.key, Input(protocol, kLeftOwner, rows_, kKeyBits, LeftKey));
    CARE_ASSIGN_OR_RETURN(payload_, Input(protocol, kLeftOwner, rows_, kPayloadBits, Payload));
    CARE_ASSIGN_OR_RETURN(right_.key, Input(protocol, kRightOwner, rows_, kKeyBits,
                                            [&](std::uint64_t row) { return LeftKey(Refers(row, rows_)); }));
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(joined_, mpc::SortJoin(protocol, left_, payload_, right_, Bound(), Comparisons(), link_));
    return absl::OkStatus();
  }

  absl::Status Check(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(const auto matched, protocol.Open(joined_.slots[0].matched, Result()));
    CARE_ASSIGN_OR_RETURN(const auto payload, protocol.Open(joined_.slots[0].payload, Result()));
    if (!matched.has_value()) return absl::OkStatus();
    const std::vector<std::uint64_t> values = payload->ToIntegers();
    for (std::uint64_t row = 0; row < rows_; ++row) {
      const std::uint64_t left = Refers(row, rows_);
      const bool found = left < rows_;
      if (matched->Get(row, 0) != found || values[row] != (found ? Payload(left) : 0)) {
        return absl::InternalError("the benchmark's join is wrong");
      }
    }
    return absl::OkStatus();
  }

  std::string Plan() const override {
    return mpc::PlanSort(2 * rows_, kKeyBits, kPayloadBits + 1, 0, link_).Describe();
  }

 private:
  Disclosure Result() const {
    return {0, "the result of a benchmark over invented data", kRecipient, 2 * rows_, "benchmark"};
  }
  Disclosure Comparisons() const { return mpc::SortDisclosure(1, 2 * rows_, "comparisons of shuffled rows"); }

  static mpc::JoinBound Bound() {
    return {1, mpc::JoinBoundDisclosure(2, "the left table"), "rows of the left table"};
  }

  const std::uint64_t rows_;
  const mpc::LinkSpeed link_;
  mpc::JoinSide left_, right_;
  mpc::BitColumn payload_;
  mpc::SortJoinResult joined_;
};

}  // namespace

std::unique_ptr<OperatorWorkload> MakeSortJoin(const OperatorSetting& setting) {
  return std::make_unique<SortJoinWorkload>(setting);
}

}  // namespace care::engine
