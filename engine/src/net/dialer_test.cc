// Names with several addresses: this program contains its own resolver.
#include "net/dialer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>

#include "net/system.h"

namespace {
std::vector<const char*> resolved;  // the addresses of every name
}

// Exported, so that libuv finds these instead of the C library's.
extern "C" {
[[gnu::visibility("default")]] int getaddrinfo(const char*, const char*, const addrinfo*,
                                               addrinfo** list) {
  *list = nullptr;
  for (auto it = resolved.rbegin(); it != resolved.rend(); ++it) {
    auto* address = new sockaddr_in{};
    address->sin_family = AF_INET;
    inet_pton(AF_INET, *it, &address->sin_addr);
    auto* entry = new addrinfo{};
    entry->ai_family = AF_INET;
    entry->ai_addrlen = sizeof *address;
    entry->ai_addr = reinterpret_cast<sockaddr*>(address);
    entry->ai_next = *list;
    *list = entry;
  }
  return resolved.empty() ? EAI_NONAME : 0;
}
[[gnu::visibility("default")]] void freeaddrinfo(addrinfo* list) {
  while (list != nullptr) {
    addrinfo* next = list->ai_next;
    delete reinterpret_cast<sockaddr_in*>(list->ai_addr);
    delete list;
    list = next;
  }
}
}

namespace djcache::net {
namespace {

using ::testing::HasSubstr;

class Listener {
 public:
  // Silent: its queue is full, and nothing accepts. Port 0: any.
  Listener(const char* host, std::uint16_t port, bool silent = false) {
    const Address address = numeric_address(host, port);
    socket_ = make(AF_INET);
    const int reuse = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
    EXPECT_EQ(::bind(socket_, address.get(), address.size), 0) << host;
    EXPECT_EQ(::listen(socket_, silent ? 0 : 10), 0);
    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size);
    port_ = ntohs(bound.sin_port);
    for (int i = 0; silent && i < 4; ++i) {
      others_.push_back(make(AF_INET));
      (void)::connect(others_.back(), reinterpret_cast<sockaddr*>(&bound), size);
    }
  }
  ~Listener() {
    ::close(socket_);
    for (const int each : others_) ::close(each);
  }
  std::uint16_t port() const { return port_; }
  static int make(int family) {
    return ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
  std::vector<int> others_;
};

class Dialing : public ::testing::Test, private Dialer::Owner, private Channel::Owner {
 protected:
  Dialing() {
    uv_loop_init(&loop_);
    // Without active handles a loop does not poll, and a dialer keeps none active.
    uv_idle_init(&loop_, &busy_);
    uv_idle_start(&busy_, [](uv_idle_t*) {});
  }
  ~Dialing() override {
    dialer_->stop();
    if (channel_ != nullptr) channel_->close();
    uv_close(reinterpret_cast<uv_handle_t*>(&busy_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    EXPECT_TRUE(dialer_->gone());
    EXPECT_EQ(uv_loop_close(&loop_), 0);
  }
  Dialer::Owner& owner() { return *this; }
  void dial(std::vector<const char*> addresses, std::uint16_t port,
            const Address& preferred = Address{}) {
    resolved = std::move(addresses);
    dialer_.emplace(loop_, clock_, owner(), Target{"name", port, false}, 3'600'000);
    dialer_->start(preferred);
  }
  // What the owner was told; if `hurries`, the next address is tried without waiting.
  std::string answer(bool hurries) {
    while (answer_.empty()) {
      uv_run(&loop_, UV_RUN_NOWAIT);
      if (hurries && dialer_->due() != UINT64_MAX) dialer_->on_due(dialer_->due());
    }
    return answer_;
  }
  // Waits until this many attempts have begun, not counting failed ones.
  void wait_for_pending(std::size_t count) {
    while (pending() < count) {
      uv_run(&loop_, UV_RUN_NOWAIT);
      if (dialer_->due() != UINT64_MAX) dialer_->on_due(dialer_->due());
    }
  }

  LoopClock clock_{&monotonic_ms};
  std::optional<Dialer> dialer_;
  uv_loop_t loop_;
  uv_idle_t busy_;

 private:
  std::size_t pending() const {
    const std::string text = dialer_->reasons();
    std::size_t count = 0;
    for (auto at = text.find("no answer"); at != text.npos; at = text.find("no answer", at + 1)) {
      ++count;
    }
    return count;
  }
  void dialed(Channel& channel, const Address& address) override {
    channel_ = &channel;
    channel.set_owner(*this);
    answer_ = "connected to " + (address.family() == AF_UNIX ? "a path" : to_string(address));
  }
  void dial_failed(std::string reason, Errc) override { answer_ = std::move(reason); }
  void dialer_waits() override {}
  void dialer_gone() override {}
  void channel_ready(Channel&, int) override {}
  void channel_gone() override {}

  Channel* channel_ = nullptr;
  std::string answer_;
};

TEST_F(Dialing, ASilentAddressDoesNotKeepTheNextWaiting) {
  const Listener there("127.0.0.1", 0), silent("127.0.0.2", there.port(), true);
  dial({"127.0.0.2", "127.0.0.1"}, there.port());
  EXPECT_EQ(answer(true), "connected to 127.0.0.1");
}

TEST_F(Dialing, AnAddressThatRefusesMakesWayAtOnce) {
  const Listener there("127.0.0.1", 0);
  dial({"127.0.0.3", "127.0.0.4", "127.0.0.1"}, there.port());
  EXPECT_EQ(answer(false), "connected to 127.0.0.1");
}

TEST_F(Dialing, TheFirstToConnectWinsAndTheOthersAreClosed) {
  const Listener there("127.0.0.1", 0), also("127.0.0.2", there.port());
  dial({"127.0.0.1", "127.0.0.2"}, there.port());
  EXPECT_THAT(answer(true), HasSubstr("connected to 127.0.0."));
}

TEST_F(Dialing, AnAddressThatConnectedBeforeIsTheFirst) {
  const Listener there("127.0.0.1", 0), silent("127.0.0.2", there.port(), true);
  dial({"127.0.0.2", "127.0.0.1"}, there.port(), numeric_address("127.0.0.1", there.port()));
  EXPECT_EQ(answer(false), "connected to 127.0.0.1");
}

TEST_F(Dialing, WhenAllFailEachHasItsReason) {
  const Listener there("127.0.0.1", 0);
  dial({"127.0.0.3", "127.0.0.4"}, there.port());
  EXPECT_EQ(answer(true), "127.0.0.3: connection refused; 127.0.0.4: connection refused");
}

TEST_F(Dialing, WhatIsPendingAtTheLimitHasItsReasonToo) {
  const Listener there("127.0.0.1", 0), silent("127.0.0.2", there.port(), true);
  dial({"127.0.0.3", "127.0.0.2"}, there.port());
  wait_for_pending(1);
  while (dialer_->reasons().find("refused") == std::string::npos) uv_run(&loop_, UV_RUN_NOWAIT);
  EXPECT_EQ(dialer_->reasons(), "127.0.0.3: connection refused; 127.0.0.2: no answer");
}

TEST_F(Dialing, MayEndWhileAddressesArePending) {
  const Listener there("127.0.0.1", 0), silent("127.0.0.2", there.port(), true);
  dial({"127.0.0.2", "127.0.0.2"}, there.port());
  wait_for_pending(2);
  dialer_->stop();
}

TEST_F(Dialing, AUnixSocketWhoseQueueIsFullIsAskedAgain) {
  const std::string path = ::testing::TempDir() + "djcache-dialer-" + std::to_string(::getpid());
  const Address address = unix_address(path);
  const int listener = Listener::make(AF_UNIX);
  ASSERT_EQ(::bind(listener, address.get(), address.size), 0);
  ASSERT_EQ(::listen(listener, 0), 0);
  const int first = Listener::make(AF_UNIX);
  ASSERT_EQ(::connect(first, address.get(), address.size), 0);
  dialer_.emplace(loop_, clock_, owner(), Target{path, 0, true}, 3'600'000);
  dialer_->start({});
  dialer_->on_due(dialer_->due());  // still full
  ASSERT_NE(dialer_->due(), UINT64_MAX);
  ::close(::accept(listener, nullptr, nullptr));
  EXPECT_EQ(answer(true), "connected to a path");
  for (const int each : {first, listener}) ::close(each);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace djcache::net
