// The system calls of this room, in one place, so that a program that makes its own network links
// others.
//
// Nothing here blocks or raises a signal. A failure is a negative number, as libuv's: UV_EAGAIN.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>

#include "link/out_buffer.h"

namespace djcache::net::system {

// A stream socket: its descriptor, which no program that is started inherits.
int open_socket(int family);
// 0: it is under way, and when the socket can be written to connect_error() says what became of it.
int connect(int descriptor, const sockaddr* address, socklen_t size);
int connect_error(int descriptor);  // 0: connected
// Best effort: a system without one of these options still has a connection.
void set_tcp_options(int descriptor);

// How many bytes came, at most `room`; 0: the peer has ended the stream.
ssize_t receive(int descriptor, char* to, std::size_t room);
// The same for a single byte, which stays.
ssize_t peek(int descriptor);
// How many bytes were taken of the first pieces, which are `pieces_max` at most.
constexpr std::size_t pieces_max = 16;
ssize_t send(int descriptor, const link::OutBuffer::Piece* pieces, std::size_t count);
// Neither direction goes on. What has come can still be received, and then the end of the stream.
void shut_down(int descriptor);
void close(int descriptor);

}  // namespace djcache::net::system
