// ElementReader: hiredis' redisReader for a single element: a string, an integer or a null that
// came in pieces, and whatever is not plainly valid. The parser walks arrays itself, so the reader
// only ever holds one short element, and neither nesting nor differences between hiredis 0.14 and
// 1.x matter.
//
// The only file that includes hiredis.
#pragma once

#include <string>
#include <string_view>

#include "resp/assembly.h"

struct redisReader;

namespace djcache::resp {

class ElementReader {
 public:
  // Adds elements to `assembly`, which must outlive this object.
  explicit ElementReader(Assembly& assembly);
  ~ElementReader();
  ElementReader(const ElementReader&) = delete;
  ElementReader& operator=(const ElementReader&) = delete;

  // Discards its input. Does not throw: if memory is missing, the next feed() does.
  void reset();
  void feed(std::string_view bytes);
  // REQUIRES: the input is one complete element, or an invalid line. False: the latter; error()
  // says why, and only reset() helps.
  bool read();
  std::string error() const;

 private:
  friend struct ElementFunctions;

  Assembly& assembly_;
  redisReader* reader_ = nullptr;
  bool out_of_memory_ = false;
};

}  // namespace djcache::resp
