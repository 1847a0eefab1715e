// Channel: the descriptor of one socket, and the loop's watch over it.
//
// Lives on the heap and deletes itself when the loop has let go of it. Keeps no loop running.
#pragma once

#include <uv.h>

namespace djcache::net {

class Channel {
 public:
  class Owner {
   public:
    // What was watched for. 0: it failed, and reading it, or connect_error(), says how.
    virtual void channel_ready(Channel& channel, int events) = 0;
    virtual void channel_gone() = 0;  // after close()

   protected:
    ~Owner() = default;
  };

  // Null: `error` says why.
  static Channel* open(uv_loop_t& loop, Owner& owner, int family, int& error);
  void set_owner(Owner& owner) { owner_ = &owner; }

  int descriptor() const { return descriptor_; }
  // UV_READABLE, UV_WRITABLE, both or none. Costs nothing when that is what it does already.
  void watch(int events);
  // At once for the peer; the owner hears of it on a later turn.
  void close();

 private:
  explicit Channel(Owner& owner) : owner_(&owner) {}
  ~Channel() = default;
  int open(uv_loop_t& loop, int family);

  Owner* owner_;
  int descriptor_ = -1;
  int watched_ = 0;
  uv_poll_t poll_;
};

}  // namespace djcache::net
