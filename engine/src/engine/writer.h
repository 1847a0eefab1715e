// Writer: shared by all copies of a Poster. While it exists the mailbox has a writer.
//
// Destroyed on any thread.
#pragma once

#include <memory>
#include <utility>

#include "net/mailbox.h"

namespace djcache::detail {

class Writer {
 public:
  explicit Writer(std::shared_ptr<net::Mailbox> mailbox) : mailbox_(std::move(mailbox)) {
    mailbox_->add_writer();
  }
  ~Writer() { mailbox_->remove_writer(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  net::Mailbox& mailbox() { return *mailbox_; }

 private:
  std::shared_ptr<net::Mailbox> mailbox_;
};

}  // namespace djcache::detail
