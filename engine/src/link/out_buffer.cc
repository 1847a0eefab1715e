#include "link/out_buffer.h"

#include <algorithm>
#include <cstring>

namespace djcache::link {

namespace {
constexpr std::size_t spare_max = 4;
}

char* OutBuffer::grow(std::size_t bytes) {
  // An empty chunk that is too small must not stay in front: front() looks at one chunk only.
  if (size_ == 0) {
    while (!chunks_.empty()) retire_front();
  }
  chunks_.reserve_one();
  Chunk chunk;
  if (bytes <= chunk_bytes && !spare_.empty()) {
    chunk.data = std::move(spare_.back());
    spare_.pop_back();
    chunk.capacity = chunk_bytes;
  } else {
    chunk.capacity =
        held_ == 0 && bytes <= first_chunk_bytes ? first_chunk_bytes : std::max(bytes, chunk_bytes);
    chunk.data = std::make_unique_for_overwrite<char[]>(chunk.capacity);
    held_ += chunk.capacity;
  }
  chunks_.push_back(std::move(chunk));
  // The unsent bytes begin in the new chunk if everything before is sent.
  if (unsent_ == 0) sending_ = chunks_.size() - 1;
  return chunks_.back().data.get();
}

std::size_t OutBuffer::unsent_pieces(Piece* pieces, std::size_t max) const {
  std::size_t count = 0;
  for (std::size_t i = sending_; i < chunks_.size() && count < max; ++i) {
    const Chunk& chunk = chunks_[i];
    if (chunk.filled > chunk.sent) {
      pieces[count++] = {chunk.data.get() + chunk.sent, chunk.filled - chunk.sent};
    }
  }
  return count;
}

void OutBuffer::sent(std::size_t bytes) {
  unsent_ -= bytes;
  while (bytes > 0) {
    Chunk& chunk = chunks_[sending_];
    const std::size_t step = std::min(bytes, chunk.filled - chunk.sent);
    chunk.sent += step;
    bytes -= step;
    if (bytes > 0) ++sending_;
  }
}

void OutBuffer::release_slowly(std::size_t bytes) {
  size_ -= bytes;
  while (bytes > 0) {
    Chunk& chunk = chunks_.front();
    const std::size_t step = std::min(bytes, chunk.sent - chunk.released);
    chunk.released += step;
    bytes -= step;
    if (chunk.released < chunk.filled) continue;
    if (chunks_.size() > 1) {
      retire_front();
    } else {
      chunk.filled = chunk.sent = chunk.released = 0;
    }
  }
}

void OutBuffer::retire_front() {
  Chunk chunk = chunks_.take_front();
  if (sending_ > 0) --sending_;
  if (chunk.capacity == chunk_bytes && spare_.size() < spare_max) {
    spare_.push_back(std::move(chunk.data));
  } else {
    held_ -= chunk.capacity;
  }
}

void OutBuffer::read(Cursor& cursor, std::size_t bytes, OutBuffer* copy) const {
  // One command is contiguous, but a slot may consist of several.
  while (bytes > 0) {
    const Chunk& chunk = chunks_[cursor.chunk];
    const std::size_t at = std::max(cursor.offset, chunk.released);
    const std::size_t step = std::min(bytes, chunk.filled - at);
    if (copy != nullptr && step > 0) {
      std::memcpy(copy->reserve(step), chunk.data.get() + at, step);
      copy->commit(step);
    }
    bytes -= step;
    cursor.offset = at + step;
    if (cursor.offset == chunk.filled) cursor = {cursor.chunk + 1, 0};
  }
}

void OutBuffer::fall_back() {
  held_ -= spare_.size() * chunk_bytes;
  spare_.clear();
  if (size_ == 0 && held_ > first_chunk_bytes) clear();
}

void OutBuffer::clear() {
  chunks_.clear();
  spare_.clear();
  sending_ = unsent_ = size_ = held_ = 0;
}

}  // namespace djcache::link
