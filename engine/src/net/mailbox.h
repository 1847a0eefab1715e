// Mailbox: functions posted by any thread, run on the loop's. The only part of the engine with a
// lock.
//
// Its uv_async_t exists only while it is open. The handle deletes itself once it has closed, so
// neither the engine nor a posting thread has to outlive it.
#pragma once

#include <uv.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <djcache/unique_function.h>

namespace djcache::net {

class Mailbox final : public std::enable_shared_from_this<Mailbox> {
 public:
  using Letter = UniqueFunction<void()>;
  using Letters = std::vector<Letter>;
  class Owner {
   public:
    virtual void mail_came() = 0;       // there are letters, or the last writer is gone
    virtual void mailbox_closed() = 0;  // the handle of a close() has closed

   protected:
    ~Owner() = default;
  };

  // --- Any thread.
  // False: closed, or full. The letter is then destroyed uncalled, before this returns.
  bool post(Letter letter);
  void add_writer();
  void remove_writer();  // the owner is told when the last one is removed

  // --- The loop's thread.
  // REQUIRES: !is_open(). False when libuv refuses (no descriptors left).
  bool open(uv_loop_t& loop, Owner& owner);
  bool is_open() const { return handle_ != nullptr; }
  void bound(std::size_t letters_max);
  void keep_loop_alive(bool keep);
  bool has_writers();
  Letters take();
  // Refuses letters from now on and returns those accepted before. mailbox_closed() follows.
  Letters close();
  // Ends all reports to the owner.
  void forget_owner() { owner_ = nullptr; }

 private:
  struct Handle;
  void wake();

  std::mutex mutex_;
  Letters letters_;
  std::size_t letters_max_ = 0;
  std::size_t writers_ = 0;
  Handle* handle_ = nullptr;  // written under the lock, and only by the loop's thread
  Owner* owner_ = nullptr;    // used only by the loop's thread
};

}  // namespace djcache::net
