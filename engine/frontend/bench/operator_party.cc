#include "engine/frontend/bench/operator_party.h"

#include <unistd.h>

#include <chrono>

#include "absl/strings/str_cat.h"
#include "engine/frontend/bench/process_use.h"
#include "engine/types/status_macros.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::engine {
namespace {

constexpr std::array<PartyId, 3> kParties = {0, 1, 2};

absl::StatusOr<PartyFigures> MeasureOnce(OperatorWorkload& workload, const std::string& session,
                                         unsigned role, PartyLinks& links) {
  CARE_ASSIGN_OR_RETURN(const auto protocol,
                        mpc::EstablishReplicated3(role, kParties, links.next(), links.previous(), session,
                                                  /*plan_digest=*/"", workload.Disclosures()));
  CARE_RETURN_IF_ERROR(workload.Share(*protocol));
  ForgetOwnPeak();
  CARE_RETURN_IF_ERROR(links.Meet());
  const std::uint64_t bytes_before = links.bytes_sent();
  const std::uint64_t rounds_before = protocol->rounds();
  const double core_before = OwnProcessorSeconds();
  const auto start = std::chrono::steady_clock::now();

  CARE_RETURN_IF_ERROR(workload.Run(*protocol));

  PartyFigures figures;
  figures.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  figures.core_seconds = OwnProcessorSeconds() - core_before;
  figures.rounds = protocol->rounds() - rounds_before;
  figures.bytes_sent = links.bytes_sent() - bytes_before;
  figures.peak_rss_bytes = PeakResidentBytes(getpid());
  // A party that is done early must not check while the others still run.
  CARE_RETURN_IF_ERROR(links.Meet());
  CARE_RETURN_IF_ERROR(workload.Check(*protocol));
  return figures;
}

}  // namespace

absl::StatusOr<std::vector<PartyFigures>> MeasureOperatorParty(const OperatorBenchmark& benchmark,
                                                               const OperatorSetting& setting, unsigned role,
                                                               unsigned repeats, PartyLinks& links) {
  std::vector<PartyFigures> all;
  for (unsigned number = 0; number < repeats; ++number) {
    // Anew each time, so that nothing of the last run is left.
    const auto workload = benchmark.make(setting);
    CARE_ASSIGN_OR_RETURN(PartyFigures figures,
                          MeasureOnce(*workload, absl::StrCat("bench", number), role, links));
    all.push_back(std::move(figures));
  }
  return all;
}

}  // namespace care::engine
