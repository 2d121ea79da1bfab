// engine/frontend/pgwire/message_writer.h
//
// Writes the messages that a server sends in PostgreSQL's protocol, version 3, into one buffer that the
// connection then sends as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/frontend/pgwire/result_set.h"
#include "engine/frontend/pgwire/sql_error.h"

namespace care::engine::pgwire {

class MessageWriter {
 public:
  void AuthenticationSasl(const std::vector<std::string>& mechanisms);
  void AuthenticationSaslContinue(std::string_view data);
  void AuthenticationSaslFinal(std::string_view data);
  void AuthenticationOk();
  void BackendKeyData(std::uint32_t process, std::uint32_t secret);
  void ParameterStatus(std::string_view name, std::string_view value);
  void NegotiateProtocolVersion(const std::vector<std::string>& unknown_options);
  void ReadyForQuery(char transaction_state);
  void Error(const SqlError& error, bool fatal = false);
  void Notice(std::string_view severity, std::string_view text);

  // `formats`: none (all text), one for all, or one a column; 1 is binary.
  void RowDescription(const std::vector<ResultColumn>& columns, const std::vector<std::int16_t>& formats);
  void ParameterDescription(const std::vector<std::uint32_t>& type_oids);
  void DataRow(const std::vector<std::optional<std::string>>& cells);
  void CommandComplete(std::string_view tag);
  // ParseComplete '1', BindComplete '2', CloseComplete '3', NoData 'n', EmptyQueryResponse 'I',
  // PortalSuspended 's'.
  void Bare(char type);

  std::size_t size() const { return buffer_.size(); }
  // Hands the buffer over and starts a new one.
  std::string Take();

 private:
  void Begin(char type);
  void End();
  void Int16(std::uint16_t value);
  void Int32(std::uint32_t value);
  void Text(std::string_view value);

  std::string buffer_;
  std::size_t begin_ = 0;  // of the message that is being written
};

}  // namespace care::engine::pgwire
