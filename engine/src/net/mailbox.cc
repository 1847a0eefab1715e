#include "net/mailbox.h"

#include <utility>

namespace djcache::net {

struct Mailbox::Handle {
  uv_async_t async{};
  std::shared_ptr<Mailbox> box;
};

bool Mailbox::post(Letter letter) {
  const std::lock_guard lock(mutex_);
  if (handle_ == nullptr || letters_.size() >= letters_max_) return false;
  letters_.push_back(std::move(letter));
  // One call wakes the loop for all letters until it collects them.
  if (letters_.size() == 1) wake();
  return true;
}

// REQUIRES: the lock, so that the handle cannot start closing meanwhile.
void Mailbox::wake() { uv_async_send(&handle_->async); }

void Mailbox::add_writer() {
  const std::lock_guard lock(mutex_);
  ++writers_;
}

void Mailbox::remove_writer() {
  const std::lock_guard lock(mutex_);
  if (--writers_ == 0 && handle_ != nullptr) wake();
}

bool Mailbox::has_writers() {
  const std::lock_guard lock(mutex_);
  return writers_ > 0;
}

bool Mailbox::open(uv_loop_t& loop, Owner& owner) {
  auto handle = std::make_unique<Handle>();
  const auto wake_up = [](uv_async_t* async) {
    Mailbox& box = *static_cast<Handle*>(async->data)->box;
    if (box.owner_ != nullptr) box.owner_->mail_came();
  };
  if (uv_async_init(&loop, &handle->async, wake_up) != 0) return false;
  handle->async.data = handle.get();
  handle->box = shared_from_this();
  uv_unref(reinterpret_cast<uv_handle_t*>(&handle->async));
  owner_ = &owner;
  const std::lock_guard lock(mutex_);
  handle_ = handle.release();
  return true;
}

void Mailbox::bound(std::size_t letters_max) {
  const std::lock_guard lock(mutex_);
  letters_max_ = letters_max;
}

void Mailbox::keep_loop_alive(bool keep) {
  if (handle_ == nullptr) return;
  auto* handle = reinterpret_cast<uv_handle_t*>(&handle_->async);
  keep ? uv_ref(handle) : uv_unref(handle);
}

Mailbox::Letters Mailbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(letters_, {});
}

Mailbox::Letters Mailbox::close() {
  Letters left;
  Handle* closing = nullptr;
  {
    const std::lock_guard lock(mutex_);
    left.swap(letters_);
    closing = std::exchange(handle_, nullptr);
  }
  if (closing != nullptr) {
    uv_close(reinterpret_cast<uv_handle_t*>(&closing->async), [](uv_handle_t* handle) {
      const std::unique_ptr<Handle> closed(static_cast<Handle*>(handle->data));
      if (closed->box->owner_ != nullptr) closed->box->owner_->mailbox_closed();
    });
  }
  return left;
}

}  // namespace djcache::net
