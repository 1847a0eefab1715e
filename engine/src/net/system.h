// The system calls of this room in one place, so that a program with a network of its own can link
// others.
//
// None of them blocks or raises a signal. Failures are negative numbers, as in libuv: UV_EAGAIN.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>

#include "link/out_buffer.h"

namespace djcache::net::system {

// A stream socket; its descriptor is close-on-exec.
int open_socket(int family);
// 0: in progress; once the socket is writable connect_error() has the outcome.
int connect(int descriptor, const sockaddr* address, socklen_t size);
int connect_error(int descriptor);  // 0: connected
// Best effort: a system without one of these options still has a connection.
void set_tcp_options(int descriptor);

// The number of bytes received, at most `room`; 0: end of the stream.
ssize_t receive(int descriptor, char* to, std::size_t room);
// The same for a single byte, which remains unread.
ssize_t peek(int descriptor);
// The number of bytes taken of the first pieces, at most `pieces_max` pieces.
constexpr std::size_t pieces_max = 16;
ssize_t send(int descriptor, const link::OutBuffer::Piece* pieces, std::size_t count);
// Ends both directions. Bytes that have arrived can still be received, then the end of the stream.
void shut_down(int descriptor);
void close(int descriptor);

}  // namespace djcache::net::system
