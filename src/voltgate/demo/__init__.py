"""``voltgate demo``: a central system on loopback with twelve stations, three sites, and drivers that come and go."""
