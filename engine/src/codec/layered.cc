#include "codec/layered.h"

#include <cstring>

#include "codec/integer_text.h"
#include "codec/limits.h"

namespace djcache::codec {
namespace {

// Joins two parts. A value in one part is not copied.
std::string_view joined(const Encoded& encoded, std::string& buffer) {
  if (encoded.head.empty()) return encoded.body;
  if (encoded.body.empty()) return encoded.head;
  restart(buffer);
  buffer.reserve(encoded.size());
  buffer.append(encoded.head).append(encoded.body);
  return buffer;
}

bool is_integer(const Value& value) {
  return value.is(Kind::integer) || value.is(Kind::big_integer);
}

// Leaves room for the reasons of a few serializers in one line.
std::string shortened(std::string_view reason) {
  constexpr std::size_t shown_max = 160;
  if (reason.size() <= shown_max) return std::string(reason);
  return std::string(reason.substr(0, shown_max)) + "...";
}

}  // namespace

bool LayeredCodec::encode(const Value& value, Scratch& scratch, Encoded& out, Error& error) const {
  if (!own_.serializers.front()->encode(value, scratch, out, error)) return false;
  const bool integer = is_integer(value);
  if (integer && !own_.sign_integers) return true;
  if (own_.compressor && !integer && out.size() > own_.compress_min_bytes) {
    if (!compress(scratch, out, error)) return false;
  }
  if (own_.signer && !sign(scratch, out, error)) return false;
  return check_size(out.size(), limits_, error);
}

bool LayeredCodec::compress(Scratch& scratch, Encoded& out, Error& error) const {
  std::string reason;
  restart(scratch.compressed);
  if (!own_.compressor->compress(joined(out, scratch.joined), scratch.compressed, reason)) {
    error = {Errc::encode_failed, std::string(own_.compressor->name) + ": " + reason};
    return false;
  }
  out = {{}, scratch.compressed};
  return true;
}

bool LayeredCodec::sign(Scratch& scratch, Encoded& out, Error& error) const {
  constexpr std::size_t room = sizeof scratch.signed_head - Signer::prefix_size;
  if (out.head.size() > room) out = {{}, joined(out, scratch.joined)};
  if (!own_.signer->sign(out.head, out.body, scratch.signed_head)) {
    error = {Errc::encode_failed, "signed: the library failed"};
    return false;
  }
  // memcpy requires a pointer even for zero bytes.
  if (!out.head.empty()) {
    std::memcpy(scratch.signed_head + Signer::prefix_size, out.head.data(), out.head.size());
  }
  out.head = {scratch.signed_head, Signer::prefix_size + out.head.size()};
  return true;
}

bool LayeredCodec::decode(std::string_view bytes, Value& out, Error& error) const {
  if (!check_size(bytes.size(), limits_, error)) return false;
  if (!own_.signer) return expand_and_decode(bytes, out, error);
  Value integer;
  if (!own_.sign_integers && read_integer(bytes, integer)) {
    return own_.serializers.front()->decode(bytes, out, error);
  }
  std::string_view payload;
  std::string reason;
  if (!own_.signer->verify(bytes, payload, reason)) {
    error = {Errc::decode_failed, "signed: " + reason};
    return false;
  }
  return expand_and_decode(payload, out, error);
}

bool LayeredCodec::expand_and_decode(std::string_view bytes, Value& out, Error& error) const {
  std::string reasons;
  for (const CompressorTable* compressor : own_.compressors) {
    if (!compressor->has_head(bytes)) continue;
    std::string expanded, reason;
    switch (compressor->expand(bytes, limits_.max_bytes, expanded, reason)) {
      case Expansion::done:
        return deserialize(expanded, out, error);
      case Expansion::too_large:
        error = {Errc::value_too_large, std::string(compressor->name) +
                                            ": a value that expands to more than the limit of " +
                                            std::to_string(limits_.max_bytes) + " bytes"};
        return false;
      case Expansion::damaged:
        reasons.append(compressor->name).append(": ").append(reason).append("; ");
    }
  }
  // A short value was stored uncompressed, whatever it looks like. Anything else that begins like
  // compressed data is damaged, and raw must not return it.
  const bool may_be_plain = !own_.compressor || bytes.size() <= own_.compress_min_bytes;
  if (reasons.empty()) return deserialize(bytes, out, error);
  if (may_be_plain && deserialize(bytes, out, error)) return true;
  if (!may_be_plain) error = {Errc::decode_failed, ""};
  error.detail.insert(0, reasons);
  if (!may_be_plain) error.detail.resize(error.detail.size() - 2);
  return false;
}

bool LayeredCodec::deserialize(std::string_view bytes, Value& out, Error& error) const {
  if (own_.serializers.size() == 1) return own_.serializers[0]->decode(bytes, out, error);
  std::string reasons;
  for (const auto& serializer : own_.serializers) {
    Error failed;
    if (serializer->decode(bytes, out, failed)) return true;
    if (failed.code != Errc::decode_failed) {
      error = std::move(failed);
      return false;
    }
    reasons.append(reasons.empty() ? "" : "; ").append(shortened(failed.detail));
  }
  error = {Errc::decode_failed, "no serializer reads it: " + reasons};
  return false;
}

}  // namespace djcache::codec
