"""A web process's view of one user's stream in Redis. No I/O."""

from screenpop.bus.memory import Reader
from screenpop.protocol.server_messages import Entry, encode_entry


class FollowedStream:
    """Delivers entries to the readers of one user, each once and in order."""

    __slots__ = ("_readers", "is_unused", "joining", "seen", "seq")

    def __init__(self) -> None:
        self.seq = 0
        """Everything up to this was delivered."""
        self.seen = 0
        """The highest number that arrived, perhaps with a gap before it."""
        self.joining = 0
        """How many readers are about to be added."""
        self.is_unused = False
        self._readers: dict[Reader, int] = {}
        """By reader: the number from which on it is up to date."""

    @property
    def readers(self) -> int:
        return len(self._readers)

    def add(self, reader: Reader, seq: int) -> None:
        """Deliver to a reader what follows ``seq``."""
        if not self._readers:
            self.seq = seq
        self.seen = max(self.seen, seq)
        self._readers[reader] = seq

    def remove(self, reader: Reader) -> bool:
        """Return whether the reader was there."""
        return self._readers.pop(reader, None) is not None

    def hear(self, epoch: str, entry: Entry) -> bool:
        """Deliver an entry that follows; return False if entries before it are missing."""
        self.seen = max(self.seen, entry.seq)
        if not self._readers or entry.seq <= self.seq:
            return True
        if entry.seq > self.seq + 1:
            return False
        self.seq = entry.seq
        frame = encode_entry(epoch, entry)
        for reader, seq in tuple(self._readers.items()):
            if entry.seq > seq:
                reader.deliver(entry.seq, frame)
        return True

    def end(self) -> bool:
        """End all readers, for a stream that cannot be continued; return whether there were any."""
        readers, self._readers = self._readers, {}
        self.seq = self.seen = 0
        for reader in readers:
            reader.lost()
        return bool(readers)
