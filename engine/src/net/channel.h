// Channel: the descriptor of one socket, and the loop's watch on it.
//
// Lives on the heap and deletes itself when the loop has released it. Does not keep the loop
// running.
#pragma once

#include <uv.h>

namespace djcache::net {

class Channel {
 public:
  class Owner {
   public:
    // The watched events that occurred. 0: it failed; reading, or connect_error(), gives the error.
    virtual void channel_ready(Channel& channel, int events) = 0;
    virtual void channel_gone() = 0;  // after close()

   protected:
    ~Owner() = default;
  };

  // Null: `error` says why.
  static Channel* open(uv_loop_t& loop, Owner& owner, int family, int& error);
  void set_owner(Owner& owner) { owner_ = &owner; }

  int descriptor() const { return descriptor_; }
  // UV_READABLE, UV_WRITABLE, both or none. Costs nothing if nothing changes.
  void watch(int events);
  // The peer notices at once; the owner is told on a later turn.
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
