// ElementReader: hiredis' redisReader for one element: a string, an integer or a null that came in
// pieces, and whatever is not plainly sound. Arrays are walked by the parser: so all that the reader
// ever holds is one short element, and how deep replies are nested, or what hiredis 0.14 and 1.x see
// differently, does not matter.
//
// The only file that knows hiredis.
#pragma once

#include <string>
#include <string_view>

#include "resp/assembly.h"

struct redisReader;

namespace djcache::resp {

class ElementReader {
 public:
  // Elements are added to `assembly`, which must outlive this.
  explicit ElementReader(Assembly& assembly);
  ~ElementReader();
  ElementReader(const ElementReader&) = delete;
  ElementReader& operator=(const ElementReader&) = delete;

  // Forgets what it was fed. Does not throw: without memory, the next feed() does.
  void reset();
  void feed(std::string_view bytes);
  // REQUIRES: what was fed is one element with its end, or a line that is not sound. False: the
  // latter; error() says why, and only reset() helps.
  bool read();
  std::string error() const;

 private:
  friend struct ElementFunctions;

  Assembly& assembly_;
  redisReader* reader_ = nullptr;
  bool out_of_memory_ = false;
};

}  // namespace djcache::resp
