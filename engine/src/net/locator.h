// Locator: finds the current address of a server that moves: a service watched by Sentinels.
#pragma once

#include <cstdint>
#include <string>

namespace djcache::net {

class Locator {
 public:
  class Asker {
   public:
    virtual void located(const std::string& host, std::uint16_t port) = 0;
    // No answer will come; `reason` is readable.
    virtual void not_located(std::string reason) = 0;

   protected:
    ~Asker() = default;
  };

  // The asker is answered once, later, unless it is forgotten first.
  virtual void locate(Asker& asker) = 0;
  virtual void forget(Asker& asker) = 0;
  // Which Sentinels were asked for the waiting askers, and their answers.
  virtual std::string so_far() const = 0;

 protected:
  ~Locator() = default;
};

}  // namespace djcache::net
