"""`lona-sync channel`: send messages to running applications, and hear them."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from datetime import timedelta

from ..channels import Link, connect
from ..errors import AwaitTimeout
from .endings import Unusable, end_by_pipe, end_quietly_by_ctrl_c


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    channel = commands.add_parser(
        "channel", help="send and hear messages", description="Talk to the channels of running applications.",
    )
    actions = channel.add_subparsers(dest="action", required=True)
    send = actions.add_parser("send", help="send one message", description="Send one message; exits when Redis has it.")
    send.add_argument("topic")
    # Not optional: before Python 3.13, `send topic --text data` would be refused then.
    send.add_argument("data", help="JSON (null: nothing), or - to read it from stdin")
    send.add_argument("--text", action="store_true", help="data is the text itself, not JSON")
    send.add_argument("--ttl", type=_seconds, metavar="SECONDS", help="the message is worthless after so long")
    send.add_argument("--timeout", type=_seconds, default=5.0, metavar="SECONDS", help="for Redis to take it (default: 5)")
    send.set_defaults(function=_send, log_level="warning")
    listen = actions.add_parser(
        "listen", help="print messages", description="Print each message as one line of JSON: topic, data, timestamp, id, missed.",
    )
    listen.add_argument("topics", nargs="+", metavar="topic", help="a topic, or a pattern such as 'chat.*'")
    listen.add_argument("--count", type=_count, metavar="N", help="end after so many messages")
    listen.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="exit with 1 after so long without a message")
    listen.set_defaults(function=_listen, log_level="warning")
    for action in (send, listen):
        action.add_argument("--broker", default="", metavar="URL", help="default: the environment's LONA_SYNC_BROKER")


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"expected a number of seconds greater than 0, not {text!r}")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more messages, not {text!r}")
    return number


def _connect(url: str) -> Link:
    try:
        return connect(url)
    except (ValueError, ModuleNotFoundError) as error:
        raise Unusable(str(error)) from None


def _send(options: argparse.Namespace) -> None:
    end_quietly_by_ctrl_c()
    try:
        text: str = sys.stdin.read() if options.data == "-" else options.data
        data: object = text if options.text else json.loads(text)
    except UnicodeDecodeError as error:
        raise Unusable(f"what comes from stdin is no text: {error}") from None
    except (ValueError, RecursionError) as error:
        raise Unusable(f"data is not JSON ({error}); a text needs quotes ('\"text\"') or --text") from None
    link = _connect(options.broker)
    try:
        link.send(options.topic, data, None if options.ttl is None else timedelta(seconds=options.ttl))
    except (ValueError, OverflowError) as error:
        raise Unusable(str(error)) from None
    if link.close(options.timeout):
        sys.exit(1)                                      # the log says why
    if link.stats()["unsent_expired"]:
        raise Unusable(f"not sent: it took longer than the {options.ttl:g} seconds that the message was good for")


def _listen(options: argparse.Namespace) -> None:
    end_quietly_by_ctrl_c()
    fields = ("topic", "data", "timestamp", "id", "missed")
    with _connect(options.broker).listen(*options.topics) as listener:
        try:
            for _ in itertools.repeat(None) if options.count is None else range(options.count):
                message = listener.get(options.timeout)
                try:
                    line = json.dumps({name: getattr(message, name) for name in fields})
                except (ValueError, RecursionError) as error:        # forged: what lona_sync writes is read as it comes
                    print(f"lona-sync: message {message.id} has unreadable data: {error!s:.200}", file=sys.stderr)
                    continue
                print(line, flush=True)
        except AwaitTimeout as error:
            raise Unusable(str(error)) from None
        except BrokenPipeError:
            end_by_pipe()
