"""What the tests of rules share."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A small Spark of our own, started once a run. Absent where Spark or Java is; never in CI."""
    missing = [] if importlib.util.find_spec("pyspark") else ["the extra spark (uv sync --inexact --extra spark)"]
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        missing.append("Java 17 or newer (Debian: apt install openjdk-17-jre-headless)")
    if missing:
        text = f"these tests need {' and '.join(missing)}"
        pytest.fail(text) if os.environ.get("CI") == "true" else pytest.skip(text)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").appName("tests")
    # Each query runs once over few rows: to compile it would take longer than to run it.
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.log.level": "ERROR",
    }
    for name, setting in settings.items():
        builder = builder.config(name, setting)
    session = builder.getOrCreate()
    yield session
    session.stop()
