#include "engine/frontend/bench/health_data.h"

#include "engine/frontend/bench/bench_values.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

constexpr std::uint64_t kEventsEach = 6;
constexpr std::uint64_t kDays = 1500;
constexpr PartyId kFirstOwner = 0;
constexpr PartyId kSecondOwner = 1;

absl::StatusOr<mpc::BitColumn> ShareHalf(mpc::Protocol& protocol, PartyId owner,
                                         const std::vector<std::uint64_t>& values, unsigned width) {
  if (!protocol.Holds(owner)) return protocol.InputBits(owner, nullptr, values.size(), width);
  const mpc::BitPlanes clear = mpc::BitPlanes::FromIntegers(values, width);
  return protocol.InputBits(owner, &clear, values.size(), width);
}

}  // namespace

std::uint64_t PatientNumber(std::uint64_t position) {
  return position * 0x9e3779b1 & ((std::uint64_t{1} << kPatientBits) - 1);
}

std::vector<HealthEvent> HealthEvents(std::uint64_t series, std::uint64_t rows) {
  const std::uint64_t patients = rows / kEventsEach + 1;
  std::vector<HealthEvent> events(rows);
  for (std::uint64_t row = 0; row < rows; ++row) {
    // The product of two uniform numbers: the code's share falls as the code grows.
    const std::uint64_t a = BenchValue(3 * series + 2, row);
    const std::uint64_t code = (a & 0xffff) * (a >> 16 & 0xffff) * kCodes >> 32;
    events[row] = {PatientNumber(BenchValue(3 * series, row) % patients),
                   BenchValue(3 * series + 1, row) % kDays, code};
  }
  return events;
}

absl::StatusOr<mpc::BitColumn> ShareHalves(mpc::Protocol& protocol, const std::vector<std::uint64_t>& values,
                                           unsigned width) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  CARE_ASSIGN_OR_RETURN(const mpc::BitColumn first,
                        ShareHalf(protocol, kFirstOwner, {values.begin(), middle}, width));
  CARE_ASSIGN_OR_RETURN(const mpc::BitColumn second,
                        ShareHalf(protocol, kSecondOwner, {middle, values.end()}, width));
  return mpc::BitColumn::JoinRows({&first, &second});
}

absl::StatusOr<SharedEvents> ShareEvents(mpc::Protocol& protocol, const std::vector<HealthEvent>& events) {
  std::vector<std::uint64_t> patients, days, codes;
  for (const HealthEvent& event : events) {
    patients.push_back(event.patient);
    days.push_back(event.day);
    codes.push_back(event.code);
  }
  SharedEvents shared;
  CARE_ASSIGN_OR_RETURN(shared.patient, ShareHalves(protocol, patients, kPatientBits));
  CARE_ASSIGN_OR_RETURN(shared.day, ShareHalves(protocol, days, kDayBits));
  CARE_ASSIGN_OR_RETURN(shared.code, ShareHalves(protocol, codes, kCodeBits));
  return shared;
}

}  // namespace care::engine
