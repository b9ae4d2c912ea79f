# SPDX-License-Identifier: GPL-2.0-only
"""What the benches share: runs that take turns, inputs that are made, and goals that are printed."""
import json
import os
import statistics
import subprocess
import time
from pathlib import Path

PROGRAM = os.environ.get("QGREPLAY", "build/qgreplay")
MKTRACE = os.environ.get("BUILD", "build") + "/tests/tools/mktrace"
SHARED = Path(os.environ.get("SHARED", "../shared")) / "traces"
MIB = 1 << 20


class Failed(Exception):
    pass


def measure(command, codes=(0, 1)):
    """Seconds of wall time, resident peak in bytes, and seconds of all cores together, of one run."""
    devnull = os.open(os.devnull, os.O_RDWR)
    begun = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_DUP2, devnull, descriptor) for descriptor in (0, 1, 2)])
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - begun
    os.close(devnull)
    if os.waitstatus_to_exitcode(status) not in codes:
        raise Failed(f"'{' '.join(command)}' ends with {os.waitstatus_to_exitcode(status)}")
    return seconds, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def check_command(path):
    return [PROGRAM, "check", str(path)]


def peer_command(path):
    return ["trace-cmd", "report", str(path)]


class Result:
    def __init__(self, runs):
        self.seconds = statistics.median(seconds for seconds, _, _ in runs)
        self.spread = max(seconds for seconds, _, _ in runs) - min(seconds for seconds, _, _ in runs)
        self.rss = max(rss for _, rss, _ in runs)
        self.core_seconds = statistics.median(core for _, _, core in runs)

    def __str__(self):
        return f"{self.seconds * 1000:9.1f} ms (spread {self.spread * 1000:.1f})"


def alternate(commands, times, before=lambda: None):
    """One Result per command; the runs take turns, so that whatever else the machine does hits all alike."""
    runs = [[] for _ in commands]
    for turn in range(times + 1):
        for index, command in enumerate(commands):
            before()
            outcome = measure(command)
            if turn > 0:
                runs[index].append(outcome)
    return [Result(each) for each in runs]


def event_count(path):
    done = subprocess.run([PROGRAM, "check", "--format", "json", str(path)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise Failed(f"cannot check '{path}'")
    trace = json.loads(done.stdout)["traces"][0]
    return trace["events"]["total"] + trace["skipped_events"]


def verdict(reached):
    return "reached" if reached else "MISSED"


def generate(folder, option, count):
    path = folder / f"{option}-{count}.dat"
    subprocess.run([MKTRACE, "--compression", "zstd", f"--{option}", str(count), str(path)], check=True)
    return path
