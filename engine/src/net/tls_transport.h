// TlsTransport: the bytes of a stream encrypted by a tls::Session.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "net/transport.h"
#include "tls/context.h"
#include "tls/session.h"

namespace djcache::net {

class TlsTransport final : public Transport {
 public:
  // REQUIRES: not null.
  explicit TlsTransport(std::shared_ptr<tls::Context> context) : context_(std::move(context)) {}

  void meet(const std::string& host) override;
  int start(int descriptor) override;
  // REQUIRES: 64 KiB of room or more.
  ssize_t read(char* to, std::size_t room) override;
  ssize_t write(const link::OutBuffer::Piece* pieces, std::size_t count) override;
  ssize_t flush() override;
  bool quiet() override;
  bool pending() const override;
  std::optional<TlsPeer> peer() const override { return session_->peer(); }
  std::string_view failure() const override {
    return session_ != nullptr ? session_->failure() : std::string_view();
  }

 private:
  bool keep_rest();
  std::size_t decrypt(char* to, std::size_t room);
  // Data that arrived before the end is reported first, then the end, whatever the session says
  // later.
  bool over() const;
  ssize_t ending() const;

  std::shared_ptr<tls::Context> context_;
  std::unique_ptr<tls::Session> session_;
  int descriptor_ = -1;
  std::string early_;  // arrived with the end of the handshake
  tls::Session::Status last_read_ = tls::Session::Status::done;
};

}  // namespace djcache::net
