// Socket: one stream, from its name to a connected peer to its end.
//
// Lives on the heap and deletes itself after its last libuv callback, so nothing has to outlive it.
// Reports to its owner until the owner calls detach(). Never inside a call.
#pragma once

#include <djcache/error.h>
#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/dialer.h"
#include "net/transport.h"

namespace djcache::link {
class Connection;
}

namespace djcache::net {

class Socket final : private Dialer::Owner, private Channel::Owner {
 public:
  class Owner {
   public:
    // due() may be earlier than before.
    virtual void socket_waits(Socket& socket) = 0;
    virtual void socket_connected(Socket& socket) = 0;
    // No address is left, or (`code`) the peer is not the expected one. The socket is closing.
    virtual void socket_failed(Socket& socket, std::string_view reason, Errc code) = 0;
    virtual void socket_bytes(Socket& socket, std::string_view bytes) = 0;
    // The stream has ended or failed. It is still open.
    virtual void socket_lost(Socket& socket, std::string_view reason, Errc code) = 0;
    virtual void socket_writable(Socket& socket) = 0;
    // No handle is left in the loop.
    virtual void socket_gone(Socket& socket) = 0;
    // Memory for received bytes, used until socket_bytes() returns. Empty: none available.
    virtual std::span<char> socket_space() = 0;

   protected:
    ~Owner() = default;
  };

  // Starts at once. All addresses share `limit_ms`; `preferred` is tried first. `transport` null:
  // plain bytes.
  static Socket* open(uv_loop_t& loop, LoopClock& clock, Owner& owner, const Target& target,
                      const Address& preferred, std::uint64_t limit_ms,
                      std::unique_ptr<Transport> transport = nullptr);

  // For the owner's use: the connection (null: none any more), and the socket's index in a list.
  link::Connection* connection = nullptr;
  std::size_t place = 0;

  // Ends all reports to the owner.
  void detach() { owner_ = nullptr; }
  // Closes everything; socket_gone() follows on a later turn.
  void close();

  // Whether write() may be called: connected, and not full.
  bool takes_bytes() const { return state_ == State::open && !full_; }
  // To be called before the first write after a silence. False: the peer has closed, or sent
  // something that the loop has not read; writing is possible once it has been read.
  bool looks_alive();
  // Passes the first pieces to the system; returns how many bytes it took. If not all,
  // socket_writable() follows, or socket_lost() once everything from the peer has been read.
  std::size_t write(const link::OutBuffer::Piece* pieces, std::size_t count);

  // When to call on_due(); UINT64_MAX: never.
  std::uint64_t due() const { return dialer_.due(); }
  void on_due(std::uint64_t now) { dialer_.on_due(now); }
  // The outcome of each address while several are tried and none has connected; or that the
  // connected peer does not answer. Empty: nothing to report.
  std::string reasons() const;
  bool starting() const { return state_ == State::starting; }
  // REQUIRES: it has connected.
  const Address& address() const { return address_; }
  // Who is at the other end, while it is open and where that is known.
  std::optional<TlsPeer> peer() const {
    return state_ == State::open && other_ != nullptr ? other_->peer() : std::nullopt;
  }

 private:
  enum class State : std::uint8_t { dialing, starting, open, lost, closing };

  Socket(uv_loop_t& loop, LoopClock& clock, Owner& owner, const Target& target,
         std::uint64_t limit_ms);
  ~Socket() = default;

  void dialed(Channel& channel, const Address& address) override;
  void dial_failed(std::string reason, Errc code) override;
  void dialer_waits() override;
  void dialer_gone() override { delete_if_done(); }
  void channel_ready(Channel& channel, int events) override;
  void channel_gone() override;
  void start_transport();
  bool read();
  void flush();
  void note_write_error(ssize_t error);
  void ended(ssize_t result);
  void lose(std::string_view reason, Errc code = Errc::connection_lost);
  int wanted() const;
  void delete_if_done();

  Owner* owner_;
  uv_loop_t& loop_;
  State state_ = State::dialing;
  bool full_ = false;    // or something must be read first
  bool peeked_ = false;  // the latter
  std::uint64_t read_at_us_ = 0;
  bool failed_ = false;      // connecting failed; the owner has yet to be told
  bool end_open_ = false;    // the handle
  ssize_t write_error_ = 0;  // writing is no longer possible
  std::string reason_;       // why it failed
  Errc code_ = Errc::connect_failed;
  Dialer dialer_;
  Address address_;
  Channel* channel_ = nullptr;
  Transport& transport() { return other_ != nullptr ? *other_ : plain_; }

  PlainTransport plain_;
  std::unique_ptr<Transport> other_;
  uv_idle_t end_;  // never started: closing it postpones reports to a later turn
};

}  // namespace djcache::net
