#include "engine/frontend/bench/health_workload.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "engine/frontend/bench/bench_values.h"
#include "engine/frontend/bench/health_data.h"
#include "engine/types/status_macros.h"
#include "mpc/circuit/add_circuits.h"
#include "mpc/relational/compare.h"
#include "mpc/relational/segmented_scan.h"
#include "mpc/relational/segments.h"
#include "mpc/relational/sort.h"
#include "mpc/relational/sort_join.h"
#include "mpc/relational/sum_by_sorted_codes.h"

namespace care::engine {
namespace {

using mpc::BitColumn;

constexpr PartyId kRecipient = 2;
constexpr std::uint64_t kHeartDisease = 14;
constexpr std::uint64_t kAspirin = 21;
constexpr std::uint64_t kInfection = 3;
constexpr std::uint64_t kLeastDays = 15;
constexpr std::uint64_t kMostDays = 56;
constexpr std::size_t kTop = 10;
constexpr unsigned kCountBits = 32;

enum DisclosureId : std::uint32_t { kResult, kFirstSort, kSecondSort, kEnds, kTopSort, kCohortBound };

Disclosure Result(std::uint64_t values) {
  return {kResult, "the result of a benchmark over invented data", kRecipient, values, "benchmark"};
}
Disclosure Sort(DisclosureId id, std::uint64_t rows) {
  return mpc::SortDisclosure(id, rows, "comparisons of shuffled rows");
}

absl::StatusOr<BitColumn> HasCode(mpc::Protocol& protocol, const BitColumn& codes, std::uint64_t code) {
  return mpc::EqualBits(protocol, codes, mpc::PublicConstant(protocol, codes.rows(), kCodeBits, code));
}

// How many segments have a row with the flag.
absl::StatusOr<mpc::RingColumn> CountSegments(mpc::Protocol& protocol, const BitColumn& continues,
                                              const BitColumn& flag) {
  CARE_ASSIGN_OR_RETURN(const BitColumn any, mpc::RunningOr(protocol, continues, flag));
  CARE_ASSIGN_OR_RETURN(const BitColumn last, protocol.And(any, mpc::SegmentEnds(protocol, continues)));
  CARE_ASSIGN_OR_RETURN(const auto counted, protocol.BitsToRing(last));
  return protocol.Sum(counted[0]);
}

absl::Status CheckCount(mpc::Protocol& protocol, const mpc::RingColumn& count, std::uint64_t expected) {
  CARE_ASSIGN_OR_RETURN(const auto opened, protocol.Open(count, Result(1)));
  if (!opened.has_value()) return absl::OkStatus();
  return (*opened)[0] == expected ? absl::OkStatus() : absl::InternalError("the benchmark's count is wrong");
}

class Comorbidity final : public OperatorWorkload {
 public:
  explicit Comorbidity(const OperatorSetting& setting)
      : rows_(setting.rows), cohort_rows_(setting.rows / 10), link_(setting.link) {}

  std::vector<Disclosure> Disclosures() const override {
    return {Result(2 * kTop), Sort(kFirstSort, rows_ + cohort_rows_), Sort(kSecondSort, SortedRows()), Ends(),
            Sort(kTopSort, kCodes), Bound().overflow};
  }

  absl::Status Share(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(diagnoses_, ShareEvents(protocol, HealthEvents(0, rows_)));
    CARE_ASSIGN_OR_RETURN(cohort_.key, ShareHalves(protocol, Cohort(), kPatientBits));
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(
        const mpc::SortJoinResult joined,
        mpc::SortJoin(protocol, cohort_, mpc::PublicConstant(protocol, cohort_rows_, 0, 0),
                      {diagnoses_.patient, {}}, Bound(), Sort(kFirstSort, rows_ + cohort_rows_), link_));
    CARE_ASSIGN_OR_RETURN(const mpc::CodeSums sums,
                          mpc::SumBySortedCodes(protocol, diagnoses_.code, joined.slots[0].matched, kCodes,
                                                {}, Sort(kSecondSort, SortedRows()), Ends(), link_));
    CARE_ASSIGN_OR_RETURN(const BitColumn counts, protocol.RingToBits(sums.counts, kCountBits));
    std::vector<std::uint64_t> codes(kCodes);
    for (std::uint64_t code = 0; code < kCodes; ++code) codes[code] = code;
    const BitColumn code = protocol.PublicBits(mpc::BitPlanes::FromIntegers(codes, kCodeBits));
    // The rows stand in the codes' order, and the sort is stable.
    CARE_ASSIGN_OR_RETURN(top_, mpc::SortRows(protocol, mpc::SortKey(protocol, {{&counts, true}}),
                                              {{code}, {}}, Sort(kTopSort, kCodes), {kTop, link_}));
    return absl::OkStatus();
  }

  absl::Status Check(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(const auto codes,
                          protocol.Open(top_.columns.bits[0].Rows(0, kTop), Result(2 * kTop)));
    CARE_ASSIGN_OR_RETURN(const auto counts,
                          protocol.Open(protocol.Not(top_.key.Rows(0, kTop)), Result(2 * kTop)));
    if (!codes.has_value()) return absl::OkStatus();
    const std::vector<std::uint64_t> members = Cohort();
    const std::set<std::uint64_t> cohort(members.begin(), members.end());
    std::vector<std::int64_t> tally(kCodes, 0);
    for (const HealthEvent& event : HealthEvents(0, rows_)) tally[event.code] += cohort.count(event.patient);
    std::vector<std::tuple<std::int64_t, std::uint64_t>> expected;
    for (std::uint64_t code = 0; code < kCodes; ++code) expected.emplace_back(-tally[code], code);
    std::ranges::sort(expected);
    const std::vector<std::uint64_t> code = codes->ToIntegers(), count = counts->ToIntegers();
    for (std::size_t i = 0; i < kTop; ++i) {
      if (expected[i] != std::tuple(-static_cast<std::int64_t>(count[i]), code[i])) {
        return absl::InternalError("the benchmark's most frequent codes are wrong");
      }
    }
    return absl::OkStatus();
  }

 private:
  // Every other patient that has diagnoses, and some that have none.
  std::vector<std::uint64_t> Cohort() const {
    std::vector<std::uint64_t> members;
    for (std::uint64_t i = 0; i < cohort_rows_; ++i) members.push_back(PatientNumber(2 * i));
    return members;
  }
  std::uint64_t SortedRows() const { return rows_ + kCodes + 1; }
  static mpc::JoinBound Bound() {
    return {1, mpc::JoinBoundDisclosure(kCohortBound, "the cohort"), "rows of the cohort"};
  }
  Disclosure Ends() const {
    return mpc::CodeEndsDisclosure(kEnds, SortedRows(), kCodes, "one shuffled row for each code");
  }

  const std::uint64_t rows_, cohort_rows_;
  const mpc::LinkSpeed link_;
  SharedEvents diagnoses_;
  mpc::JoinSide cohort_;
  mpc::SortedRows top_;
};

class Aspirin final : public OperatorWorkload {
 public:
  explicit Aspirin(const OperatorSetting& setting)
      : diagnoses_rows_(setting.rows / 2),
        medications_rows_(setting.rows - setting.rows / 2),
        link_(setting.link) {}

  std::vector<Disclosure> Disclosures() const override { return {Result(1), Sort(kFirstSort, Rows())}; }

  absl::Status Share(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(diagnoses_, ShareEvents(protocol, HealthEvents(0, diagnoses_rows_)));
    CARE_ASSIGN_OR_RETURN(medications_, ShareEvents(protocol, HealthEvents(1, medications_rows_)));
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(const BitColumn disease, HasCode(protocol, diagnoses_.code, kHeartDisease));
    CARE_ASSIGN_OR_RETURN(const BitColumn aspirin, HasCode(protocol, medications_.code, kAspirin));
    const BitColumn no_disease = mpc::PublicConstant(protocol, medications_rows_, 1, 0);
    const BitColumn no_aspirin = mpc::PublicConstant(protocol, diagnoses_rows_, 1, 0);
    const BitColumn patient = BitColumn::JoinRows({&diagnoses_.patient, &medications_.patient});
    const BitColumn day = BitColumn::JoinRows({&diagnoses_.day, &medications_.day});
    // On one day diagnoses come first, as the sort is stable.
    CARE_ASSIGN_OR_RETURN(const mpc::SortedRows sorted,
                          mpc::SortRows(protocol, BitColumn::JoinPlanes({&day, &patient}),
                                        {{BitColumn::JoinRows({&disease, &no_disease}),
                                          BitColumn::JoinRows({&no_aspirin, &aspirin})},
                                         {}},
                                        Sort(kFirstSort, Rows()), {.link = link_}));
    CARE_ASSIGN_OR_RETURN(const BitColumn continues,
                          mpc::ContinuesSegment(protocol, sorted.key.Planes(kDayBits, kPatientBits)));
    CARE_ASSIGN_OR_RETURN(const BitColumn ill, mpc::RunningOr(protocol, continues, sorted.columns.bits[0]));
    CARE_ASSIGN_OR_RETURN(const BitColumn treated, protocol.And(ill, sorted.columns.bits[1]));
    CARE_ASSIGN_OR_RETURN(count_, CountSegments(protocol, continues, treated));
    return absl::OkStatus();
  }

  absl::Status Check(mpc::Protocol& protocol) override {
    std::map<std::uint64_t, std::uint64_t> first_day;
    for (const HealthEvent& event : HealthEvents(0, diagnoses_rows_)) {
      if (event.code != kHeartDisease) continue;
      const auto found = first_day.try_emplace(event.patient, event.day).first;
      found->second = std::min(found->second, event.day);
    }
    std::set<std::uint64_t> treated;
    for (const HealthEvent& event : HealthEvents(1, medications_rows_)) {
      const auto found = first_day.find(event.patient);
      if (event.code == kAspirin && found != first_day.end() && found->second <= event.day) {
        treated.insert(event.patient);
      }
    }
    return CheckCount(protocol, count_, treated.size());
  }

 private:
  std::uint64_t Rows() const { return diagnoses_rows_ + medications_rows_; }

  const std::uint64_t diagnoses_rows_, medications_rows_;
  const mpc::LinkSpeed link_;
  SharedEvents diagnoses_, medications_;
  mpc::RingColumn count_;
};

class RecurrentInfection final : public OperatorWorkload {
 public:
  explicit RecurrentInfection(const OperatorSetting& setting) : rows_(setting.rows), link_(setting.link) {}

  std::vector<Disclosure> Disclosures() const override { return {Result(1), Sort(kFirstSort, rows_)}; }

  absl::Status Share(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(diagnoses_, ShareEvents(protocol, HealthEvents(0, rows_)));
    return absl::OkStatus();
  }

  absl::Status Run(mpc::Protocol& protocol) override {
    CARE_ASSIGN_OR_RETURN(const BitColumn infection, HasCode(protocol, diagnoses_.code, kInfection));
    const BitColumn other = protocol.Not(infection);
    CARE_ASSIGN_OR_RETURN(
        const mpc::SortedRows sorted,
        mpc::SortRows(protocol, BitColumn::JoinPlanes({&diagnoses_.day, &diagnoses_.patient, &other}), {},
                      Sort(kFirstSort, rows_), {.link = link_}));
    const BitColumn day = sorted.key.Planes(0, kDayBits);
    CARE_ASSIGN_OR_RETURN(const BitColumn continues,
                          mpc::ContinuesSegment(protocol, sorted.key.Planes(kDayBits, kPatientBits + 1)));
    // Differences mean something inside of a segment only, and are masked elsewhere.
    const BitColumn day_before = mpc::ShiftDown(protocol, day, 1);
    const std::array<const BitColumn*, 2> days = {&day, &day_before};
    CARE_ASSIGN_OR_RETURN(const BitColumn between,
                          protocol.Evaluate(mpc::SubtractCircuit(kDayBits, mpc::CompareDepth::kRipple), days));
    CARE_ASSIGN_OR_RETURN(const BitColumn enough, mpc::AtLeastPublic(protocol, between, kLeastDays));
    CARE_ASSIGN_OR_RETURN(const BitColumn soon, mpc::LessThanPublic(protocol, between, kMostDays + 1));
    CARE_ASSIGN_OR_RETURN(const BitColumn in_range, protocol.And(enough, soon));
    CARE_ASSIGN_OR_RETURN(
        const BitColumn of_infections,
        protocol.And(continues, protocol.Not(sorted.key.Planes(kDayBits + kPatientBits, 1))));
    CARE_ASSIGN_OR_RETURN(const BitColumn again, protocol.And(in_range, of_infections));
    CARE_ASSIGN_OR_RETURN(count_, CountSegments(protocol, continues, again));
    return absl::OkStatus();
  }

  absl::Status Check(mpc::Protocol& protocol) override {
    std::map<std::uint64_t, std::vector<std::uint64_t>> days;
    for (const HealthEvent& event : HealthEvents(0, rows_)) {
      if (event.code == kInfection) days[event.patient].push_back(event.day);
    }
    std::uint64_t patients = 0;
    for (auto& [patient, of_patient] : days) {
      std::ranges::sort(of_patient);
      bool again = false;
      for (std::size_t r = 1; r < of_patient.size(); ++r) {
        const std::uint64_t between = of_patient[r] - of_patient[r - 1];
        again = again || (between >= kLeastDays && between <= kMostDays);
      }
      patients += again;
    }
    return CheckCount(protocol, count_, patients);
  }

 private:
  const std::uint64_t rows_;
  const mpc::LinkSpeed link_;
  SharedEvents diagnoses_;
  mpc::RingColumn count_;
};

}  // namespace

std::unique_ptr<OperatorWorkload> MakeComorbidity(const OperatorSetting& setting) {
  return std::make_unique<Comorbidity>(setting);
}
std::unique_ptr<OperatorWorkload> MakeAspirin(const OperatorSetting& setting) {
  return std::make_unique<Aspirin>(setting);
}
std::unique_ptr<OperatorWorkload> MakeRecurrentInfection(const OperatorSetting& setting) {
  return std::make_unique<RecurrentInfection>(setting);
}

}  // namespace care::engine
