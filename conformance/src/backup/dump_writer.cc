#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "src/backup/dump_file.h"
#include "src/backup/dump_format.h"

namespace djcache::conformance {
namespace {

// A new file name is on disk only once its folder is synchronized.
bool synchronize_folder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool synchronized = ::fsync(fd) == 0;
  ::close(fd);
  return synchronized;
}

std::string reason() { return std::strerror(errno); }

}  // namespace

harness::Opened<DumpWriter> DumpWriter::create(const std::string& path, const DumpSource& source) {
  if (::access(path.c_str(), F_OK) == 0) return {nullptr, path + " exists already"};
  const std::string partial = path + ".partial";
  const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return {nullptr, path + " cannot be created: " + reason()};
  std::FILE* file = ::fdopen(fd, "wb");
  if (file == nullptr) return {nullptr, path + " cannot be created: " + reason()};
  std::unique_ptr<DumpWriter> writer(new DumpWriter(path, file));
  DumpStream& out = writer->stream_;
  const bool written = out.write(dump_magic) && writer->write_string(source.host) &&
                       writer->write_string(source.unix_path) && out.write_number(source.port) &&
                       out.write_number(static_cast<std::uint64_t>(source.db)) &&
                       out.write_number(source.with_credentials ? 1 : 0);
  if (!written) return {nullptr, writer->failed().problem};
  return {std::move(writer), {}};
}

DumpWriter::~DumpWriter() {
  if (!finished_) ::unlink(partial().c_str());
}

bool DumpWriter::write_string(const std::string& text) {
  return stream_.write_number(text.size()) && stream_.write(text);
}

harness::Outcome DumpWriter::failed() const { return {path_ + " cannot be written: " + reason()}; }

harness::Outcome DumpWriter::add(const DumpedKey& key) {
  const bool written = stream_.write_number(dump_key_follows) &&
                       stream_.write_number(static_cast<std::uint64_t>(key.expires_at_ms)) &&
                       write_string(key.key) && write_string(key.dump);
  if (!written) return failed();
  ++keys_;
  return {};
}

harness::Outcome DumpWriter::finish() {
  const bool written = std::ferror(stream_.file()) == 0 && stream_.write_number(dump_end) &&
                       stream_.write_number(keys_) && stream_.write_number(stream_.checksum()) &&
                       std::fflush(stream_.file()) == 0 && ::fsync(::fileno(stream_.file())) == 0;
  if (!written) return failed();
  stream_.close();
  if (::rename(partial().c_str(), path_.c_str()) != 0) return failed();
  finished_ = true;
  if (!synchronize_folder(path_)) return failed();
  return {};
}

}  // namespace djcache::conformance
