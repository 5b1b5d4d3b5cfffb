"""Sites: places where stations stand. A station names its site by id; a site with stations cannot be removed."""
