// EchoPeer: a server, in a thread of its own, that answers every command with an error that repeats
// it.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "resp/words.h"

namespace djcache::reliability {

class EchoPeer {
 public:
  struct Manner {
    std::string before{};  // of each word
    std::string begin = "-ERR unknown command ";
    std::size_t size = 0;    // repeated until the line has this many bytes
    bool handshakes = true;  // AUTH, SELECT, CLIENT and PING are answered +OK
    bool twice = false;      // each reply comes twice
  };

  explicit EchoPeer(Manner manner) : manner_(std::move(manner)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool listens =
        ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
        ::listen(listener_, 16) == 0 &&
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    port_ = listens ? ntohs(address.sin_port) : 0;
    thread_ = std::thread([this] { serve(); });
  }
  ~EchoPeer() {
    stop_ = true;
    thread_.join();
    ::close(listener_);
  }
  EchoPeer(const EchoPeer&) = delete;
  EchoPeer& operator=(const EchoPeer&) = delete;

  std::uint16_t port() const { return port_; }
  // The words it received, without the names of commands.
  std::vector<std::string> words() {
    const std::lock_guard lock(mutex_);
    return words_;
  }

 private:
  struct Client {
    int socket;
    std::string unread;
  };

  void serve() {
    std::vector<Client> clients;
    while (!stop_) {
      std::vector<pollfd> polled{{listener_, POLLIN, 0}};
      for (const Client& client : clients) polled.push_back({client.socket, POLLIN, 0});
      if (::poll(polled.data(), polled.size(), 10) <= 0) continue;
      for (std::size_t i = clients.size(); i-- > 0;) {
        if (polled[i + 1].revents != 0 && !read_from(clients[i])) {
          ::close(clients[i].socket);
          clients.erase(clients.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
      if (polled[0].revents != 0) {
        clients.push_back({::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), {}});
      }
    }
    for (const Client& client : clients) ::close(client.socket);
  }

  bool read_from(Client& client) {
    char bytes[65536];
    const ssize_t got = ::recv(client.socket, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    client.unread.append(bytes, static_cast<std::size_t>(got));
    while (const std::size_t size = size_of_command(client.unread)) {
      const std::string answer = answer_to(std::string_view(client.unread).substr(0, size));
      client.unread.erase(0, size);
      if (::send(client.socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return false;
    }
    return true;
  }

  // 0: incomplete.
  static std::size_t size_of_command(std::string_view bytes) {
    const std::size_t count = bytes.empty() ? 0 : std::stoul(std::string(bytes.substr(1, 10)));
    resp::Words words(bytes);
    std::string_view word;
    for (std::size_t i = 0; i < count; ++i) {
      if (!words.next(word)) return 0;
    }
    return count == 0 ? 0 : static_cast<std::size_t>(word.data() + word.size() + 2 - bytes.data());
  }

  std::string answer_to(std::string_view command) {
    resp::Words words(command);
    std::string echo, name;
    for (std::string_view word; words.next(word);) {
      echo.append(manner_.before).append(word).append(" ");
      if (words.is_name()) {
        name = word;
      } else {
        const std::lock_guard lock(mutex_);
        words_.emplace_back(word);
      }
    }
    const bool handshake = name == "AUTH" || name == "SELECT" || name == "CLIENT" || name == "PING";
    if (handshake && manner_.handshakes) return "+OK\r\n";
    std::string line = manner_.begin;
    do {
      line += echo;
    } while (line.size() < manner_.size);
    line += "\r\n";
    return manner_.twice ? line + line : line;
  }

  Manner manner_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> words_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace djcache::reliability
