#include "mpc/net/tls_channel.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <algorithm>
#include <cstring>
#include <future>

#include "absl/strings/str_cat.h"
#include "engine/types/status_macros.h"
#include "mpc/net/dial.h"
#include "mpc/net/tls_link.h"

namespace care::mpc {

namespace asio = boost::asio;

absl::StatusOr<std::pair<std::string, std::string>> SplitAddress(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon == std::string::npos ? 0 : colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  // Spaces and control characters are in no name, and could end a line of the request to a proxy.
  const bool odd = std::any_of(host.begin(), host.end(), [](unsigned char c) { return c <= 0x20 || c == 0x7f; });
  if (host.empty() || odd || !digits || std::stoi(port) > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", address, "\" is not an address: write host:port, for example 127.0.0.1:7401"));
  }
  return std::pair(host, port);
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

absl::StatusOr<std::unique_ptr<TlsChannel>> TlsChannel::Connect(IoThread& io,
                                                                std::shared_ptr<const TlsIdentity> identity,
                                                                const TlsPeer& peer, const TlsTimeouts& timeouts) {
  std::promise<absl::StatusOr<std::unique_ptr<TlsChannel>>> done;
  Dial(io, std::move(identity), peer, timeouts,
       [&done](absl::StatusOr<std::unique_ptr<TlsChannel>> channel) { done.set_value(std::move(channel)); });
  return done.get_future().get();
}

void TlsChannel::Dial(IoThread& io, std::shared_ptr<const TlsIdentity> identity, const TlsPeer& peer,
                      const TlsTimeouts& timeouts, Connected connected) {
  auto link = std::make_shared<TlsLink>(io.context(), std::move(identity), timeouts);
  auto dialling = std::make_shared<Dialling>(io.context(), link, peer, timeouts,
                                             [link, connected = std::move(connected)](absl::Status status) {
                                               if (!status.ok()) return connected(std::move(status));
                                               link->StartReading();
                                               connected(std::make_unique<TlsChannel>(link));
                                             });
  asio::post(io.context(), [dialling] { dialling->Start(); });
}

TlsChannel::TlsChannel(std::shared_ptr<TlsLink> link) : link_(std::move(link)) {}
TlsChannel::~TlsChannel() { link_->Close(); }

absl::Status TlsChannel::Send(std::span<const std::uint8_t> message) { return link_->Send(message); }

absl::Status TlsChannel::Receive(std::span<std::uint8_t> message) { return link_->Receive(message); }

absl::StatusOr<std::vector<std::uint8_t>> TlsChannel::ReceiveMessage(std::size_t max_bytes) {
  return ReceiveMessageWithin(max_bytes, {});
}

absl::StatusOr<std::vector<std::uint8_t>> TlsChannel::ReceiveMessageWithin(std::size_t max_bytes,
                                                                           std::chrono::milliseconds limit) {
  CARE_ASSIGN_OR_RETURN(std::vector<std::uint8_t> bytes, link_->ReceiveWithin(limit));
  if (bytes.size() > max_bytes) {
    return absl::DataLossError(absl::StrCat(peer_name(), " sent a message of ", bytes.size(), " bytes where at most ",
                                            max_bytes, " are allowed"));
  }
  return bytes;
}

void TlsChannel::Abort(const absl::Status& why) { link_->Abort(why); }
ChannelMeter TlsChannel::meter() const { return link_->meter(); }
const std::string& TlsChannel::peer_name() const { return link_->peer_name(); }
const std::string& TlsChannel::peer_public_key() const { return link_->peer_public_key(); }
const std::string& TlsChannel::remote_address() const { return link_->remote_address(); }
const TlsIdentity& TlsChannel::identity() const { return link_->identity(); }
void TlsChannel::OnFailure(std::function<void(const absl::Status&)> callback) {
  link_->OnFailure(std::move(callback));
}
void TlsChannel::AwaitMessage(std::chrono::milliseconds limit, std::function<void(const absl::Status&)> callback) {
  link_->AwaitMessage(limit, std::move(callback));
}
void TlsChannel::LimitUnread(std::size_t bytes) { link_->LimitUnread(bytes); }

}  // namespace care::mpc
