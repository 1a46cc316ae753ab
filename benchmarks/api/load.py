"""Asking the API from several clients at once and timing every answer.

Here: the clients, in the process that measures; the server has its own. Not here: what is asked (questions). A client
is a thread with one connection of the standard library: it costs the processors that it shares with the server a tenth
of a millisecond an answer.
"""

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

from benchmarks.api.questions import Question

SECONDS = 120
Timed = tuple[float, bool]
"""Milliseconds of an answer, and whether it was one."""


def ask(url: str, token: str, questions: Sequence[Question], clients: int) -> tuple[list[float], int]:
    """Milliseconds of every answer, sorted, and how many were no answer (a status other than 200, or no version)."""
    waiting, place = iter(questions), urlsplit(url).netloc
    with ThreadPoolExecutor(clients) as pool:
        each = [pool.submit(_client, place, token, waiting) for _ in range(clients)]
        timed = [one for client in each for one in client.result()]
    return sorted(taken for taken, _ in timed), sum(not right for _, right in timed)


def _client(place: str, token: str, waiting: Iterator[Question]) -> list[Timed]:
    """What a client was answered, who asks the next question when the one before is answered."""
    with closing(HTTPConnection(place, timeout=SECONDS)) as http:
        return [_timed(http, token, question) for question in waiting]


def _timed(http: HTTPConnection, token: str, question: Question) -> Timed:
    method, path, said = question
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    begun = time.perf_counter()
    http.request(method, path, json.dumps(said) if said else None, headers)
    answer = http.getresponse()
    body = answer.read()
    taken = (time.perf_counter() - begun) * 1000
    return taken, answer.status == 200 and "version" in json.loads(body)


def p95(taken: Sequence[float]) -> float:
    """The 95th percentile: as many answers in a hundred took at most so long."""
    return round(taken[max(0, -(-len(taken) * 95 // 100) - 1)], 1) if taken else 0.0
