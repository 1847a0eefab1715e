// ThreadWatch: notices when an engine is used by a thread other than the one that runs its loop.
// Pure, except that it asks which thread is running.
#pragma once

#include <cstdint>

#include "thread_number.h"

namespace djcache::net {

// A loop may move to another thread together with everything that uses the engine. So a call from
// elsewhere counts as misuse only if the thread that ran the loop before it also runs it next.
class ThreadWatch {
 public:
  void call() {
    if (thread_number() != loop_thread_) [[unlikely]] {
      called_elsewhere_ = true;
    }
  }
  // An event of the loop begins.
  void event() {
    const std::uint32_t here = thread_number();
    misused_ = misused_ || (called_elsewhere_ && here == loop_thread_);
    loop_thread_ = here;
    called_elsewhere_ = false;
  }
  bool misused() const { return misused_; }

 private:
  std::uint32_t loop_thread_ = thread_number();  // of the latest event; at first the constructor's
  bool called_elsewhere_ = false;                // since that event
  bool misused_ = false;
};

}  // namespace djcache::net
