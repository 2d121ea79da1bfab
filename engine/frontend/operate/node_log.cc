#include "engine/frontend/operate/node_log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/session/messages.h"

namespace care::engine {
namespace {

constexpr std::string_view kQuery = "query ";
constexpr std::size_t kShortId = 8;

bool BeginsWithSession(std::string_view message) {
  if (!message.starts_with(kQuery) || message.size() < kQuery.size() + kShortId + 2) return false;
  for (const char c : message.substr(kQuery.size(), kShortId)) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
  }
  return message.substr(kQuery.size() + kShortId, 2) == ": ";
}

// %*: the message, without control characters.
class PlainMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    constexpr char kHex[] = "0123456789abcdef";
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x20 && byte != 0x7f) {
        out.push_back(c);
        continue;
      }
      for (const char part : {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]}) out.push_back(part);
    }
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<PlainMessage>();
  }
};

// %&: the message as JSON members, a query's session as one of its own.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    std::string_view text(message.payload.data(), message.payload.size());
    std::string members;
    if (BeginsWithSession(text)) {
      members = absl::StrCat("\"session\":\"", std::string(text.substr(kQuery.size(), kShortId)), "\",");
      text.remove_prefix(kQuery.size() + kShortId + 2);
    }
    absl::StrAppend(
        &members, "\"message\":",
        nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    out.append(members.data(), members.data() + members.size());
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

// %<: the level as syslog and the journal number it.
class JournalLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    char level = '6';
    if (message.level <= spdlog::level::debug) level = '7';
    if (message.level == spdlog::level::warn) level = '4';
    if (message.level == spdlog::level::err) level = '3';
    if (message.level == spdlog::level::critical) level = '2';
    for (const char part : {'<', level, '>'}) out.push_back(part);
  }
  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<JournalLevel>();
  }
};

std::string PatternOf(const LogOptions& options) {
  const std::string prefix = options.to_journal ? "%<" : "";
  if (options.format == "json") {
    return absl::StrCat(prefix, R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","party":"%n",%&})");
  }
  return options.to_journal ? absl::StrCat(prefix, "%n %*") : "%Y-%m-%d %H:%M:%S.%e %n %l %*";
}

}  // namespace

bool StandardErrorIsJournal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return false;
  return absl::StrCat(status.st_dev, ":", status.st_ino) == stream;
}

std::shared_ptr<spdlog::logger> MakeNodeLog(const LogOptions& options, spdlog::sink_ptr sink) {
  auto log = std::make_shared<spdlog::logger>(options.name, std::move(sink));
  // JSON says Z; people read the clock on their wall.
  const auto time =
      options.format == "json" ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(time, "\n");
  formatter->add_flag<PlainMessage>('*').add_flag<JsonMessage>('&').add_flag<JournalLevel>('<');
  formatter->set_pattern(PatternOf(options));
  log->set_formatter(std::move(formatter));
  log->set_level(spdlog::level::from_str(options.level));
  log->flush_on(spdlog::level::trace);
  return log;
}

std::shared_ptr<spdlog::logger> MakeNodeLog(const LogOptions& options) {
  return MakeNodeLog(options, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
}

}  // namespace care::engine
