// Dialer: from a name, an address or a path to a connected channel.
//
// The addresses of a name are tried as in RFC 8305 ("happy eyeballs"): the next attempt begins when
// the last one has failed or been silent for a while, earlier attempts continue, and the first that
// connects wins.
#pragma once

#include <djcache/error.h>
#include <uv.h>

#include <cstdint>
#include <string>
#include <vector>

#include "net/address.h"
#include "net/channel.h"
#include "net/locator.h"
#include "net/loop_clock.h"

namespace djcache::net {

// The destination of a connection.
struct Target {
  std::string host;  // or the path of a unix socket
  std::uint16_t port = 0;
  bool unix_socket = false;
  Locator* locator = nullptr;  // asked for host and port on each attempt; outlives every dialer
};

class Dialer final : private Channel::Owner, private Locator::Asker {
 public:
  class Owner {
   public:
    // the channel belongs to the owner now
    virtual void dialed(Channel& channel, const Address& address) = 0;
    virtual void dial_failed(std::string reason, Errc code) = 0;  // no address is left
    // due() may be earlier than before.
    virtual void dialer_waits() = 0;
    virtual void dialer_gone() = 0;  // after stop() or an answer: no handle is left in the loop

   protected:
    ~Owner() = default;
  };

  Dialer(uv_loop_t& loop, LoopClock& clock, Owner& owner, Target target, std::uint64_t limit_ms);

  // The answer may come during the call. `preferred` is tried first if it is one of the target's
  // addresses.
  void start(const Address& preferred);
  // When to call on_due(); UINT64_MAX: never.
  std::uint64_t due() const;
  void on_due(std::uint64_t now);
  void stop();
  bool gone() const { return !resolving_ && closing_ == 0 && attempts_.empty(); }
  // Each address with its outcome; empty if there is only one.
  std::string reasons() const;
  // The name or address being dialed.
  const std::string& host() const { return target_.host; }

 private:
  struct Attempt {
    Channel* channel;
    const Address* address;
    bool waits_for_room;  // the peer's queue is full: connect() must be called again
  };

  template <class Work>
  void guarded(Work work);
  void channel_ready(Channel& channel, int events) override;
  void channel_gone() override;
  void located(const std::string& host, std::uint16_t port) override;
  void not_located(std::string reason) override;
  void begin();
  void resolve();
  void resolved(int status, const addrinfo* list);
  void try_addresses();
  void try_next();
  void go_on();
  void connect(std::size_t place);
  void connected(std::size_t place);
  void failed(std::size_t place, int error);
  void note(const Address& address, const std::string& reason);
  void end();
  std::string unresolved(const char* why) const;

  uv_loop_t& loop_;
  LoopClock& clock_;
  Owner& owner_;
  Target target_;
  const std::uint64_t ends_;
  Address preferred_;
  bool locating_ = false;
  bool resolving_ = false;
  bool ended_ = false;
  std::size_t closing_ = 0;  // number of channels
  std::vector<Address> addresses_;
  std::size_t next_ = 0;
  std::uint64_t next_at_ = UINT64_MAX;   // when the next address is tried
  std::uint64_t again_at_ = UINT64_MAX;  // when attempts with a full queue are retried
  std::vector<Attempt> attempts_;
  std::string reasons_;  // for each address that failed
  uv_getaddrinfo_t resolve_request_;
};

// Milliseconds of the monotonic clock.
std::uint64_t monotonic_ms();
std::uint64_t monotonic_us();

}  // namespace djcache::net
