// OutBuffer: the bytes of commands from their encoding until their reply.
//
// Pure. A chain of chunks that never move once written, because the socket may be reading from
// them. Three marks divide it: [released | sent, unanswered | unsent]. Commands are contiguous.
// Sent bytes are kept until their reply, so that idempotent commands can be sent again.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "ring.h"

namespace djcache::link {

class OutBuffer {
 public:
  static constexpr std::size_t chunk_bytes = 64 * 1024;
  // The first chunk: enough for a connection with few commands in flight.
  static constexpr std::size_t first_chunk_bytes = 4 * 1024;

  // Contiguous memory for `bytes`, valid until the next call.
  char* reserve(std::size_t bytes) {
    if (!chunks_.empty() && chunks_.back().capacity - chunks_.back().filled >= bytes) {
      return chunks_.back().data.get() + chunks_.back().filled;
    }
    return grow(bytes);
  }
  // REQUIRES: the last call was reserve() for at least as much.
  void commit(std::size_t bytes) {
    chunks_.back().filled += bytes;
    unsent_ += bytes;
    size_ += bytes;
  }

  struct Piece {
    const char* data;
    std::size_t size;
  };
  // The first pieces of the unsent bytes, at most `max`; returns their number.
  std::size_t unsent_pieces(Piece* pieces, std::size_t max) const;
  void sent(std::size_t bytes);
  // The oldest command has been answered.
  void release(std::size_t bytes) {
    Chunk& chunk = chunks_.front();
    if (chunk.released + bytes > chunk.sent || chunk.released + bytes == chunk.filled) {
      return release_slowly(bytes);
    }
    size_ -= bytes;
    chunk.released += bytes;
  }

  // The oldest `bytes` bytes if they are contiguous; otherwise empty.
  std::string_view front(std::size_t bytes) const {
    if (chunks_.empty()) return {};
    const Chunk& chunk = chunks_.front();
    if (chunk.filled - chunk.released < bytes) return {};
    return {chunk.data.get() + chunk.released, bytes};
  }
  // A walk over everything not yet released, oldest first: skips `bytes`, or appends them to
  // `copy`.
  struct Cursor {
    std::size_t chunk = 0;
    std::size_t offset = 0;
  };
  void read(Cursor& cursor, std::size_t bytes, OutBuffer* copy) const;

  std::size_t unsent() const { return unsent_; }
  std::size_t size() const { return size_; }  // unanswered and unsent
  std::size_t held() const { return held_; }  // memory of the chunks
  // Frees the chunks of larger needs. REQUIRES: the result of front() is no longer in use.
  void fall_back();
  void clear();

 private:
  struct Chunk {
    std::unique_ptr<char[]> data;
    std::size_t capacity = 0;
    std::size_t filled = 0;
    std::size_t sent = 0;      // <= filled
    std::size_t released = 0;  // <= sent
  };

  char* grow(std::size_t bytes);
  void release_slowly(std::size_t bytes);
  void retire_front();

  Ring<Chunk> chunks_;
  std::size_t sending_ = 0;  // index of the chunk where the unsent bytes begin
  std::size_t unsent_ = 0;
  std::size_t size_ = 0;
  std::size_t held_ = 0;
  std::vector<std::unique_ptr<char[]>> spare_;  // a few empty chunks for reuse
};

}  // namespace djcache::link
