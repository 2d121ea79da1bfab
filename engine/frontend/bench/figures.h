// engine/frontend/bench/figures.h
//
// What a benchmark measured, and how it is shown: a JSON object a line, a line of a table, or in full.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "mpc/cost/link_speed.h"

namespace care::engine {

// A limit that the project holds itself to.
struct Target {
  std::string what;
  double measured = 0;
  double at_most = 0;

  bool met() const { return measured <= at_most; }
};

// Seconds that each party spent in one kind of step, waiting for the others included.
struct StepTimes {
  std::string step;
  std::vector<double> seconds;  // by role
};

struct Figures {
  std::string name;
  std::uint64_t rows = 0;
  double seconds = 0;       // from the first message to the released table
  double core_seconds = 0;  // processor time of all parties
  std::uint64_t rounds = 0;
  std::vector<std::uint64_t> bytes_sent;  // by each party; payload, without TLS
  std::uint64_t peak_rss_bytes = 0;       // of the largest party
  double limit_seconds = 0;               // all bytes at the parties' aggregate TLS throughput
  std::string plan;                       // what was chosen, where there was a choice
  std::optional<mpc::LinkSpeed> link;     // that was emulated
  std::vector<StepTimes> steps;
  std::vector<Target> targets;

  std::uint64_t bytes_total() const;
  std::uint64_t bytes_per_party() const;  // of the party that sends most
  double limit_percent() const;           // of the seconds: 100 where the links alone bind
  double link_seconds() const;  // of the emulated link alone, for the busiest party's bytes and all rounds
};

// What one party reports to the process that started it: one line.
struct PartyFigures {
  double seconds = 0;
  double core_seconds = 0;
  std::uint64_t rounds = 0;
  std::uint64_t rounds_before_gate = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_sent_before_gate = 0;
  std::uint64_t peak_rss_bytes = 0;
  std::uint64_t streamed_bytes = 0;
  double stream_seconds = 0;
  std::map<std::string, double> steps;  // seconds by kind of step

  std::string ToJson() const;
  static absl::StatusOr<PartyFigures> FromJson(const std::string& text);
};

// One line. Keys: name, rows, seconds, core_seconds, rounds, bytes_per_party, peak_rss_bytes, limit_seconds,
// limit_percent; with an emulated link also link and plan. Whatever else there is to say is in "detail".
std::string FiguresAsJson(const Figures& figures);

std::string TableHeading();
std::string FiguresAsLine(const Figures& figures);
std::string FiguresInFull(const Figures& figures);

}  // namespace care::engine
