#include "planner/physical/plan_inputs.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/types/status_macros.h"

namespace care::planner {
namespace {

constexpr std::string_view kHeader = "care-plan-inputs-1";

// Keeps every entry on its own line, whatever a purpose contains.
std::string Escape(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '\n') escaped += "\\n";
    else if (c == '\\') escaped += "\\\\";
    else escaped.push_back(c);
  }
  return escaped;
}

absl::StatusOr<std::string> Unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      plain.push_back(text[i]);
      continue;
    }
    if (++i == text.size() || (text[i] != 'n' && text[i] != '\\')) return absl::InvalidArgumentError("bad escape in plan inputs");
    plain.push_back(text[i] == 'n' ? '\n' : '\\');
  }
  return plain;
}

template <typename Integer>
absl::Status ParseInteger(std::string_view text, Integer& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return absl::InvalidArgumentError("bad number in plan inputs");
  return absl::OkStatus();
}

}  // namespace

std::string PlanInputs::Canonical() const {
  std::string text = absl::StrCat(std::string(kHeader), "\ncurrent_date_days=", current_date_days, time_of_day == 0 ? "" : absl::StrCat("\ntime_of_day=", time_of_day), "\ntime_zone=", Escape(time_zone),
                                  "\nlink_class=", Escape(link_class), "\nplanner_version=", planner_version,
                                  "\nprotocol=", Escape(protocol), "\npurpose=", Escape(purpose),
                                  legal_basis.empty() ? "" : "\nlegal_basis=", Escape(legal_basis), "\nrecipient=", static_cast<int>(recipient),
                                  all_secret ? "\nplacement=all_secret" : "", "\n");
  for (const auto& [table, bound] : row_bounds) absl::StrAppend(&text, "row_bound:", Escape(table), "=", bound, "\n");
  return text;
}

absl::StatusOr<PlanInputs> ParsePlanInputs(std::string_view canonical) {
  PlanInputs inputs;
  std::vector<std::string> lines = absl::StrSplit(absl::string_view(canonical.data(), canonical.size()), '\n');
  if (lines.empty() || lines[0] != kHeader) return absl::InvalidArgumentError("these are no plan inputs");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::size_t equals = lines[i].find('=');
    if (equals == std::string::npos) return absl::InvalidArgumentError("plan inputs have a line without '='");
    const std::string name = lines[i].substr(0, equals);
    const std::string text = lines[i].substr(equals + 1);
    std::uint32_t number = 0;
    if (name == "current_date_days") {
      CARE_RETURN_IF_ERROR(ParseInteger(text, inputs.current_date_days));
    } else if (name == "time_of_day") {
      CARE_RETURN_IF_ERROR(ParseInteger(text, inputs.time_of_day));
    } else if (name == "planner_version") {
      CARE_RETURN_IF_ERROR(ParseInteger(text, inputs.planner_version));
    } else if (name == "recipient") {
      CARE_RETURN_IF_ERROR(ParseInteger(text, number));
      if (number > 0xff) return absl::InvalidArgumentError("bad recipient in plan inputs");
      inputs.recipient = static_cast<PartyId>(number);
    } else if (name == "placement") {
      if (text != "all_secret") return absl::InvalidArgumentError("bad placement in plan inputs");
      inputs.all_secret = true;
    } else if (name == "time_zone") {
      CARE_ASSIGN_OR_RETURN(inputs.time_zone, Unescape(text));
    } else if (name == "link_class") {
      CARE_ASSIGN_OR_RETURN(inputs.link_class, Unescape(text));
    } else if (name == "protocol") {
      CARE_ASSIGN_OR_RETURN(inputs.protocol, Unescape(text));
    } else if (name == "purpose") {
      CARE_ASSIGN_OR_RETURN(inputs.purpose, Unescape(text));
    } else if (name == "legal_basis") {
      CARE_ASSIGN_OR_RETURN(inputs.legal_basis, Unescape(text));
    } else if (name.rfind("row_bound:", 0) == 0) {
      CARE_ASSIGN_OR_RETURN(const std::string table, Unescape(name.substr(10)));
      CARE_RETURN_IF_ERROR(ParseInteger(text, inputs.row_bounds[table]));
    } else {
      return absl::InvalidArgumentError("plan inputs have an unknown entry");
    }
  }
  if (inputs.Canonical() != canonical) return absl::InvalidArgumentError("plan inputs are not in canonical form");
  return inputs;
}

}  // namespace care::planner
