# Headers alone: requests, and what answers them.
djcache_room(core ON codec text)
