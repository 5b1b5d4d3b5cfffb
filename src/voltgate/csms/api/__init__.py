"""The HTTP API: mounts each room's routes, lets people and programs in, answers errors as problem+json, describes itself as OpenAPI.

How a room's ``routes.py`` looks::

    @get("/tokens", tags=["tokens"])
    async def list_tokens(context: TheContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Page[Token]:
        \"\"\"All tokens.\"\"\"

    @post("/tokens", tags=["tokens"])
    async def add_token(context: TheContext, operator: Who, data: JSONBody[NewToken]) -> Token: ...

    ROUTES = [list_tokens, add_token]

Paths are relative to ``/api/v1``. Refuse with the classes of `problems` (``raise NotFound("there is no token 'X'")``). Litestar keeps some
parameter names for itself (state, query, headers, cookies, body, scope): name the parameter otherwise and its `QueryParameter` so.
Who may do what is declared once, in `access`. Rooms import `injected`, `pagination` and `problems`;
only the composition root imports `app`.
"""
