#include "engine/frontend/bench/figures.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/frontend/bench/link_option.h"

namespace care::engine {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kMegabyte = 1e6;
std::string Indented(const std::string& lines) {
  return absl::StrCat("    ", absl::StrReplaceAll(lines, {{"\n", "\n    "}}), "\n");
}

// Limits are for the machine's own links.
std::string LinkNote(const Figures& figures) {
  return absl::StrFormat("(%s alone: %.3f s)", LinkText(*figures.link), figures.link_seconds());
}

constexpr char kRowFormat[] = "%-16s %9s %9s %8s %7s %11s %8s %9s %9s  %s";

}  // namespace

std::uint64_t Figures::bytes_total() const {
  return std::accumulate(bytes_sent.begin(), bytes_sent.end(), std::uint64_t{0});
}

std::uint64_t Figures::bytes_per_party() const {
  return bytes_sent.empty() ? 0 : *std::max_element(bytes_sent.begin(), bytes_sent.end());
}

double Figures::limit_percent() const { return seconds > 0 ? 100 * limit_seconds / seconds : 0; }

double Figures::link_seconds() const {
  if (!link.has_value()) return 0;
  return 8e-6 * static_cast<double>(bytes_per_party()) / static_cast<double>(link->megabit_per_second) +
         1e-6 * static_cast<double>(rounds * link->round_us);
}

std::string PartyFigures::ToJson() const {
  return Json{{"seconds", seconds},
              {"core_seconds", core_seconds},
              {"rounds", rounds},
              {"rounds_before_gate", rounds_before_gate},
              {"bytes_sent", bytes_sent},
              {"bytes_sent_before_gate", bytes_sent_before_gate},
              {"peak_rss_bytes", peak_rss_bytes},
              {"streamed_bytes", streamed_bytes},
              {"stream_seconds", stream_seconds},
              {"steps", steps}}
      .dump();
}

absl::StatusOr<PartyFigures> PartyFigures::FromJson(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return absl::InternalError("a party of the benchmark reported no figures");
  PartyFigures figures;
  figures.seconds = json.value("seconds", 0.0);
  figures.core_seconds = json.value("core_seconds", 0.0);
  figures.rounds = json.value("rounds", std::uint64_t{0});
  figures.rounds_before_gate = json.value("rounds_before_gate", std::uint64_t{0});
  figures.bytes_sent = json.value("bytes_sent", std::uint64_t{0});
  figures.bytes_sent_before_gate = json.value("bytes_sent_before_gate", std::uint64_t{0});
  figures.peak_rss_bytes = json.value("peak_rss_bytes", std::uint64_t{0});
  figures.streamed_bytes = json.value("streamed_bytes", std::uint64_t{0});
  figures.stream_seconds = json.value("stream_seconds", 0.0);
  figures.steps = json.value("steps", figures.steps);
  return figures;
}

std::string FiguresAsJson(const Figures& figures) {
  Json json = {{"name", figures.name},
               {"rows", figures.rows},
               {"seconds", figures.seconds},
               {"core_seconds", figures.core_seconds},
               {"rounds", figures.rounds},
               {"bytes_per_party", figures.bytes_per_party()},
               {"peak_rss_bytes", figures.peak_rss_bytes},
               {"limit_seconds", figures.limit_seconds},
               {"limit_percent", figures.limit_percent()}};
  if (figures.link.has_value()) {
    json["link"] = LinkText(*figures.link);
    json["plan"] = figures.plan;
  }
  Json& detail = json["detail"];
  detail = Json::object();
  if (!figures.bytes_sent.empty()) detail["bytes_sent"] = figures.bytes_sent;
  if (figures.link.has_value()) {
    detail["link_seconds"] = figures.link_seconds();
  } else if (!figures.plan.empty()) {
    detail["plan"] = figures.plan;
  }
  for (const StepTimes& step : figures.steps) detail["step_seconds"][step.step] = step.seconds;
  detail["targets"] = Json::array();
  for (const Target& target : figures.targets) {
    detail["targets"].push_back({{"what", target.what},
                                 {"measured", target.measured},
                                 {"at_most", target.at_most},
                                 {"met", target.met()}});
  }
  return json.dump();
}

std::string TableHeading() {
  return absl::StrFormat(kRowFormat, "name", "rows", "seconds", "core s", "rounds", "MB a party", "peak MB",
                         "limit s", "of limit", "accepted");
}

std::string FiguresAsLine(const Figures& figures) {
  const bool joint = !figures.bytes_sent.empty();
  std::vector<std::string> missed;
  for (const Target& target : figures.targets) {
    if (!target.met())
      missed.push_back(absl::StrFormat("%s: %.4g > %.4g", target.what, target.measured, target.at_most));
  }
  const std::string accepted = figures.targets.empty() ? ""
                               : missed.empty()        ? "yes"
                                                       : absl::StrJoin(missed, "; ");
  return absl::StrFormat(kRowFormat, figures.name, figures.rows > 0 ? absl::StrCat(figures.rows) : "",
                         absl::StrFormat("%.4f", figures.seconds),
                         absl::StrFormat("%.3f", figures.core_seconds),
                         joint ? absl::StrCat(figures.rounds) : "",
                         joint ? absl::StrFormat("%.2f", figures.bytes_per_party() / kMegabyte) : "",
                         absl::StrFormat("%.1f", figures.peak_rss_bytes / kMegabyte),
                         joint ? absl::StrFormat("%.4f", figures.limit_seconds) : "",
                         joint ? absl::StrFormat("%.0f %%", figures.limit_percent()) : "",
                         figures.link.has_value() ? LinkNote(figures) : accepted);
}

std::string FiguresInFull(const Figures& figures) {
  std::string text = absl::StrCat(figures.name, "\n");
  const auto line = [&text](const std::string& what, const std::string& value) {
    absl::StrAppendFormat(&text, "  %-42s %s\n", what, value);
  };
  if (figures.rows > 0) line("rows of the spine", absl::StrCat(figures.rows));
  line("seconds", absl::StrFormat("%.4f", figures.seconds));
  line("processor seconds", absl::StrFormat("%.3f", figures.core_seconds));
  if (!figures.bytes_sent.empty()) {
    line("rounds", absl::StrCat(figures.rounds));
    std::string each;
    for (const std::uint64_t bytes : figures.bytes_sent) {
      absl::StrAppendFormat(&each, "%s%.2f", each.empty() ? "" : " + ", bytes / kMegabyte);
    }
    line("megabytes sent",
         absl::StrFormat("%.2f = %s", static_cast<double>(figures.bytes_total()) / kMegabyte, each));
  }
  if (figures.limit_seconds > 0) {
    line("seconds if the links alone would bind",
         absl::StrFormat("%.4f (%.0f %%)", figures.limit_seconds, figures.limit_percent()));
  }
  line("peak megabytes of memory, largest process",
       absl::StrFormat("%.1f", static_cast<double>(figures.peak_rss_bytes) / kMegabyte));
  if (figures.link.has_value()) {
    line("emulated link", LinkText(*figures.link));
    line("seconds of that link alone", absl::StrFormat("%.4f", figures.link_seconds()));
  }
  if (!figures.plan.empty()) absl::StrAppend(&text, "  plan\n", Indented(figures.plan));
  for (const StepTimes& step : figures.steps) {
    std::string each;
    for (const double seconds : step.seconds) absl::StrAppendFormat(&each, "%8.3f", seconds);
    line(absl::StrCat("seconds of each party: ", step.step), each);
  }
  for (const Target& target : figures.targets) {
    line(target.what, absl::StrFormat("%.6g, at most %.6g: %s", target.measured, target.at_most,
                                      target.met() ? "met" : "MISSED"));
  }
  return text;
}

}  // namespace care::engine
