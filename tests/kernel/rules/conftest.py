"""What the tests of rules share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from innozone.kernel.rules.bulk.spark import SparkError, session


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A small Spark of our own, started once a run. Absent where the extra or Java is; never in CI."""
    # Each query runs once over few rows: to compile it would take longer than to run it.
    settings = {
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    try:
        running = session("local[2]", settings)
    except SparkError as error:
        pytest.fail(str(error)) if os.environ.get("CI") == "true" else pytest.skip(str(error))
    yield running
    running.stop()
