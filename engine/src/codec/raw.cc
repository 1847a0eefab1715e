#include "codec/raw.h"

#include "codec/limits.h"

namespace djcache::codec {

bool RawCodec::encode(const Value& value, Scratch&, Encoded& out, Error& error) const {
  if (!value.is(Kind::string) && !value.is(Kind::bytes)) {
    error = {Errc::encode_failed, "raw: stores str and bytes only, not " +
                                      std::string(to_string(value.kind())) +
                                      "; turn it into bytes first, or choose another serializer"};
    return false;
  }
  out = {{}, value.text()};
  return check_size(out.size(), limits_, error);
}

bool RawCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  out = Value::bytes(bytes);
  return true;
}

}  // namespace djcache::codec
