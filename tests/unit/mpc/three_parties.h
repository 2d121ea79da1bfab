// tests/unit/mpc/three_parties.h
//
// Runs one function as the three compute parties of Replicated3, each on its own thread over memory channels,
// and collects what each returned, metered and recorded. Parties are PartyId 0, 1, 2 and play P0, P1, P2.
// Keys come from a seed, so a failing run replays; PRG reuse is always checked.
//
//   auto run = RunThreeParties([&](Protocol& p) -> absl::StatusOr<BitColumn> {...});
//   ASSERT_TRUE(run.ok()) << run.status();
//   EXPECT_EQ(run.bytes_sent(), ...); EXPECT_EQ(run.rounds, ...); run.value(0) is what P0 returned.
//
// Owners that do not compute may take part, each on a thread of its own.
//
// OpenForTest gives the clear value at all three parties. It needs TestDisclosure() among the disclosures,
// which RunThreeParties always adds; bytes and rounds of it count, so meter a run that does not open, or
// subtract.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/net/faulty_channel.h"
#include "mpc/net/memory_channel.h"
#include "mpc/net/recording_channel.h"
#include "mpc/protocol/plain.h"
#include "mpc/protocol/replicated3/outside_owner.h"
#include "mpc/protocol/replicated3/replicated3.h"

namespace care::mpc {

inline Disclosure TestDisclosure() {
  return {.id = 0xffff0000,
          .what = "everything, in tests",
          .recipient = kNoParty,
          .max_values = std::uint64_t{1} << 60,
          .rule = "test"};
}

inline absl::StatusOr<std::vector<std::uint64_t>> OpenForTest(Protocol& protocol, const RingColumn& column) {
  auto opened = protocol.Open(column, TestDisclosure());
  if (!opened.ok()) return opened.status();
  return **std::move(opened);
}
// Rows as integers; width <= 64.
inline absl::StatusOr<std::vector<std::uint64_t>> OpenForTest(Protocol& protocol, const BitColumn& column) {
  auto opened = protocol.Open(column, TestDisclosure());
  if (!opened.ok()) return opened.status();
  return (*opened)->ToIntegers();
}

// Null unless this process supplies the owner's input: for the pointer parameters of Protocol.
template <typename T>
const T* IfHeld(const Protocol& protocol, PartyId owner, const T& value) {
  return protocol.Holds(owner) ? &value : nullptr;
}

// An owner that is none of the three.
struct OutsidePart {
  PartyId party = kNoParty;
  std::function<absl::Status(OutsideOwner&)> run;
  std::array<FaultPlan, 3> faults;  // of what it sends to P0, P1, P2
};

struct ThreePartiesOptions {
  std::uint64_t seed = 1;
  std::vector<Disclosure> disclosures;
  std::size_t keep_received_bytes = 0;  // of each link, for tests of what a party sees
  MemoryChannelOptions channel;
  const Kernels* kernels = &BestKernels();
  // Called on each party's thread before it runs, with the meter of what it has sent so far. May be empty.
  std::function<void(unsigned role, std::function<std::uint64_t()> bytes_sent)> on_start;
  // What goes wrong with what party `faulty_role` sends to its next and to its previous party.
  unsigned faulty_role = 0;
  FaultPlan next_fault, previous_fault;
  std::vector<OutsidePart> outside;
};

// What a party saw, link by link.
struct PartyView {
  std::vector<MessageRecord> next_records, previous_records;
  std::vector<std::uint8_t> next_received, previous_received;
  std::vector<std::vector<MessageRecord>> outside_records;  // with each owner of the options
  std::uint64_t bytes_sent = 0;
};

template <typename Result>
struct ThreePartiesRun {
  std::vector<absl::StatusOr<Result>> results;
  std::vector<absl::Status> outside;  // how each owner of the options ended
  std::array<PartyView, 3> views;
  std::array<std::uint64_t, 3> rounds_by_party{};
  std::array<std::vector<OpenedCount>, 3> opened;
  std::uint64_t rounds = 0;  // P0's; the same at all parties or `rounds_agree` is false
  bool rounds_agree = false;

  bool ok() const {
    return std::ranges::all_of(results, [](const auto& r) { return r.ok(); }) &&
           std::ranges::all_of(outside, [](const auto& r) { return r.ok(); });
  }
  absl::Status status() const {
    for (const auto& r : results) {
      if (!r.ok()) return r.status();
    }
    for (const absl::Status& status : outside) {
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  Result& value(unsigned role) { return *results[role]; }
  std::uint64_t bytes_sent() const { return views[0].bytes_sent + views[1].bytes_sent + views[2].bytes_sent; }
};

inline Seed TestSeed(std::uint64_t seed, std::uint8_t pair) {
  Seed result;
  std::memcpy(result.bytes().data(), &seed, sizeof seed);
  result.bytes()[16] = pair;
  return result;
}

// `body(Protocol&)` returns absl::StatusOr<Result>.
template <typename Body>
auto RunThreeParties(const Body& body, ThreePartiesOptions options = {}) {
  using Result = typename std::invoke_result_t<Body, Protocol&>::value_type;
  options.disclosures.push_back(TestDisclosure());
  // links[i] joins P_i (first) and P_{i+1} (second).
  std::array<std::pair<std::unique_ptr<Channel>, std::unique_ptr<Channel>>, 3> links;
  for (auto& link : links) link = MakeMemoryChannelPair(options.channel);
  // outside_links[k][i] joins owner k (first) and P_i (second).
  std::vector<decltype(links)> outside_links(options.outside.size());
  for (auto& of_owner : outside_links) {
    for (auto& link : of_owner) link = MakeMemoryChannelPair(options.channel);
  }
  const auto outside_seed = [&](std::size_t k, unsigned share) {
    return TestSeed(options.seed, static_cast<std::uint8_t>(100 + 2 * k + share));
  };
  ThreePartiesRun<Result> run;
  for (int role = 0; role < 3; ++role) run.results.emplace_back(absl::UnknownError("did not run"));
  run.outside.assign(options.outside.size(), absl::UnknownError("did not run"));
  std::vector<std::thread> threads;
  for (std::size_t k = 0; k < options.outside.size(); ++k) {
    threads.emplace_back([&, k] {
      const OutsidePart& part = options.outside[k];
      std::array<std::optional<FaultyChannel>, 3> channels;
      std::array<Channel*, 3> compute{};
      for (unsigned role = 0; role < 3; ++role) {
        compute[role] = &channels[role].emplace(*outside_links[k][role].first, part.faults[role]);
      }
      OutsideOwner owner(part.party, compute, {outside_seed(k, 0), outside_seed(k, 1)}, options.disclosures,
                         /*detect_reuse=*/true, *options.kernels);
      run.outside[k] = part.run(owner);
      if (run.outside[k].ok()) return;
      for (Channel* channel : compute) channel->Abort(run.outside[k]);
    });
  }
  for (unsigned role = 0; role < 3; ++role) {
    threads.emplace_back([&, role] {
      const bool faulty = role == options.faulty_role;
      FaultyChannel next_link(*links[role].first, faulty ? options.next_fault : FaultPlan());
      FaultyChannel previous_link(*links[(role + 2) % 3].second,
                                  faulty ? options.previous_fault : FaultPlan());
      RecordingChannel next(next_link, options.keep_received_bytes);
      RecordingChannel previous(previous_link, options.keep_received_bytes);
      const auto share_of_next = static_cast<std::uint8_t>((role + 1) % 3);
      Replicated3 protocol(role, {0, 1, 2}, next, previous, TestSeed(options.seed, share_of_next),
                           TestSeed(options.seed, static_cast<std::uint8_t>(role)), options.disclosures,
                           /*detect_reuse=*/true, *options.kernels);
      const auto bytes_sent = [&] { return next.meter().bytes_sent + previous.meter().bytes_sent; };
      if (options.on_start) options.on_start(role, bytes_sent);
      std::vector<std::unique_ptr<RecordingChannel>> of_owners;
      for (std::size_t k = 0; k < options.outside.size(); ++k) {
        of_owners.push_back(std::make_unique<RecordingChannel>(*outside_links[k][role].second, 0));
        OutsideSeeds held;
        for (unsigned share = 0; share < 2; ++share) {
          if (share == role || share == (role + 1) % 3) held[share] = outside_seed(k, share);
        }
        protocol.Admit(options.outside[k].party, *of_owners.back(), held);
      }
      run.results[role] = body(static_cast<Protocol&>(protocol));
      if (!run.results[role].ok()) {
        next.Abort(run.results[role].status());
        previous.Abort(run.results[role].status());
        for (const auto& channel : of_owners) channel->Abort(run.results[role].status());
      }
      run.rounds_by_party[role] = protocol.rounds();
      run.opened[role] = protocol.opened();
      PartyView& view = run.views[role];
      view.next_records = next.records();
      view.previous_records = previous.records();
      for (const auto& channel : of_owners) view.outside_records.push_back(channel->records());
      view.next_received = next.received();
      view.previous_received = previous.received();
      view.bytes_sent = bytes_sent();
    });
  }
  for (std::thread& thread : threads) thread.join();
  run.rounds = run.rounds_by_party[0];
  run.rounds_agree = run.rounds_by_party[1] == run.rounds && run.rounds_by_party[2] == run.rounds;
  return run;
}

}  // namespace care::mpc
