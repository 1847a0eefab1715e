// TLS servers other than redis-server: stunnel in front of one, and `openssl s_server`, for which a
// thread types the answers, and commands of s_server's own.
#pragma once

#include <djcache/harness/certificates.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace djcache {

struct TlsEndOptions {
  harness::Certificate shows;
  const char* version = "";  // "TLSv1.2", "TLSv1.3", or both
  bool wants_clients = false;
};

class TlsEnd {
 public:
  // Null: it is not installed, or does not start. Stunnel passes everything on to `port`.
  static std::unique_ptr<TlsEnd> stunnel(const TlsEndOptions& options, std::uint16_t port);
  // Knows one value: GET is answered 7.
  static std::unique_ptr<TlsEnd> openssl(const TlsEndOptions& options);
  ~TlsEnd();
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& host = "127.0.0.1") const {
    return "rediss://" + host + ":" + std::to_string(port_);
  }
  // A command of s_server's: "K" new keys, "r" renegotiation, "q" the end of the connection.
  void type(const std::string& command);
  // Waits until it has said that, after what was waited for before.
  bool says(const std::string& text, std::chrono::milliseconds limit = std::chrono::seconds(5));
  void kill9();

 private:
  TlsEnd() = default;
  bool start(const std::vector<std::string>& words);
  void listen_to_it();
  void answer(std::string_view said);

  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  std::thread listener_;
  std::mutex mutex_;
  std::string said_;
  std::size_t waited_for_ = 0;  // of what was said
  std::size_t answered_ = 0;
};

}  // namespace djcache
