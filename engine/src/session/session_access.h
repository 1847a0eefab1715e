// SessionAccess: the functions of a Session that are reserved for its store.
//
// Pure.
#pragma once

#include <djcache/session_data.h>

#include <string>
#include <utility>

namespace djcache {

class SessionAccess {
 public:
  // Sets the data of an entry that was found or created. REQUIRES: a dict.
  static void fill(Session& session, Value data) {
    session.data_ = std::move(data);
    session.loaded_ = true;
    session.accessed_ = true;
    session.modified_ = false;
  }
  static void mark_loaded(Session& session) { session.loaded_ = true; }
  static void set_key(Session& session, std::string key) { session.key_ = std::move(key); }
  static void forget_key(Session& session) { session.key_.reset(); }
  // The data, without counting as an access.
  static const Value& peek(const Session& session) { return session.data_; }
};

}  // namespace djcache
