// RedisBackend: the operations of a cache as redis commands over pools.
//
// Knows commands and replies, but neither sockets nor loops. The first server takes all writes;
// with more than one, reads go to a random one of the others (django/core/cache/backends/redis.py,
// RedisCacheClient.get_client).
#pragma once

#include <memory>
#include <vector>

#include "core/backend.h"
#include "link/pool.h"
#include "redis/reading.h"
#include "redis/scripts.h"
#include "resp/encoder.h"

namespace djcache::redis {

class RedisBackend final : public Backend {
 public:
  // `pools`: primary first, not empty; all outlive the backend. `calls` ends refused operations.
  RedisBackend(std::vector<link::Pool*> pools, Calls& calls, std::uint64_t seed);

  void ask(const Request& request, Call* call) override;
  void ask_many(const ManyRequest& request, Call* call) override;
  std::vector<link::Pool*> pools() const override { return pools_; }
  link::Pool* pool(const CallOptions& options) override { return &reader(options); }

 private:
  // A command being written into a connection's buffer.
  struct Draft {
    link::Connection* connection = nullptr;  // null: refused, the call has been ended
    char* begin = nullptr;
  };

  // How a command is sent, and its reply read.
  struct How {
    const Reading& reading;
    bool idempotent;  // may be executed twice
    std::uint32_t replies = 1;
  };

  // The EX argument of a SET, formatted once for as long as the ttl stays the same.
  class ExText {
   public:
    void write(std::int64_t seconds, resp::Encoder& to) {
      if (seconds != seconds_) [[unlikely]] {
        const char* const end =
            resp::Encoder(text_).raw("$2\r\nEX\r\n").bulk_integer(seconds).end();
        size_ = static_cast<std::size_t>(end - text_);
        seconds_ = seconds;
      }
      to.start_of(text_, size_);
    }

   private:
    std::int64_t seconds_ = -1;
    std::size_t size_ = 0;
    char text_[48];
  };

  link::Pool& primary() { return *pools_.front(); }
  link::Pool& reader(const CallOptions& options);
  Draft draft(link::Pool& pool, std::string_view affinity, const CallOptions& options,
              std::size_t arguments, std::size_t payload, Call* call);
  void refuse(link::Pool& pool, std::size_t bound, Call* call);
  void submit(link::Pool& pool, const Draft& draft, const resp::Encoder& encoder, const How& how,
              const CallOptions& options, Call* call);
  // A command with constant arguments and one key.
  template <std::size_t size>
  void one_key(link::Pool& pool, const char (&constant)[size], const Request& request,
               const How& how, Call* call);
  void ask_otherwise(const Request& request, Call* call);
  void get(const Request& request, Call* call);
  void set(const Request& request, Call* call);
  void set_absent(const Request& request, Call* call);
  void add(const Request& request, Call* call);
  void touch(const Request& request, Call* call);
  void incr(const Request& request, Call* call);
  void move(const Request& request, Call* call);
  // A command with at least one argument; not for hot paths.
  void send(std::string_view affinity, std::span<const std::string_view> arguments, const How& how,
            const CallOptions& options, Call* call);
  void send(const Request& request, std::initializer_list<std::string_view> arguments,
            const How& how, Call* call);
  void replace(const Request& request, Call* call);
  void lock(const Request& request, Call* call);
  void run_script(std::string_view script, const Request& request, bool idempotent, Call* call,
                  bool with_number = false);

  // One part of a request that is divided among several connections.
  void ask_group(link::Pool& pool, const ManyRequest& request, Call* call);
  void get_group(link::Pool& pool, const ManyRequest& request, Call* call);
  void set_group(const ManyRequest& request, Call* call);
  void erase_group(const ManyRequest& request, Call* call);
  void set_entries_with_expiry(const ManyRequest& request, std::int64_t seconds, Call* call);
  template <class Item>
  void ask_groups(link::Pool& pool, const ManyRequest& request,
                  std::span<const Item> ManyRequest::*items, Call* call);

  std::vector<link::Pool*> pools_;
  Calls& calls_;
  ExText ex_;
  std::uint64_t random_;
};

}  // namespace djcache::redis
