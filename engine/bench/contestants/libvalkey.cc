#include <valkey/adapters/libuv.h>
#include <valkey/async.h>

#include "contestants/c_client.h"

namespace djcache::bench {
namespace {

struct Libvalkey {
  using Context = valkeyAsyncContext;
  using Reply = valkeyReply;
  using Callback = valkeyCallbackFn;
  static constexpr const char* name = "libvalkey";
  static constexpr int string = VALKEY_REPLY_STRING, status = VALKEY_REPLY_STATUS;
  static constexpr auto connect = &valkeyAsyncConnect;
  static constexpr auto on_disconnect = &valkeyAsyncSetDisconnectCallback;
  static constexpr auto attach = &valkeyLibuvAttach;
  static constexpr auto command = &valkeyAsyncCommandArgv;
  static constexpr auto disconnect = &valkeyAsyncDisconnect;
};

}  // namespace

std::unique_ptr<Contestant> make_libvalkey(const Workload&) {
  return std::make_unique<CClient<Libvalkey>>();
}

}  // namespace djcache::bench
