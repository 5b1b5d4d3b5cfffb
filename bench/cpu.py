"""CPU time of a process, all threads, as the kernel counts it."""

from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """User and system time that the living threads of `pid` have used so far, in seconds."""
    total = 0
    for schedstat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(schedstat.read_text().split()[0])
        except (FileNotFoundError, ProcessLookupError):  # a thread ended while we looked
            continue
    return total / 1e9


def thread_seconds(thread_id: int) -> float:
    """User and system time of one thread of this process so far, in seconds."""
    return int(Path(f"/proc/self/task/{thread_id}/schedstat").read_text().split()[0]) / 1e9


def resident_bytes(pid: int) -> int:
    """Resident memory of `pid`."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
