"""A WebSocket client made of bytes, to say what no library would say."""

import asyncio
import base64
import struct
from typing import NamedTuple, Self

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 1, 2, 8, 9, 10, 0


class Frame(NamedTuple):
    opcode: int
    payload: bytes
    compressed: bool = False

    @property
    def close_code(self) -> int:
        assert self.opcode == CLOSE
        return int(struct.unpack("!H", self.payload[:2])[0])


class Response(NamedTuple):
    status: int
    headers: dict[str, str]


def frame(opcode: int, payload: bytes, *, final: bool = True, compressed: bool = False) -> bytes:
    """A masked frame; the mask is zero."""
    head = (0x80 if final else 0) | (0x40 if compressed else 0) | opcode
    size = len(payload)
    if size < 126:
        length = struct.pack("!B", 0x80 | size)
    elif size < 1 << 16:
        length = struct.pack("!BH", 0x80 | 126, size)
    else:
        length = struct.pack("!BQ", 0x80 | 127, size)
    return bytes([head]) + length + bytes(4) + payload


class RawSocket:
    """One TCP connection to the server under test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int) -> Self:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def upgrade(self, path: str, **headers: str | None) -> Response:
        """Ask for the upgrade; header names are written with underscores, None leaves a usual one out."""
        usual: dict[str, str | None] = {
            "Host": "localhost",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "ocpp1.6",
        }
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}" for name, value in (usual | given).items() if value is not None]
        self.writer.write("\r\n".join([f"GET {path} HTTP/1.1", *lines, "", ""]).encode())
        return await self.response()

    async def response(self) -> Response:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        return Response(int(head[0].split()[1]), {name.lower(): value for name, value in pairs})

    def send(self, opcode: int, payload: bytes, *, final: bool = True, compressed: bool = False) -> None:
        self.writer.write(frame(opcode, payload, final=final, compressed=compressed))

    async def receive(self) -> Frame:
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return Frame(first & 0x0F, await self.reader.readexactly(size), bool(first & 0x40))

    async def close(self) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)
