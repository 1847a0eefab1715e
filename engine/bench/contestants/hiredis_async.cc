#include <hiredis/adapters/libuv.h>
#include <hiredis/async.h>

#include "contestants/c_client.h"

namespace djcache::bench {
namespace {

struct Hiredis {
  using Context = redisAsyncContext;
  using Reply = redisReply;
  using Callback = redisCallbackFn;
  static constexpr const char* name = "hiredis";
  static constexpr int string = REDIS_REPLY_STRING, status = REDIS_REPLY_STATUS;
  static constexpr auto connect = &redisAsyncConnect;
  static constexpr auto on_disconnect = &redisAsyncSetDisconnectCallback;
  static constexpr auto attach = &redisLibuvAttach;
  static constexpr auto command = &redisAsyncCommandArgv;
  static constexpr auto disconnect = &redisAsyncDisconnect;
};

}  // namespace

std::unique_ptr<Contestant> make_hiredis_async(const Workload&) {
  return std::make_unique<CClient<Hiredis>>();
}

}  // namespace djcache::bench
