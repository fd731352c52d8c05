"""Clients for the scripted servers, as most tests want them, and threads to call them from."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from mailclients import ImapClient

from .scripted import PATIENCE, ScriptedServer

__all__ = ["client_of", "in_thread"]

T = TypeVar("T")


def client_of(server: ScriptedServer, limit: int = 10, **settings: Any) -> ImapClient:
    """A client of `server` with at most `limit` connections and other settings by their names."""
    client = ImapClient(server.host, server.port, "user", "secret")
    client.max_connections_per_server = limit
    client.timeout = int(PATIENCE * 1000)
    for name, value in settings.items():
        setattr(client, name, value)
    return client


def in_thread(function: Callable[[], T]) -> T:
    """What `function` returns in a thread of its own, which is gone afterwards."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result(PATIENCE * 2)
