// tests/unit/net/tcp_relay.h
//
// What lies between two nodes, on loopback: it passes bytes on, at a rate or not at all, and may ask for an HTTP
// CONNECT first, as an organisation's proxy does. Two threads a connection, one each way, so that a full direction
// does not hold up the other.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace care::mpc {

inline int ConnectTo(int port) {
  const int handle = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return handle;
  close(handle);
  return -1;
}

inline int PortOf(const std::string& address) { return std::stoi(address.substr(address.rfind(':') + 1)); }

class TcpRelay {
 public:
  struct Options {
    std::size_t bytes_per_second = 0;  // each way; 0: as fast as it goes
    // Makes the connection with the other end, after whatever it wants to hear first; -1: none.
    std::function<int(int client)> open;
  };

  explicit TcpRelay(Options options) : options_(std::move(options)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int small = 64 << 10;  // little is under way in the kernel, so a rate is felt at once
    setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(listener_, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    threads_.emplace_back([this] { Accept(); });
  }
  ~TcpRelay() {
    ended_ = true;
    shutdown(listener_, SHUT_RDWR);
    Cut();
    while (true) {
      std::list<std::thread> threads;
      {
        std::lock_guard lock(mutex_);
        threads.swap(threads_);
      }
      if (threads.empty()) break;
      for (std::thread& thread : threads) thread.join();
      Cut();
    }
    close(listener_);
    for (const int handle : handles_) close(handle);
  }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }
  void Stall() { stalled_ = true; }
  void Cut() {
    std::lock_guard lock(mutex_);
    for (const int handle : handles_) shutdown(handle, SHUT_RDWR);
  }

 private:
  void Accept() {
    while (!ended_) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      std::lock_guard lock(mutex_);
      handles_.push_back(client);
      threads_.emplace_back([this, client] {
        const int server = options_.open(client);
        if (server < 0) {
          shutdown(client, SHUT_RDWR);
          return;
        }
        std::lock_guard inner(mutex_);
        handles_.push_back(server);
        threads_.emplace_back([this, client, server] { Pump(client, server); });
        threads_.emplace_back([this, client, server] { Pump(server, client); });
      });
    }
  }

  void Pump(int from, int to) {
    std::vector<char> bytes(options_.bytes_per_second == 0 ? 65536 : options_.bytes_per_second / 50 + 1);
    while (!ended_) {
      while (stalled_ && !ended_) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      const ssize_t size = recv(from, bytes.data(), bytes.size(), 0);
      if (size <= 0) break;
      for (ssize_t sent = 0; sent < size;) {
        const ssize_t now = send(to, bytes.data() + sent, static_cast<std::size_t>(size - sent), MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += now;
      }
      if (options_.bytes_per_second > 0) {
        std::this_thread::sleep_for(std::chrono::duration<double>(static_cast<double>(size) /
                                                                  static_cast<double>(options_.bytes_per_second)));
      }
    }
    shutdown(to, SHUT_WR);
  }

  const Options options_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ended_{false};
  std::atomic<bool> stalled_{false};
  std::mutex mutex_;
  std::list<std::thread> threads_;
  std::vector<int> handles_;
};

// Reads the request's header, answers `answer`, and goes on to wherever the request says if that is a success.
class ConnectProxy {
 public:
  explicit ConnectProxy(std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n")
      : relay_({.open = [this, answer = std::move(answer)](int client) {
          std::string header;
          char byte;
          while (header.find("\r\n\r\n") == std::string::npos && recv(client, &byte, 1, 0) == 1) header += byte;
          {
            std::lock_guard lock(mutex_);
            request_ = header;
          }
          if (!answer.empty()) (void)send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
          if (answer.find(" 200 ") == std::string::npos) return -1;
          const std::string target = header.substr(8, header.find(' ', 8) - 8);
          return ConnectTo(PortOf(target));
        }}) {}
  std::string address() const { return relay_.address(); }
  std::string request() {
    std::lock_guard lock(mutex_);
    return request_;
  }

 private:
  std::mutex mutex_;
  std::string request_;
  TcpRelay relay_;
};

}  // namespace care::mpc
