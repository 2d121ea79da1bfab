#include "engine/frontend/bench/sort_workload.h"

#include <algorithm>

#include "engine/frontend/bench/bench_values.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/sort_plan.h"
#include "mpc/relational/sort.h"

namespace care::engine {
namespace {

constexpr PartyId kOwner = 0;
constexpr PartyId kRecipient = 0;

std::vector<std::uint64_t> Values(std::uint64_t rows, unsigned width) {
  std::vector<std::uint64_t> values(rows);
  for (std::uint64_t row = 0; row < rows; ++row) values[row] = BenchValue(0, row) >> (64 - width);
  return values;
}

Disclosure ResultDisclosure(std::uint64_t rows) {
  return {0, "the result of a benchmark over invented data", kRecipient, rows, "benchmark"};
}

class SortWorkload final : public OperatorWorkload {
 public:
  SortWorkload(const OperatorSetting& setting, unsigned width)
      : rows_(setting.rows), width_(width), link_(setting.link) {}

  std::vector<Disclosure> Disclosures() const override { return {ResultDisclosure(rows_), Comparisons()}; }

  absl::Status Share(mpc::Protocol& protocol) override {
    const bool held = protocol.Holds(kOwner);
    const mpc::BitPlanes clear =
        held ? mpc::BitPlanes::FromIntegers(Values(rows_, width_), width_) : mpc::BitPlanes();
    CARE_ASSIGN_OR_RETURN(keys_, protocol.InputBits(kOwner, held ? &clear : nullptr, rows_, width_));
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(mpc::SortedRows sorted, mpc::SortRows(protocol, keys_, {}, Comparisons(), {.link = link_}));
    sorted_ = std::move(sorted.key);
    return absl::OkStatus();
  }

  absl::Status Check(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(sorted_, ResultDisclosure(rows_)));
    if (!opened.has_value()) return absl::OkStatus();
    std::vector<std::uint64_t> expected = Values(rows_, width_);
    std::ranges::sort(expected);
    if (opened->ToIntegers() != expected) return absl::InternalError("the benchmark's keys are not in order");
    return absl::OkStatus();
  }

  std::string Plan() const override { return mpc::PlanSort(rows_, width_, 0, 0, link_).Describe(); }

 private:
  Disclosure Comparisons() const { return mpc::SortDisclosure(1, rows_, "comparisons of shuffled rows"); }

  const std::uint64_t rows_;
  const unsigned width_;
  const mpc::LinkSpeed link_;
  mpc::BitColumn keys_, sorted_;
};

class ShuffleWorkload final : public OperatorWorkload {
 public:
  explicit ShuffleWorkload(std::uint64_t rows) : rows_(rows) {}

  std::vector<Disclosure> Disclosures() const override { return {ResultDisclosure(rows_)}; }

  absl::Status Share(mpc::Protocol& protocol) override {
    const bool held = protocol.Holds(kOwner);
    const std::vector<std::uint64_t> clear = held ? Values(rows_, 64) : std::vector<std::uint64_t>();
    CARE_ASSIGN_OR_RETURN(mpc::RingColumn values,
                          protocol.InputRing(kOwner, held ? &clear : nullptr, rows_));
    columns_.rings = {std::move(values)};
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(shuffled_, protocol.Shuffle(columns_));
    return absl::OkStatus();
  }

  // Every value is there once, and few of them stand where they stood.
  absl::Status Check(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(auto opened, protocol.Open(shuffled_.columns.rings[0], ResultDisclosure(rows_)));
    if (!opened.has_value()) return absl::OkStatus();
    std::vector<std::uint64_t> expected = Values(rows_, 64);
    std::uint64_t unmoved = 0;
    for (std::uint64_t row = 0; row < rows_; ++row) unmoved += (*opened)[row] == expected[row];
    std::ranges::sort(*opened);
    std::ranges::sort(expected);
    if (*opened != expected || unmoved > 30 + rows_ / 100) {
      return absl::InternalError("the benchmark's rows are not shuffled");
    }
    return absl::OkStatus();
  }

  std::optional<mpc::Cost> ExpectedCost() const override { return mpc::ShuffleCost(rows_, 0, 1); }

 private:
  const std::uint64_t rows_;
  mpc::Protocol::Columns columns_;
  mpc::Protocol::Shuffled shuffled_;
};

}  // namespace

std::unique_ptr<OperatorWorkload> MakeSort64(const OperatorSetting& setting) {
  return std::make_unique<SortWorkload>(setting, 64);
}
std::unique_ptr<OperatorWorkload> MakeSort32(const OperatorSetting& setting) {
  return std::make_unique<SortWorkload>(setting, 32);
}
std::unique_ptr<OperatorWorkload> MakeShuffle(const OperatorSetting& setting) {
  return std::make_unique<ShuffleWorkload>(setting.rows);
}

}  // namespace care::engine
