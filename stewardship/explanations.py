"""Explanations of cases, kept, and those of the next cases made ahead of time.

Here: remembering. Not here: explaining (stages/explain). A version never changes, so neither does its explanation of
two records. Explaining takes a quarter of a second, the first time with a model some seconds: while a steward reads one
case, the next ones are made, and the first of each model when the server starts.
"""

from collections import OrderedDict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Lock

from rules.errors import RegistryError
from stages.explain import Explanation, explain
from store import versions
from store.home import Home
from store.opening import opened

KEPT = 256
"""Explanations remembered."""
_FIRST = """
    SELECT l.source || ':' || l.record_id AS one, r.source || ':' || r.record_id AS other
    FROM review v JOIN crosswalk l ON l.record_key = v.record_key_l JOIN crosswalk r ON r.record_key = v.record_key_r
    WHERE l.party_type = r.party_type
    QUALIFY row_number() OVER (PARTITION BY v.party_type ORDER BY one, other) = 1 ORDER BY one, other"""
Asked = tuple[int, str, str]


class Explanations:
    """Explanations by version and the two records."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._lock, self._worker = Lock(), ThreadPoolExecutor(1, "explain")
        self._made: OrderedDict[Asked, Future[Explanation]] = OrderedDict()
        self._prepared: Future[list[Future[Explanation]]] | None = None

    def of(self, version: int, one: str, other: str) -> Explanation:
        """Why the two are, or are not, one client in the version; raises what explaining raises, and forgets it."""
        asked = version, one, other
        try:
            return self._ask(asked).result()
        except RegistryError:
            with self._lock:
                self._made.pop(asked, None)
            raise

    def made(self, version: int, one: str, other: str) -> Explanation | None:
        """The explanation, if it is made already."""
        with self._lock:
            found = self._made.get((version, one, other))
        return found.result() if found and found.done() and not found.cancelled() and not found.exception() else None

    def ahead(self, version: int, pairs: Iterable[tuple[str, str]]) -> None:
        """Begin to explain the next cases."""
        for one, other in pairs:
            self._ask((version, one, other))

    def prepare(self) -> None:
        """Begin to explain one case of each kind of party, before anybody asks."""
        self._prepared = self._worker.submit(self._first)

    def settle(self) -> None:
        """Wait for what is being prepared."""
        if self._prepared:
            wait(self._prepared.result())

    def _first(self) -> list[Future[Explanation]]:
        with opened(self.home, ["review", "crosswalk"], found := versions.manifest(self.home)) as con:
            pairs = con.execute(_FIRST).fetchall()
        return [self._ask((found.version, one, other)) for one, other in pairs]

    def _ask(self, asked: Asked) -> Future[Explanation]:
        with self._lock:
            if asked not in self._made:
                version, one, other = asked
                self._made[asked] = self._worker.submit(explain, self.home, one, other, version)
            self._made.move_to_end(asked)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            return self._made[asked]

    def close(self) -> None:
        """Stop; what was not begun is not made."""
        self._worker.shutdown(wait=True, cancel_futures=True)
