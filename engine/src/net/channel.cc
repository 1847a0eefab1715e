#include "net/channel.h"

#include <utility>

#include "net/system.h"

namespace djcache::net {

Channel* Channel::open(uv_loop_t& loop, Owner& owner, int family, int& error) {
  auto* channel = new Channel(owner);
  error = channel->open(loop, family);
  if (error == 0) return channel;
  delete channel;
  return nullptr;
}

int Channel::open(uv_loop_t& loop, int family) {
  descriptor_ = system::open_socket(family);
  if (descriptor_ < 0) return descriptor_;
  if (const int error = uv_poll_init(&loop, &poll_, descriptor_); error != 0) {
    system::close(descriptor_);
    return error;
  }
  poll_.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&poll_));
  return 0;
}

void Channel::watch(int events) {
  if (events == watched_) return;
  watched_ = events;
  if (events == 0) return (void)uv_poll_stop(&poll_);
  uv_poll_start(&poll_, events, [](uv_poll_t* poll, int status, int happened) {
    auto& channel = *static_cast<Channel*>(poll->data);
    if (status != 0) channel.watched_ = 0;  // libuv has stopped watching
    channel.owner_->channel_ready(channel, status == 0 ? happened : 0);
  });
}

void Channel::close() {
  if (descriptor_ < 0) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), [](uv_handle_t* handle) {
    auto* channel = static_cast<Channel*>(handle->data);
    channel->owner_->channel_gone();
    delete channel;
  });
  // Not earlier: libuv must have stopped watching it.
  system::close(std::exchange(descriptor_, -1));
}

}  // namespace djcache::net
