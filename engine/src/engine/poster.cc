// The public handle Poster.
#include <djcache/poster.h>

#include "engine/writer.h"

namespace djcache {

bool Poster::post(UniqueFunction<void()> fn) const {
  return writer_ != nullptr && writer_->mailbox().post(std::move(fn));
}

}  // namespace djcache
