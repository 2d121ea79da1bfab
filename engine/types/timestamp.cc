#include "engine/types/timestamp.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "engine/types/date.h"
#include "engine/types/date_text.h"
#include "engine/types/status_macros.h"

namespace care {
namespace {

constexpr std::int64_t kMicrosecondsOfMinute = 60 * kMicrosecondsOfSecond;
constexpr std::int64_t kMicrosecondsOfHour = 60 * kMicrosecondsOfMinute;

absl::Status Malformed() { return absl::InvalidArgumentError("a timestamp is written YYYY-MM-DD HH:MM:SS"); }

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Reads a text from the front.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Done() const { return rest_.empty(); }
  bool Takes(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool AtDigit() const { return !rest_.empty() && IsDigit(rest_.front()); }
  // One digit or two.
  std::optional<int> Short() {
    const std::optional<int> number = Leading();
    return AtDigit() ? std::nullopt : number;
  }
  // One digit or two, whatever follows.
  std::optional<int> Leading() {
    if (!AtDigit()) return std::nullopt;
    int number = Digit();
    if (AtDigit()) number = number * 10 + Digit();
    return number;
  }
  std::optional<int> Pair() {
    const bool two = rest_.size() >= 2 && IsDigit(rest_[0]) && IsDigit(rest_[1]);
    return two ? Leading() : std::nullopt;
  }
  int Digit() {
    const int digit = rest_.front() - '0';
    rest_.remove_prefix(1);
    return digit;
  }
  void SkipSpaces() {
    while (!rest_.empty() && absl::ascii_isspace(static_cast<unsigned char>(rest_.front()))) rest_.remove_prefix(1);
  }

 private:
  std::string_view rest_;
};

std::optional<std::int64_t> ReadTime(Reader& reader) {
  const std::optional<int> hour = reader.Short();
  if (!hour || !reader.Takes(':')) return std::nullopt;
  const std::optional<int> minute = reader.Short();
  if (!minute) return std::nullopt;
  std::optional<int> second = 0;
  std::int64_t fraction = 0;
  if (reader.Takes(':')) {
    second = reader.Short();
    if (!second) return std::nullopt;
    if (reader.Takes('.')) {
      std::string digits;
      while (reader.AtDigit()) digits.push_back(static_cast<char>('0' + reader.Digit()));
      fraction = MicrosecondsOfFraction(digits);
    }
  }
  if (*hour > 24 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t time = *hour * kMicrosecondsOfHour + *minute * kMicrosecondsOfMinute + *second * kMicrosecondsOfSecond + fraction;
  if (time > kMicrosecondsOfDay) return std::nullopt;
  return time;
}

// How far local time is ahead of UTC.
std::optional<std::int64_t> ReadOffset(Reader& reader) {
  if (reader.Takes('Z') || reader.Takes('z')) return 0;
  const bool behind = reader.Takes('-');
  if (!behind && !reader.Takes('+')) return std::nullopt;
  const std::optional<int> hours = reader.Leading();
  std::optional<int> minutes = 0;
  if (reader.AtDigit()) {
    minutes = reader.Pair();
  } else if (reader.Takes(':')) {
    minutes = reader.Short();
  }
  if (!hours || !minutes || *hours > 15 || *minutes > 59) return std::nullopt;
  const std::int64_t offset = *hours * kMicrosecondsOfHour + *minutes * kMicrosecondsOfMinute;
  return behind ? -offset : offset;
}

absl::StatusOr<std::int64_t> InCalendar(std::int64_t microseconds) {
  if (microseconds < kFirstTimestamp || microseconds > kLastTimestamp) return absl::OutOfRangeError("timestamp out of range");
  return microseconds;
}

}  // namespace

std::int64_t MicrosecondsOfFraction(std::string_view digits) {
  const std::string fraction = "0." + std::string(digits);
  return static_cast<std::int64_t>(std::rint(std::strtod(fraction.c_str(), nullptr) * 1e6));
}

std::int32_t DayOf(std::int64_t microseconds) {
  const std::int64_t day = microseconds / kMicrosecondsOfDay;
  return static_cast<std::int32_t>(microseconds % kMicrosecondsOfDay < 0 ? day - 1 : day);
}

std::int64_t TimeOfDay(std::int64_t microseconds) { return microseconds - DayOf(microseconds) * kMicrosecondsOfDay; }

absl::StatusOr<std::int64_t> AddInterval(std::int64_t microseconds, const Interval& interval) {
  std::int64_t day = DayOf(microseconds);
  if (interval.months != 0) {
    CARE_ASSIGN_OR_RETURN(day, AddMonths(static_cast<std::int32_t>(day), interval.months));
  }
  // 32-bit days cannot leave 63 bits as microseconds by much; the time may.
  Int128 sum = Int128{day} + interval.days;
  sum = sum * kMicrosecondsOfDay + TimeOfDay(microseconds) + interval.microseconds;
  if (sum < kFirstTimestamp || sum > kLastTimestamp) return absl::OutOfRangeError("timestamp out of range");
  return static_cast<std::int64_t>(sum);
}

absl::StatusOr<std::int64_t> TruncateTime(std::string_view unit, std::int64_t microseconds) {
  const std::int64_t length = unit == "hour"     ? kMicrosecondsOfHour
                              : unit == "minute" ? kMicrosecondsOfMinute
                              : unit == "second" ? kMicrosecondsOfSecond
                                                 : 0;
  if (length == 0) return absl::InvalidArgumentError("DATE_TRUNC with this unit");
  return microseconds - TimeOfDay(microseconds) % length;
}

std::optional<std::int64_t> ReadZoneOffset(std::string_view text) {
  Reader reader(text);
  const std::optional<std::int64_t> offset = ReadOffset(reader);
  return reader.Done() ? offset : std::nullopt;
}

absl::StatusOr<std::int64_t> ReadTimestampText(std::string_view text, bool with_time_zone) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  const std::size_t end = text.find_first_of(" \tT");
  CARE_ASSIGN_OR_RETURN(const std::int32_t day, ReadDateText(text.substr(0, end)));
  std::int64_t microseconds = day * kMicrosecondsOfDay;
  if (end == std::string_view::npos) return microseconds;
  Reader reader(text.substr(end + 1));
  reader.SkipSpaces();
  const std::optional<std::int64_t> time = ReadTime(reader);
  if (!time) return Malformed();
  microseconds += *time;
  reader.SkipSpaces();
  if (!reader.Done()) {
    const std::optional<std::int64_t> offset = ReadOffset(reader);
    if (!offset || !reader.Done()) return Malformed();
    if (with_time_zone) microseconds -= *offset;
  }
  return InCalendar(microseconds);
}

std::string FormatTimestamp(Timestamp value) {
  const std::int64_t time = TimeOfDay(value.microseconds);
  char text[32];
  std::snprintf(text, sizeof text, " %02d:%02d:%02d", static_cast<int>(time / kMicrosecondsOfHour),
                static_cast<int>(time / kMicrosecondsOfMinute % 60), static_cast<int>(time / kMicrosecondsOfSecond % 60));
  std::string result = FormatDate(DayOf(value.microseconds)) + text;
  if (std::int64_t fraction = time % kMicrosecondsOfSecond; fraction != 0) {
    std::snprintf(text, sizeof text, ".%06d", static_cast<int>(fraction));
    result += text;
    while (result.back() == '0') result.pop_back();
  }
  if (value.with_time_zone) result += "+00";
  return result;
}

}  // namespace care
