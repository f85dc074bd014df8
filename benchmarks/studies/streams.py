"""How should channel messages lie in Redis Streams? `python -m benchmarks.studies.streams`

Questions: one stream, some sharded ones, or one for each topic; how many fields an entry has; whether redis-py's commands
are good enough, or the bytes are packed and the replies unpacked by ourselves. Needs redis-server 7, redis-py and hiredis.

Method: a redis-server of its own on a unix socket, without persistence; two minutes. Costs are CPU time: the server's from
INFO cpu, the client's from process_time. The cases of a table run in turn, all of them once to warm up and then ROUNDS
times; each figure is the median of its rounds. An entry is a message with 100 bytes of JSON. "rate" is what a second of
the CPU that is busier would do.

What the figures cannot say: a process that sleeps between two commands pays for being put to sleep and woken, on a virtual
machine up to 100 µs with one PING. So commands are sent many at once wherever it is not the waking that is measured; where
it is (5; 4 with small transactions), compare the rows, and do not trust the absolute figures.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import hiredis
import redis
from redis.connection import AbstractConnection

ROUNDS = 5
COUNT = 500                                     # entries asked for by one XREAD, or written in one transaction
MAXLEN = ("MAXLEN", "~", 100_000)
DATA = '{"text": "' + "x" * 88 + '"}'

TOPICS = 10_000
READERS = 10
SHARDS = (1, 4, 16, 64, 256, 0)                 # 0: a stream for each topic
MESSAGES = {1: 200, 20: 2_000, 200: 10_000}   # how many are sent, by the size of a transaction

#: Number of fields → their names. "meta" is six words: origin number id timestamp expiry flags.
LAYOUTS = {
    2: ("topic", "data"),
    3: ("topic", "data", "meta"),
    7: ("topic", "data", "origin", "number", "id", "timestamp", "expiry"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of CPU for each unit of work."""

    server: float
    client: float


class Server:
    """A running redis-server, and how busy it was."""

    def __init__(self, path: str) -> None:
        self.client = redis.Redis(unix_socket_path=path, protocol=2)
        self._path = path

    def connection(self, **options: Any) -> AbstractConnection:
        """A new one, for commands that are sent and read without redis-py's idea of them."""
        connection = redis.UnixDomainSocketConnection(path=self._path, protocol=2, **options)
        connection.connect()
        return connection

    def measure(self, work: Callable[[], int]) -> Cost:
        """The cost of `work`, which returns the number of units it did."""
        server, client = self._cpu_seconds(), time.process_time()
        units = work()
        client = time.process_time() - client
        return Cost((self._cpu_seconds() - server) / units * 1e6, client / units * 1e6)

    def compare(self, cases: dict[Any, Callable[[], int]], rounds: int = ROUNDS) -> dict[Any, Cost]:
        """The median cost of each case."""
        costs: dict[Any, list[Cost]] = {name: [] for name in cases}
        for _ in range(rounds + 1):
            for name, work in cases.items():
                costs[name].append(self.measure(work))
        return {
            name: Cost(median(cost.server for cost in some[1:]), median(cost.client for cost in some[1:]))
            for name, some in costs.items()
        }

    def _cpu_seconds(self) -> float:
        cpu = self.client.info("cpu")
        return cpu["used_cpu_user"] + cpu["used_cpu_sys"]


@contextmanager
def running_server() -> Iterator[Server]:
    """Starts one in a temporary folder; ends it."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "redis.sock"))
        command = ["redis-server", "--port", "0", "--unixsocket", path, "--dir", folder, "--save", "", "--loglevel", "warning"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not Path(path).exists():
                time.sleep(0.01)
            yield Server(path)
        finally:
            process.terminate()
            process.wait()


def call(connection: AbstractConnection, *command: object) -> Any:
    """The raw reply to one command."""
    connection.send_command(*command)
    return connection.read_response()


def pipeline(connection: AbstractConnection, commands: Iterable[tuple[object, ...]], transaction: bool = True) -> None:
    """Send all at once, packed by hiredis; read and forget the replies."""
    packed = [hiredis.pack_command(command) for command in commands]
    if transaction:
        packed = [hiredis.pack_command(("MULTI",)), *packed, hiredis.pack_command(("EXEC",))]
    connection.send_packed_command([b"".join(packed)])
    for _ in packed:
        connection.read_response()


def entry(fields: int, topic: str, number: int) -> tuple[str, ...]:
    """Names and values, as XADD wants them."""
    meta = ("4fd1c93a8e21", str(number), f"4fd1c93a8e21-{number}", "1790000000.123456", "0")
    values = {2: (topic, DATA), 3: (topic, DATA, " ".join((*meta, "-"))), 7: (topic, DATA, *meta)}[fields]
    return tuple(word for pair in zip(LAYOUTS[fields], values, strict=True) for word in pair)


def xadd(stream: str, fields: int, topic: str, number: int) -> tuple[object, ...]:
    return "XADD", stream, *MAXLEN, "*", *entry(fields, topic, number)


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print numbers to the right, with as many digits as they deserve."""
    print(f"\n{title}")
    for row in (head, *rows):
        first, *rest = (f"{cell:,.{0 if cell >= 100 else 2}f}" if isinstance(cell, float) else str(cell) for cell in row)
        print(f"  {first:42}" + "".join(f"{cell:>14}" for cell in rest), flush=True)


def reading(server: Server) -> None:
    """From the reply to a tuple of what a message needs; by layout and by the way it is read."""
    entries = 20_000
    writer = server.connection()
    for fields in LAYOUTS:
        pipeline(writer, (xadd(f"read:{fields}", fields, f"room.{number % 1000}", number) for number in range(entries)), False)

    def unpack(topic: Any, data: Any, *meta: Any) -> tuple[Any, ...]:
        if len(meta) == 1:
            meta = tuple(meta[0].split())
        if not meta:
            return topic, data
        return topic, data, meta[0], int(meta[1]), meta[2], float(meta[3]), float(meta[4])

    def by_redis_py(fields: int) -> int:
        cursor, names, count = b"0", [name.encode() for name in LAYOUTS[fields]], 0
        while reply := server.client.xread({f"read:{fields}": cursor}, COUNT):
            for _, values in reply[0][1]:
                unpack(*[values[name].decode() for name in names])
            count += len(reply[0][1])
            cursor = reply[0][1][-1][0]
        return count

    def raw(connection: AbstractConnection, fields: int, use: Callable[[list[Any]], object]) -> int:
        cursor, count = "0", 0
        while reply := call(connection, "XREAD", "COUNT", COUNT, "STREAMS", f"read:{fields}", cursor):
            for _, values in reply[0][1]:
                use(values)
            count += len(reply[0][1])
            cursor = reply[0][1][-1][0]
        return count

    octets, strings = server.connection(), server.connection(decode_responses=True)
    listened: dict[str, object] = {}
    cases: dict[Any, Callable[[], int]] = {}
    for fields in LAYOUTS:
        cases["Redis.xread", fields] = partial(by_redis_py, fields)
        cases["raw, decoded by us", fields] = partial(
            raw, octets, fields, lambda values: unpack(*[value.decode() for value in values[1::2]])
        )
        cases["raw, decoded by hiredis", fields] = partial(raw, strings, fields, lambda values: unpack(*values[1::2]))
        cases["raw, a topic nobody listens to", fields] = partial(raw, strings, fields, lambda values: values[1] in listened)
    costs = server.compare(cases)
    table(
        f"2. Reading {COUNT} entries a call, µs an entry", ("", "fields", "client", "server", "rate"),
        [(how, fields, cost.client, cost.server, 1e6 / max(cost.client, cost.server)) for (how, fields), cost in costs.items()],
    )
    table("   Memory of 20,000 entries", ("", "bytes an entry"), [
        (f"{fields} fields", server.client.memory_usage(f"read:{fields}", samples=0) / entries) for fields in LAYOUTS
    ])


def writing(server: Server) -> None:
    """A transaction of XADDs with MAXLEN, by layout, by its size and by who packs it."""
    connection = server.connection()
    script = server.client.script_load(
        "for i = 1, #ARGV, 3 do redis.call('XADD', KEYS[1], 'MAXLEN', '~', 100000, '*',"
        " 'topic', ARGV[i], 'data', ARGV[i + 1], 'meta', ARGV[i + 2]) end"
    )

    def by_redis_py(stream: str, entries: list[tuple[str, ...]]) -> None:
        transaction = server.client.pipeline(transaction=True)
        for words in entries:
            transaction.xadd(stream, dict(zip(words[::2], words[1::2], strict=True)), maxlen=MAXLEN[2], approximate=True)
        transaction.execute()

    def by_connection(stream: str, entries: list[tuple[str, ...]]) -> None:
        commands = [("MULTI",), *(("XADD", stream, *MAXLEN, "*", *words) for words in entries), ("EXEC",)]
        connection.send_packed_command(connection.pack_commands(commands))
        for _ in commands:
            connection.read_response()

    def by_hiredis(stream: str, entries: list[tuple[str, ...]], transaction: bool = True) -> None:
        pipeline(connection, (("XADD", stream, *MAXLEN, "*", *words) for words in entries), transaction)

    def by_script(stream: str, entries: list[tuple[str, ...]]) -> None:
        call(connection, "EVALSHA", script, 1, stream, *(value for words in entries for value in words[1::2]))

    ways: dict[str, Callable[[str, list[tuple[str, ...]]], None]] = {
        "Redis.pipeline": by_redis_py,
        "Connection.pack_commands": by_connection,
        "hiredis.pack_command": by_hiredis,
        "hiredis.pack_command, no MULTI": partial(by_hiredis, transaction=False),
        "one EVALSHA": by_script,
    }

    def work(way: str, fields: int, batch: int) -> int:
        batches = max(8, min(500, 8_000 // batch))
        for number in range(batches):
            ways[way](f"write:{fields}", [entry(fields, f"room.{number % 1000}", number) for _ in range(batch)])
        return batches * batch

    def only_entries() -> int:
        for number in range(4_000):
            entry(3, f"room.{number % 1000}", number)
        return 4_000

    cases = {
        (way, fields, batch): partial(work, way, fields, batch)
        for way in ways for fields, batch in ((3, 1), (3, 10), (3, 100), (2, 500), (3, 500), (7, 500))
        if (fields == 3 and batch in (1, 500)) or way not in ("one EVALSHA", "hiredis.pack_command, no MULTI")
    }
    costs = server.compare(cases)
    rows = [(*case, cost.client, cost.server, 1e6 / max(cost.client, cost.server)) for case, cost in costs.items()]
    making = server.compare({3: only_entries})[3]
    rows.append(("(of the client's: to make the entry)", 3, "", making.client, "", ""))
    table("3. Writing, µs an entry", ("", "fields", "batch", "client", "server", "rate"), rows)


def many_keys(server: Server) -> None:
    """One XREAD of many streams of which one has something new; how a reader blocked on many is woken."""
    keys = [f"key:{number}" for number in range(10_000)]
    reader, writer = server.connection(), server.connection()
    pipeline(writer, (("XADD", key, "1-0", *entry(3, "room.1", 1)) for key in keys), False)
    pipeline(writer, (("XADD", keys[0], f"{number}-0", *entry(3, "room.1", 1)) for number in range(2, COUNT + 2)), False)
    reader_id = call(reader, "CLIENT", "ID")

    def read(count: int, cursor: str) -> int:
        calls = max(5, 20_000 // (count + 100))
        # Ten at once: more would fill the socket's buffers with both sides writing.
        for _ in range(0, calls, 10):
            pipeline(reader, [("XREAD", "COUNT", COUNT, "STREAMS", *keys[:count], cursor, *["1-0"] * (count - 1))] * 10, False)
        return -(-calls // 10) * 10

    def wake(count: int, *waker: object) -> int:
        calls = max(5, 10_000 // (count + 100))
        for _ in range(calls):
            reader.send_command("XREAD", "BLOCK", 0, "STREAMS", *keys[:count], "$", *["1-0"] * (count - 1))
            time.sleep(0.0003 + count * 2e-6)           # until it blocks; no CPU
            while not call(writer, *waker):             # CLIENT UNBLOCK came too early
                pass
            reader.read_response()
        return calls

    def only(*waker: object) -> int:
        for _ in range(200):
            call(writer, *waker)
        return 200

    add = ("XADD", keys[0], "MAXLEN", COUNT + 1, "*", *entry(3, "room.1", 1))
    unblock = ("CLIENT", "UNBLOCK", reader_id)
    numbers = (1, 4, 16, 64, 256, 1_000, 10_000)
    # Before the table of wakings, whose XADDs change what is in the first stream:
    reads = server.compare({
        (count, new): partial(read, count, cursor)
        for count in numbers for new, cursor in ((0, f"{COUNT + 1}-0"), (1, f"{COUNT}-0"), (COUNT, "1-0"))
    })
    table("1. One XREAD of so many streams, µs a call", ("streams", "new entries", "client", "server"), [
        (*case, cost.client, cost.server) for case, cost in reads.items()
    ])
    wakes = server.compare({
        **{(count, "XADD"): partial(wake, count, *add) for count in numbers},
        **{(count, "CLIENT UNBLOCK"): partial(wake, count, *unblock) for count in numbers},
        ("no reader", "XADD"): partial(only, *add),
        ("no reader", "CLIENT UNBLOCK"): partial(only, *unblock),
    })
    table("5. XREAD BLOCK of so many streams, woken, µs for both", ("streams", "by", "client", "server"), [
        (*case, cost.client, cost.server) for case, cost in wakes.items()
    ])


def trimming_and_checking(server: Server) -> None:
    """MAXLEN on a stream that is full; XINFO STREAM."""
    connection = server.connection()
    for stream in ("plain", "trimmed"):
        pipeline(connection, (("XADD", stream, "*", *entry(3, "room.1", number)) for number in range(100_000)), False)

    def add(stream: str, *options: object) -> int:
        pipeline(connection, [("XADD", stream, *options, "*", *entry(3, "room.1", number)) for number in range(5_000)], False)
        return 5_000

    def inform(ask: Callable[[], object]) -> int:
        for _ in range(500):
            ask()
        return 500

    def inform_together() -> int:
        pipeline(connection, [("XINFO", "STREAM", "trimmed")] * 500)
        return 500

    costs = server.compare({
        "XADD": partial(add, "plain"),
        "XADD MAXLEN ~ 100000": partial(add, "trimmed", *MAXLEN),
        "XINFO STREAM, Redis.xinfo_stream": partial(inform, partial(server.client.xinfo_stream, "trimmed")),
        "XINFO STREAM, raw": partial(inform, partial(call, connection, "XINFO", "STREAM", "trimmed")),
        "XINFO STREAM, raw, 500 in a transaction": inform_together,
        "PING, raw, for comparison": partial(inform, partial(call, connection, "PING")),
    })
    table("6. Trimming and checking, µs a command", ("", "client", "server"), [
        (name, cost.client, cost.server) for name, cost in costs.items()
    ])


class Reader:
    """One process's connection.

    An eager one always has an XREAD BLOCK waiting, and is woken by each transaction. One that is late (because it is busy,
    or pauses on purpose after each reply) asks when there is something, and gets all of it, from all streams.
    """

    def __init__(self, server: Server, streams: list[str], late: bool) -> None:
        self.cursors = dict.fromkeys(streams, "0-0")
        self.entries = self.calls = 0
        self._late = late
        self._connection = server.connection(decode_responses=True)
        if not late:
            self._ask()

    def receive(self, expected: int) -> None:
        """Read so many entries; when eager, wait for more."""
        while expected > 0:
            if self._late:
                self._ask()
            for stream, entries in self._connection.read_response():
                expected -= len(entries)
                self.entries += len(entries)
                self.cursors[stream] = entries[-1][0]
            if not self._late:
                self._ask()

    def close(self) -> None:
        self._connection.disconnect()

    def _ask(self) -> None:
        self.calls += 1
        self._connection.send_command("XREAD", "COUNT", COUNT, "BLOCK", 0, "STREAMS", *self.cursors, *self.cursors.values())


def fan_out(server: Server) -> None:
    """Ten readers of some topics out of ten thousand; messages spread evenly.

    The writer sends a transaction, and goes on when every reader that listens to one of its streams has got it and, if it is
    eager, waits again. So the number of wakings is given, not left to chance.
    """
    writer = server.connection()
    seen: dict[Any, tuple[float, float]] = {}               # what a reader gets and asks for, by message

    def stream_of(shards: int, topic: int) -> str:
        return f"shard:{zlib.crc32(b'room.%d' % topic) % shards if shards else topic}"

    def work(shards: int, batch: int, listened: int = 0, late: bool = False) -> int:
        server.client.flushall()
        chance = random.Random(batch)
        interests = [chance.sample(range(TOPICS), listened) for _ in range(READERS if listened else 0)]
        readers = [Reader(server, sorted({stream_of(shards, topic) for topic in topics}), late) for topics in interests]
        followers: dict[str, list[Reader]] = {}
        for reader in readers:
            for stream in reader.cursors:
                followers.setdefault(stream, []).append(reader)
        transactions = MESSAGES[batch] // batch
        for _ in range(transactions):
            topics = chance.choices(range(TOPICS), k=batch)
            streams = [stream_of(shards, topic) for topic in topics]
            pipeline(writer, (xadd(stream, 3, f"room.{topic}", 1) for stream, topic in zip(streams, topics, strict=True)))
            expected = dict.fromkeys(readers, 0)
            for stream in streams:
                for reader in followers.get(stream, ()):
                    expected[reader] += 1
            for reader, count in expected.items():
                reader.receive(count)
        for reader in readers:
            reader.close()
        messages = transactions * batch
        if readers:
            entries, calls = sum(reader.entries for reader in readers), sum(reader.calls for reader in readers)
            seen[shards, batch, listened, late] = entries / READERS / messages, calls / READERS / messages
        return messages

    for listened, batch, late in ((50, 1, False), (50, 20, False), (50, 200, True), (5, 20, False), (5, 200, True)):
        costs = server.compare({
            (shards, readers): partial(work, shards, batch, *readers) for shards in SHARDS for readers in ((), (listened, late))
        })
        rows = []
        for shards in SHARDS:
            to_write = costs[shards, ()].server
            reader = max(0.0, costs[shards, (listened, late)].server - to_write) / READERS
            share, calls = seen[shards, batch, listened, late]
            rows.append((
                f"{shards or TOPICS:,} streams", 100 * share, 1000 * calls, to_write, reader,
                1e6 / (to_write + 10 * reader), 1e6 / (to_write + 100 * reader),
            ))
        table(
            f"4. {READERS} {'late' if late else 'eager'} readers of {listened} out of {TOPICS:,} topics, transactions of {batch}; "
            "µs of the server a message",
            ("", "% read", "calls/1000", "to write", "a reader", "max/s at 10", "max/s at 100"), rows,
        )


def main() -> None:
    with running_server() as server:
        print(f"Redis {server.client.info('server')['redis_version']}, redis-py {redis.__version__}, hiredis {hiredis.__version__}")
        for part in (reading, writing, many_keys, fan_out, trimming_and_checking):
            start = time.monotonic()
            part(server)
            server.client.flushall()
            print(f"  ({time.monotonic() - start:.0f} s)")


if __name__ == "__main__":
    main()
