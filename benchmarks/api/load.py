"""Asking the API from several clients at once and timing every answer.

Here: the clients, in the process that measures; the server has its own. Not here: what is asked (questions).
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx

from benchmarks.api.questions import Question

SECONDS = 120


def ask(url: str, token: str, questions: Sequence[Question], clients: int) -> tuple[list[float], int]:
    """Milliseconds of every answer, sorted, and how many were no answer (a status other than 200)."""
    return asyncio.run(_ask(url, token, questions, clients))


async def _ask(url: str, token: str, questions: Sequence[Question], clients: int) -> tuple[list[float], int]:
    waiting, taken, errors = iter(questions), list[float](), 0

    async def client(http: httpx.AsyncClient) -> None:
        nonlocal errors
        for question in waiting:
            begun = time.perf_counter()
            answer = await http.request(*question[:2], json=question[2])
            taken.append((time.perf_counter() - begun) * 1000)
            errors += answer.status_code != 200

    headers: dict[str, Any] = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=SECONDS) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    return sorted(taken), errors


def p95(taken: Sequence[float]) -> float:
    """The 95th percentile: as many answers in a hundred took at most so long."""
    return round(taken[max(0, -(-len(taken) * 95 // 100) - 1)], 1) if taken else 0.0
