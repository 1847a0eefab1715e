// SessionAccess: what a Session lets its store do, and nobody else.
//
// Pure.
#pragma once

#include <djcache/session_data.h>

#include <string>
#include <utility>

namespace djcache {

class SessionAccess {
 public:
  // The data of an entry that was found, or of one that is new. REQUIRES: a dict.
  static void fill(Session& session, Value data) {
    session.data_ = std::move(data);
    session.loaded_ = true;
    session.accessed_ = true;
    session.modified_ = false;
  }
  static void mark_loaded(Session& session) { session.loaded_ = true; }
  static void set_key(Session& session, std::string key) { session.key_ = std::move(key); }
  static void forget_key(Session& session) { session.key_.reset(); }
  // The data as it is, without counting as an access.
  static const Value& peek(const Session& session) { return session.data_; }
};

}  // namespace djcache
