#include "engine/frontend/bench/compare_workload.h"

#include "engine/frontend/bench/bench_values.h"
#include "engine/types/status_macros.h"
#include "mpc/cost/comparison_depth.h"
#include "mpc/relational/compare.h"

namespace care::engine {
namespace {

constexpr PartyId kLeftOwner = 0;
constexpr PartyId kRightOwner = 1;
constexpr PartyId kRecipient = 0;
constexpr unsigned kWidth = 64;

std::uint64_t Left(std::uint64_t row) { return BenchValue(0, row); }
std::uint64_t Right(std::uint64_t row) {
  switch (row % 3) {
    case 0:
      return Left(row);
    case 1:
      return Left(row) ^ std::uint64_t{1} << (row / 3 % kWidth);
    default:
      return BenchValue(1, row);
  }
}

mpc::BitPlanes Column(std::uint64_t rows, std::uint64_t (*value)(std::uint64_t)) {
  std::vector<std::uint64_t> values(rows);
  for (std::uint64_t row = 0; row < rows; ++row) values[row] = value(row);
  return mpc::BitPlanes::FromIntegers(values, kWidth);
}

class CompareWorkload final : public OperatorWorkload {
 public:
  enum class Kind : bool { kEqual, kLess };
  CompareWorkload(Kind kind, const OperatorSetting& setting)
      : kind_(kind), rows_(setting.rows), link_(setting.link) {}

  std::vector<Disclosure> Disclosures() const override {
    return {{0, "the result of a benchmark over invented data", kRecipient, rows_, "benchmark"}};
  }

  absl::Status Share(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(left_, Input(protocol, kLeftOwner, Left));
    CARE_ASSIGN_OR_RETURN(right_, Input(protocol, kRightOwner, Right));
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    auto result = kind_ == Kind::kEqual ? mpc::EqualBits(protocol, left_, right_)
                                        : mpc::LessThanBits(protocol, left_, right_, Depth());
    CARE_RETURN_IF_ERROR(result.status());
    result_ = *std::move(result);
    return absl::OkStatus();
  }

  absl::Status Check(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(result_, Disclosures().front()));
    if (!opened.has_value()) return absl::OkStatus();
    for (std::uint64_t row = 0; row < rows_; ++row) {
      const bool expected = kind_ == Kind::kEqual ? Left(row) == Right(row) : Left(row) < Right(row);
      if (opened->Get(row, 0) != expected)
        return absl::InternalError("a comparison of the benchmark is wrong");
    }
    return absl::OkStatus();
  }

  std::optional<mpc::Cost> ExpectedCost() const override {
    return kind_ == Kind::kEqual ? mpc::EqualBitsCost(rows_, kWidth) : mpc::LessThanBitsCost(rows_, kWidth, Depth());
  }

  std::string Plan() const override {
    if (kind_ == Kind::kEqual) return "a tree of ANDs";
    switch (Depth()) {
      case mpc::CompareDepth::kRipple: return "ripples from the lowest bit";
      case mpc::CompareDepth::kBlock4: return "ripples in blocks of four bits, then a tree";
      case mpc::CompareDepth::kTree: break;
    }
    return "a tree";
  }

 private:
  mpc::CompareDepth Depth() const { return mpc::ChooseDepth(rows_, kWidth, link_); }
  absl::StatusOr<mpc::BitColumn> Input(mpc::Protocol& protocol, PartyId owner,
                                       std::uint64_t (*value)(std::uint64_t)) const {
    if (!protocol.Holds(owner)) return protocol.InputBits(owner, nullptr, rows_, kWidth);
    const mpc::BitPlanes clear = Column(rows_, value);
    return protocol.InputBits(owner, &clear, rows_, kWidth);
  }

  const Kind kind_;
  const std::uint64_t rows_;
  const mpc::LinkSpeed link_;
  mpc::BitColumn left_;
  mpc::BitColumn right_;
  mpc::BitColumn result_;
};

}  // namespace

std::unique_ptr<OperatorWorkload> MakeEqual64(const OperatorSetting& setting) {
  return std::make_unique<CompareWorkload>(CompareWorkload::Kind::kEqual, setting);
}

std::unique_ptr<OperatorWorkload> MakeLess64(const OperatorSetting& setting) {
  return std::make_unique<CompareWorkload>(CompareWorkload::Kind::kLess, setting);
}

}  // namespace care::engine
