"""The bulk engine on the machines of a Spark cluster (extra `spark`, Java 17 or newer).

Spark hands out the numbers of the part files; an executor opens its part itself, from the shared folder, and runs the
same packed bitmaps over it as this machine does. So no row goes through Spark, and what comes back is a few sums for
each rule. docs/scale.md has what that gives against Spark SQL.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from innozone.kernel.rules.bulk.parts import Sums, Task, added, total

_ERROR = re.compile(r"^[\w.]*(?:Error|Exception): .*$", re.MULTILINE)


class SparkError(RuntimeError):
    """Spark is not there or did not start; the message says what to do."""


def session(master: str | None = None, settings: Mapping[str, str] | None = None) -> Any:
    """The running Spark session, or a new one. `master`: `local[2]`, `spark://…`, `yarn`, `k8s://…`; None leaves it to
    spark-submit and the settings of the machine. `settings`: Spark's own, by name. Raises SparkError."""
    # The executors take the Python that runs here, unless told otherwise.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise SparkError("the engine spark is an extra: uv sync --inexact --extra spark") from None
    builder = SparkSession.builder.appName("innozone match").config("spark.ui.showConsoleProgress", "false")
    if master is not None:
        builder = builder.master(master)
    if (master or "").startswith("local"):
        builder = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    for name, value in (settings or {}).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        cure = "it needs Java 17 or newer, on the path or in JAVA_HOME (Debian: apt install default-jre-headless)"
        raise SparkError(f"Spark did not start: {cure}\n{error}") from None


def on(spark: Any) -> Callable[[Task, int], Sums]:
    """What match_parts runs its task with: each part a task of the Spark session's executors.

    They need this environment (innozone, numpy, pyarrow) under PYSPARK_PYTHON, and see the folders under the same names.
    The run raises SparkError when they do not.
    """

    def run(task: Task, parts: int) -> Sums:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        shared = spark.sparkContext.broadcast(task)
        numbers = spark.sparkContext.parallelize(range(parts), max(1, parts))
        try:
            found = numbers.map(lambda part: shared.value(part))
            return total([found.treeReduce(added)] if parts else [], task.program)
        except (PySparkException, Py4JError) as error:
            raise SparkError(f"a part could not be matched on an executor of Spark: {_said(str(error))}") from None
        finally:
            shared.destroy()

    return run


def _said(trace: str) -> str:
    """The error that Python gave on an executor, out of all that Java tells around it."""
    found = _ERROR.search(trace)
    return found[0] if found else trace
