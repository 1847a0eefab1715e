#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "src/backup/dump_file.h"
#include "src/backup/dump_format.h"

namespace djcache::conformance {

harness::Opened<DumpReader> DumpReader::open(const std::string& path) {
  std::unique_ptr<DumpReader> reader(new DumpReader(path));
  if (auto checked = reader->check(); !checked) return {nullptr, path + ": " + checked.problem};
  if (auto ready = reader->rewind(); !ready) return {nullptr, path + ": " + ready.problem};
  return {std::move(reader), {}};
}

harness::Outcome DumpReader::check() {
  if (auto opened = rewind(); !opened) return opened;
  while (next()) {
  }
  keys_ = read_;
  return {problem_};
}

harness::Outcome DumpReader::rewind() {
  stream_ = DumpStream(std::fopen(path_.c_str(), "rbe"));
  struct stat status {};
  if (stream_.file() == nullptr || ::fstat(::fileno(stream_.file()), &status) != 0) {
    return {std::string("cannot be opened: ") + std::strerror(errno)};
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  read_ = 0;
  ended_ = false;
  problem_.clear();
  std::string magic;
  if (!S_ISREG(status.st_mode) || size_ < dump_magic.size() ||
      !stream_.read(magic, dump_magic.size()) || magic != dump_magic) {
    return {"is no file that --allow-flush of this version wrote"};
  }
  if (!read_source()) return {"is damaged: it is cut short or its head is wrong"};
  return {};
}

bool DumpReader::read_source() {
  std::uint64_t port = 0, db = 0, with_credentials = 0;
  const bool read = read_string(source_.host) && read_string(source_.unix_path) &&
                    stream_.read_number(port) && stream_.read_number(db) &&
                    stream_.read_number(with_credentials);
  if (!read || port > 0xffff || db > 0x7fffffff || with_credentials > 1) return false;
  source_.port = static_cast<std::uint16_t>(port);
  source_.db = static_cast<int>(db);
  source_.with_credentials = with_credentials == 1;
  return true;
}

// A size beyond the end of the file is damage; nothing is allocated for it.
bool DumpReader::read_string(std::string& into) {
  std::uint64_t size = 0;
  if (!stream_.read_number(size)) return false;
  const long at = std::ftell(stream_.file());
  return at >= 0 && size <= size_ - static_cast<std::uint64_t>(at) && stream_.read(into, size);
}

std::optional<DumpedKey> DumpReader::next() {
  if (ended_ || !problem_.empty()) return {};
  std::uint64_t kind = 0, expires_at = 0;
  if (!stream_.read_number(kind)) return fail("is damaged: it is cut short");
  if (kind == dump_end) {
    ended_ = true;
    return read_end() ? std::nullopt : fail("is damaged: its checksum or its end is wrong");
  }
  DumpedKey key;
  if (kind != dump_key_follows || !stream_.read_number(expires_at) || !read_string(key.key) ||
      !read_string(key.dump)) {
    return fail("is damaged: it is cut short or an entry is wrong");
  }
  key.expires_at_ms = static_cast<std::int64_t>(expires_at);
  ++read_;
  return key;
}

bool DumpReader::read_end() {
  std::uint64_t keys = 0, checksum = 0;
  if (!stream_.read_number(keys)) return false;
  const std::uint64_t expected = stream_.checksum();
  return stream_.read_number(checksum) && checksum == expected && keys == read_ &&
         std::fgetc(stream_.file()) == EOF;
}

std::optional<DumpedKey> DumpReader::fail(const std::string& why) {
  problem_ = why;
  return {};
}

}  // namespace djcache::conformance
