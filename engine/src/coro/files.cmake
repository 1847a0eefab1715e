# The header coro.h needs no source of ours; its tests make the room.
djcache_room(coro HARNESS ON engine TESTS coro_allocation_test.cc coro_end_test.cc coro_test.cc task_fixture.h ../engine/engine_fixture.cc)
