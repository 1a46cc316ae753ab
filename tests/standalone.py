"""A standalone Spark cluster on loopback for tests: one master, two workers of one core each, started as processes.

Its processes are children of the test and end with it. Needs pyspark and Java 17 (`make spark`).
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
MISSING = "" if find_spec("pyspark") and shutil.which("java") else "needs pyspark and Java 17: `make spark`"
"""Why there can be no cluster here; empty where there can."""
LOOPBACK = "127.0.0.1"
SETTINGS = {
    "spark.driver.host": LOOPBACK,
    "spark.driver.bindAddress": LOOPBACK,
    "spark.driver.memory": "1g",
    "spark.executor.memory": "768m",
    "spark.pyspark.python": sys.executable,
    "spark.sql.shuffle.partitions": "4",
    "spark.ui.enabled": "false",
}


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of the master, when both workers have joined."""
    import pyspark

    home, port = Path(pyspark.__file__).parent, _free_port()
    environment = os.environ | {
        "SPARK_HOME": str(home), "SPARK_LOCAL_IP": LOOPBACK, "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_WORKER_DIR": str(folder), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    master = f"spark://{LOOPBACK}:{port}"
    where = ("--host", LOOPBACK, "--webui-port", "0")
    with ExitStack() as stack:

        def start(role: str, log: str, *arguments: str) -> None:
            command = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{role}", *where, *arguments]
            output = stack.enter_context((folder / log).open("wb"))
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=folder)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)

        start("master.Master", "master.log", "--port", str(port))
        for number in (1, 2):
            start("worker.Worker", f"worker-{number}.log", "--cores", "1", "--memory", "1g", master)
        _joined(folder / "master.log")
        yield master


def _joined(log: Path, seconds: int = 120) -> None:
    end = time.monotonic() + seconds
    while log.read_text(errors="replace").count("Registering worker") < 2:
        assert time.monotonic() < end, log.read_text(errors="replace")[-2000:]
        time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((LOOPBACK, 0))
        return int(found.getsockname()[1])
