// Locator: knows where a server is now whose address changes: a service that Sentinels watch.
#pragma once

#include <cstdint>
#include <string>

namespace djcache::net {

class Locator {
 public:
  class Asker {
   public:
    virtual void located(const std::string& host, std::uint16_t port) = 0;
    // No answer will come; `reason` is for people.
    virtual void not_located(std::string reason) = 0;

   protected:
    ~Asker() = default;
  };

  // The asker is answered once, later, unless it is forgotten before.
  virtual void locate(Asker& asker) = 0;
  virtual void forget(Asker& asker) = 0;
  // Whom it has asked for those that wait, and what they said.
  virtual std::string so_far() const = 0;

 protected:
  ~Locator() = default;
};

}  // namespace djcache::net
