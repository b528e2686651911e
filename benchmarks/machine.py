"""What machine this is, in words that make figures of two runs comparable, or not."""

import os
import platform
from pathlib import Path

import psutil


def describe_machine() -> dict[str, str]:
    """Return processor, memory, kernel and Python, and the load as the run starts."""
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    return {
        "processor": f"{_processor()}, {psutil.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 1024**3:.0f} GB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load at the start": load,
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
