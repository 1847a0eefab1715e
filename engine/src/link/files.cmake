djcache_room(link SOURCES connection.cc out_buffer.cc pipeline.cc pool.cc)
