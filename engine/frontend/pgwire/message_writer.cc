#include "engine/frontend/pgwire/message_writer.h"

#include <utility>

namespace care::engine::pgwire {
namespace {

constexpr std::uint32_t kSasl = 10;
constexpr std::uint32_t kSaslContinue = 11;
constexpr std::uint32_t kSaslFinal = 12;
constexpr std::uint32_t kMinorVersion = 0;

std::uint16_t FormatOf(const std::vector<std::int16_t>& formats, std::size_t column) {
  if (formats.empty()) return 0;
  return static_cast<std::uint16_t>(formats.size() == 1 ? formats[0] : formats[column]);
}

}  // namespace

void MessageWriter::Begin(char type) {
  buffer_.push_back(type);
  begin_ = buffer_.size();
  Int32(0);
}

void MessageWriter::End() {
  const auto length = static_cast<std::uint32_t>(buffer_.size() - begin_);
  for (int byte = 0; byte < 4; ++byte) buffer_[begin_ + byte] = static_cast<char>(length >> (24 - 8 * byte));
}

void MessageWriter::Int16(std::uint16_t value) {
  buffer_.push_back(static_cast<char>(value >> 8));
  buffer_.push_back(static_cast<char>(value));
}

void MessageWriter::Int32(std::uint32_t value) {
  Int16(static_cast<std::uint16_t>(value >> 16));
  Int16(static_cast<std::uint16_t>(value));
}

// What follows a NUL would be read as the next field.
void MessageWriter::Text(std::string_view value) {
  buffer_.append(value.substr(0, value.find('\0')));
  buffer_.push_back('\0');
}

void MessageWriter::AuthenticationSasl(const std::vector<std::string>& mechanisms) {
  Begin('R');
  Int32(kSasl);
  for (const std::string& mechanism : mechanisms) Text(mechanism);
  buffer_.push_back('\0');
  End();
}

void MessageWriter::AuthenticationSaslContinue(std::string_view data) {
  Begin('R');
  Int32(kSaslContinue);
  buffer_.append(data);
  End();
}

void MessageWriter::AuthenticationSaslFinal(std::string_view data) {
  Begin('R');
  Int32(kSaslFinal);
  buffer_.append(data);
  End();
}

void MessageWriter::AuthenticationOk() {
  Begin('R');
  Int32(0);
  End();
}

void MessageWriter::BackendKeyData(std::uint32_t process, std::uint32_t secret) {
  Begin('K');
  Int32(process);
  Int32(secret);
  End();
}

void MessageWriter::ParameterStatus(std::string_view name, std::string_view value) {
  Begin('S');
  Text(name);
  Text(value);
  End();
}

void MessageWriter::NegotiateProtocolVersion(const std::vector<std::string>& unknown_options) {
  Begin('v');
  Int32(kMinorVersion);
  Int32(static_cast<std::uint32_t>(unknown_options.size()));
  for (const std::string& option : unknown_options) Text(option);
  End();
}

void MessageWriter::ReadyForQuery(char transaction_state) {
  Begin('Z');
  buffer_.push_back(transaction_state);
  End();
}

void MessageWriter::Error(const SqlError& error, bool fatal) {
  Begin('E');
  const auto field = [this](char type, std::string_view text) {
    buffer_.push_back(type);
    Text(text);
  };
  field('S', fatal ? "FATAL" : "ERROR");
  field('V', fatal ? "FATAL" : "ERROR");
  field('C', error.sqlstate);
  field('M', error.message);
  if (!error.detail.empty()) field('D', error.detail);
  if (!error.hint.empty()) field('H', error.hint);
  if (error.position > 0) field('P', std::to_string(error.position));
  buffer_.push_back('\0');
  End();
}

void MessageWriter::Notice(std::string_view severity, std::string_view text) {
  Begin('N');
  const auto field = [this](char type, std::string_view value) {
    buffer_.push_back(type);
    Text(value);
  };
  field('S', severity);
  field('V', severity);
  field('C', severity == "WARNING" ? "01000" : "00000");
  field('M', text);
  buffer_.push_back('\0');
  End();
}

void MessageWriter::RowDescription(const std::vector<ResultColumn>& columns,
                                   const std::vector<std::int16_t>& formats) {
  Begin('T');
  Int16(static_cast<std::uint16_t>(columns.size()));
  for (std::size_t column = 0; column < columns.size(); ++column) {
    Text(columns[column].name);
    Int32(0);  // no table: else drivers ask the catalogue about every result
    Int16(0);
    Int32(columns[column].type.oid);
    Int16(static_cast<std::uint16_t>(columns[column].type.length));
    Int32(static_cast<std::uint32_t>(columns[column].type.modifier));
    Int16(FormatOf(formats, column));
  }
  End();
}

void MessageWriter::ParameterDescription(const std::vector<std::uint32_t>& type_oids) {
  Begin('t');
  Int16(static_cast<std::uint16_t>(type_oids.size()));
  for (const std::uint32_t oid : type_oids) Int32(oid);
  End();
}

void MessageWriter::DataRow(const std::vector<std::optional<std::string>>& cells) {
  Begin('D');
  Int16(static_cast<std::uint16_t>(cells.size()));
  for (const std::optional<std::string>& cell : cells) {
    Int32(cell.has_value() ? static_cast<std::uint32_t>(cell->size()) : 0xffffffffu);
    if (cell.has_value()) buffer_.append(*cell);
  }
  End();
}

void MessageWriter::CommandComplete(std::string_view tag) {
  Begin('C');
  Text(tag);
  End();
}

void MessageWriter::Bare(char type) {
  Begin(type);
  End();
}

std::string MessageWriter::Take() { return std::exchange(buffer_, {}); }

}  // namespace care::engine::pgwire
