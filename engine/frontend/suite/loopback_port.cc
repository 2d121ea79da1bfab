#include "engine/frontend/suite/loopback_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace care::engine {
namespace {

sockaddr_in Loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

absl::StatusOr<std::vector<std::uint16_t>> FreeLoopbackPorts(std::size_t count) {
  std::vector<int> sockets;  // all open until the end, so that no port comes twice
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0) break;
    sockets.push_back(handle);
    sockaddr_in address = Loopback(0);
    socklen_t size = sizeof(address);
    if (bind(handle, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        getsockname(handle, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      break;
    }
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int handle : sockets) close(handle);
  if (ports.size() != count) return absl::UnavailableError("the system has no free port of 127.0.0.1");
  return ports;
}

bool AcceptsOnLoopback(std::uint16_t port) {
  const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (handle < 0) return false;
  const sockaddr_in address = Loopback(port);
  const bool accepts = connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(handle);
  return accepts;
}

}  // namespace care::engine
