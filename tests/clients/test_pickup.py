"""SmtpClient with a pickup folder: messages become files, no server is asked, and all else is as when sending."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailclients import (
    ArgumentTypeError,
    AsposeArgumentException,
    AsposeInvalidOperationException,
    AsposeNotSupportedException,
    IAsyncResultExt,
    MailAddressCollection,
    MailMessage,
    OperationCanceledException,
    SecurityError,
    SmtpClient,
    SmtpDeliveryMethod,
    SmtpException,
)
from tests.support.autosmtp import SmtpServer, smtp_client
from tests.support.scripted import PATIENCE


def message(number: int = 1, to: str = "bob@example.org") -> MailMessage:
    return MailMessage("ann@example.com", to, f"message {number}", "hello")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[SmtpClient]:
    with SmtpClient() as client:  # without a host: none is needed
        client.delivery_method = SmtpDeliveryMethod.SPECIFIED_PICKUP_DIRECTORY
        client.pickup_directory_location = str(tmp_path)
        yield client


def dropped(folder: Path) -> list[tuple[list[str], MailMessage]]:
    """The envelope lines and the message of each file, in order."""
    found: list[tuple[list[str], MailMessage]] = []
    for path in sorted(folder.iterdir()):
        assert path.suffix == ".eml"
        lines = path.read_bytes().split(b"\r\n")
        count = next(index for index, line in enumerate(lines) if not line.startswith(b"X-"))
        envelope = [line.decode() for line in lines[:count]]
        found.append((envelope, MailMessage.from_bytes(b"\r\n".join(lines[count:]))))
    return found


def test_messages_become_files_with_their_envelopes(client: SmtpClient, tmp_path: Path) -> None:
    first = message(1, "bob@example.org, carl@example.org")
    first.bcc = "dora@example.org"
    client.send(first)
    client.send([message(2), message(3)])
    client.send("ann@example.com", "bob@example.org", "message 4", "text")
    client.forward("", MailAddressCollection("q@example.org"), io.BytesIO(b"Bcc: x@y.example\nSubject: message 5\n\n"))
    client.end_forward(client.begin_forward("s@example.org", "t@example.org", message(6)))
    client.end_send(client.begin_send(message(7), message(8)))
    files = dropped(tmp_path)
    assert [one.subject for _, one in files] == [f"message {number}" for number in range(1, 9)]
    assert files[0][0] == [
        "X-Sender: ann@example.com",
        "X-Receiver: bob@example.org",
        "X-Receiver: carl@example.org",
        "X-Receiver: dora@example.org",
    ]
    assert files[0][1].message_id == first.message_id
    assert files[4][0] == ["X-Sender: <>", "X-Receiver: q@example.org"]
    assert files[5][0] == ["X-Sender: s@example.org", "X-Receiver: t@example.org"]
    assert not any(b"dora" in one.as_bytes() or b"Bcc" in one.as_bytes() for _, one in files)
    assert client.pool.size == 0


def test_events_and_callbacks_are_told_as_when_sending(client: SmtpClient, tmp_path: Path) -> None:
    told: list[str] = []
    done = threading.Event()
    client.succeeded_sending += lambda sender, args: told.append(f"sent {args.message.subject}")
    client.failed_sending += lambda sender, args: told.append(f"{type(args.operation_error).__name__}")

    def callback(handle: IAsyncResultExt[None]) -> None:
        told.append(str(handle.async_state))
        done.set()

    handle = client.begin_send(message(), callback=callback, state="state")
    assert done.wait(PATIENCE)
    client.end_send(handle)
    assert told == ["sent message 1", "state"]
    client.pickup_directory_location = str(tmp_path / "missing")
    with pytest.raises(FileNotFoundError):
        client.send(message())
    with pytest.raises(SmtpException) as caught:
        client.send([message(1), message(2)])
    details = caught.value.operation_details
    assert details is not None
    assert [type(error) for error in details.failed.values()] == [FileNotFoundError] * 2
    handle = client.begin_send(message())
    with pytest.raises(FileNotFoundError):
        client.end_send(handle)
    assert told[2:] == ["FileNotFoundError"] * 4
    assert len(dropped(tmp_path)) == 1


def test_T10_what_is_cancelled_before_it_begins_is_not_written(client: SmtpClient, tmp_path: Path) -> None:
    release, blocked = threading.Event(), threading.Semaphore(0)

    def hold(sender: object, args: Any) -> None:
        blocked.release()
        release.wait(PATIENCE)

    client.succeeded_sending += hold
    first = client.begin_send(message(1))
    assert blocked.acquire(timeout=PATIENCE)
    # Begun and cancelled faster than a thread can take it: all but those that were quicker are as if never begun.
    handles = [client.begin_send(message(number)) for number in range(2, 40)]
    for handle in reversed(handles):
        client.cancel_async_operation(handle)
    client.cancel_async_operation(first)
    assert not first.is_canceled
    release.set()
    client.end_send(first)
    written = {1}
    for number, handle in enumerate(handles, 2):
        if not handle.is_canceled:
            client.end_send(handle)
            written.add(number)
            continue
        with pytest.raises(OperationCanceledException):
            client.end_send(handle)
    assert len(written) < 39
    assert {one.subject for _, one in dropped(tmp_path)} == {f"message {number}" for number in written}


def test_the_folder_has_to_be_named_and_only_what_is_sent_goes_there(tmp_path: Path) -> None:
    with SmtpServer() as server, smtp_client(server) as client:
        assert client.delivery_method is SmtpDeliveryMethod.NETWORK
        client.delivery_method = SmtpDeliveryMethod.SPECIFIED_PICKUP_DIRECTORY
        for begin in (client.send, client.begin_send):
            with pytest.raises(AsposeInvalidOperationException, match="pickup_directory_location"):
                begin(message())
        client.pickup_directory_location = str(tmp_path)
        client.noop()
        assert client.validate_credentials()
        client.send(message(1))
        assert server.accepted == []
        client.delivery_method = SmtpDeliveryMethod.NETWORK
        client.send(message(2))
        assert len(server.accepted) == 1
        assert len(dropped(tmp_path)) == 1


def test_require_tls_cannot_be_asked_of_a_pickup_service(client: SmtpClient, tmp_path: Path) -> None:
    client.require_tls = True
    for begin in (client.send, client.begin_send):
        with pytest.raises(SecurityError, match="pickup"):
            begin(message())
    assert dropped(tmp_path) == []


def test_wrong_values_are_refused(client: SmtpClient, tmp_path: Path) -> None:
    with pytest.raises(AsposeNotSupportedException, match="IIS"):
        client.delivery_method = SmtpDeliveryMethod.PICKUP_DIRECTORY_FROM_IIS
    for value in (1, None, "network"):
        with pytest.raises(ArgumentTypeError):
            client.delivery_method = value  # type: ignore[assignment]
    for path in (None, 7, b"x", "a\0b"):
        with pytest.raises(AsposeArgumentException):
            client.pickup_directory_location = path  # type: ignore[assignment]
    client.pickup_directory_location = tmp_path / "sub"
    assert client.pickup_directory_location == str(tmp_path / "sub")
    with pytest.raises(AsposeArgumentException, match="recipients"):
        client.send(MailMessage("ann@example.com", "", "s", "b"))
    client.dispose()
    with pytest.raises(AsposeInvalidOperationException):
        client.send(message())
