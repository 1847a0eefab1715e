#include "src/backup/dump_file.h"

namespace djcache::conformance {

void DumpStream::count(std::string_view bytes) {
  for (const char byte : bytes) {
    checksum_ = (checksum_ ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  }
}

bool DumpStream::write(std::string_view bytes) {
  count(bytes);
  return std::fwrite(bytes.data(), 1, bytes.size(), file()) == bytes.size();
}

bool DumpStream::read(std::string& into, std::uint64_t size) {
  into.resize(size);
  if (std::fread(into.data(), 1, size, file()) != size) return false;
  count(into);
  return true;
}

bool DumpStream::write_number(std::uint64_t number) {
  char bytes[8];
  for (char& byte : bytes) {
    byte = static_cast<char>(number & 0xff);
    number >>= 8;
  }
  return write({bytes, sizeof bytes});
}

bool DumpStream::read_number(std::uint64_t& number) {
  std::string bytes;
  if (!read(bytes, 8)) return false;
  number = 0;
  for (int i = 7; i >= 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  }
  return true;
}

}  // namespace djcache::conformance
