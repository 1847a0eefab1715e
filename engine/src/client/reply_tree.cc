#include "client/reply_tree.h"

namespace djcache {

namespace client {

// The parser's limit of nesting bounds the recursion.
Reply to_tree(const resp::Reply& reply) {
  Reply tree;
  switch (reply.type()) {
    case resp::Type::nil:
      break;
    case resp::Type::integer:
      tree.type = Reply::Type::integer;
      tree.integer = reply.integer();
      break;
    case resp::Type::status:
      tree.type = Reply::Type::status;
      tree.text = reply.text();
      break;
    case resp::Type::error:
      tree.type = Reply::Type::error;
      tree.text = reply.text();
      break;
    case resp::Type::string:
      tree.type = Reply::Type::string;
      tree.text = reply.body() != nullptr ? std::move(*reply.body()) : std::string(reply.text());
      break;
    case resp::Type::oversized:
      tree.type = Reply::Type::error;
      tree.text = reply.text();
      break;
    case resp::Type::array: {
      tree.type = Reply::Type::array;
      tree.elements.reserve(reply.size());
      resp::Reply item = reply;
      for (std::size_t i = 0; i < reply.size(); ++i) {
        item = i == 0 ? reply.first() : item.next();
        tree.elements.push_back(to_tree(item));
      }
      break;
    }
  }
  return tree;
}

}  // namespace client

namespace {

void print_text(std::string_view text, std::size_t max_size, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (out.size() > max_size) return;
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 32 || byte == 127) {
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void print(const Reply& reply, std::size_t max_size, std::string& out) {
  if (out.size() > max_size) return;
  switch (reply.type) {
    case Reply::Type::nil:
      out += "nil";
      break;
    case Reply::Type::status:
      out += reply.text;
      break;
    case Reply::Type::error:
      out += "(error) " + reply.text;
      break;
    case Reply::Type::integer:
      out += std::to_string(reply.integer);
      break;
    case Reply::Type::string:
      print_text(reply.text, max_size, out);
      break;
    case Reply::Type::array:
      out += '[';
      for (std::size_t i = 0; i < reply.elements.size() && out.size() <= max_size; ++i) {
        if (i > 0) out += ", ";
        print(reply.elements[i], max_size, out);
      }
      out += ']';
      break;
  }
}

}  // namespace

std::string to_string(const Reply& reply, std::size_t max_size) {
  std::string text;
  print(reply, max_size, text);
  if (text.size() > max_size) text.replace(max_size, std::string::npos, "...");
  return text;
}

}  // namespace djcache
