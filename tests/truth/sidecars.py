# SPDX-License-Identifier: GPL-2.0-only
"""What is known of a trace from the files beside it: NAME.truth.jsonl, NAME.dmesg, MANIFEST.md, and known.json."""
import json
import re
from pathlib import Path

RATE_LIMIT_BURST = 10  # of the kernel's btrfs messages: from so many on, some may be missing

UNMOUNT = re.compile(r"\(device (\S+?)\): last unmount of filesystem ([0-9a-f-]{36})")
UNRELEASED = re.compile(r"\(device (\S+?)\): qgroup (\d+)/(\d+) has unreleased space, type 0 rsv (\d+)")
UNDERFLOW = re.compile(r"qgroup (\d+) data reserved space underflow, have (\d+) to free (\d+)")
SAID_UNRELEASED = re.compile(r"qgroup (\d+)/(\d+) has unreleased space, type 0 rsv (\d+)")

# What the words of a truth line say was wrong, by the first that occurs in it.
MEANINGS = (
    ("freed another", "foreign-free"),
    ("not freed", "leak"),
    ("never freed", "leak"),
    ("overflows", "truncated-count"),
    ("should free", "truncated-amount"),
    ("will free", "announced-underflow"),
)


def qgroup_id(level, number):
    return int(level) << 48 | int(number)


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


class Known:
    """The truth about one trace."""

    def __init__(self, name):
        self.name = name
        self.lines = []  # truth lines with a "meaning"
        self.underflows = []  # (qgroup, have, free) as the kernel logged them
        self.unreleased = {}  # (device, qgroup): bytes
        self.unmounted = {}  # fsid: device
        self.live_race = False
        self.rollback_frees = (0, 0)
        self.underflow_count = None  # (least, greatest) when the kernel did not log them

    def add_line(self, line):
        what = line.get("what", "")
        line["meaning"] = next((meaning for words, meaning in MEANINGS if words in what), "unknown")
        self.lines.append(line)

    def add_saying(self, text):
        """A kernel_says line repeats the log; it counts where there is no log."""
        if match := UNDERFLOW.search(text):
            self.underflows.append(tuple(int(number) for number in match.groups()))
        elif match := SAID_UNRELEASED.search(text):
            self.unreleased[None, qgroup_id(match[1], match[2])] = int(match[3])

    def leaked_by_root(self, fsid):
        """Bytes that the kernel found unreleased per qgroup of a filesystem; None when it was not unmounted."""
        if fsid not in self.unmounted:
            return None
        return {qgroup: amount for (device, qgroup), amount in self.unreleased.items()
                if device is None or device == self.unmounted[fsid]}

    def of(self, *meanings):
        return [line for line in self.lines if line["meaning"] in meanings]


def read_log(known, path):
    known.underflows = []
    known.unreleased = {}
    for line in path.read_text(errors="replace").splitlines():
        if match := UNMOUNT.search(line):
            known.unmounted[match[2]] = match[1]
        elif match := UNRELEASED.search(line):
            known.unreleased[match[1], qgroup_id(match[2], match[3])] = int(match[4])
        elif match := UNDERFLOW.search(line):
            known.underflows.append(tuple(int(number) for number in match.groups()))


def is_live_race(folder, name):
    """Whether the manifest says that the trace, or its workload (w9 of b0-w9), holds the races of FACTS 12 and 13."""
    for place in (folder, *folder.parents[:2]):
        if (place / "MANIFEST.md").is_file():
            text = (place / "MANIFEST.md").read_text(errors="replace")
            paragraphs = [part for part in re.split(r"^### ", text, flags=re.M)
                          if part.split("\n", 1)[0].endswith(f"/{name}.dat")]
            workloads = re.findall(r"\((w\d+): [^)]*live race", text)
            return any("LIVE RACE" in part for part in paragraphs) or name.rpartition("-")[2] in workloads
    return False


def read(trace, name):
    """All that is known of the trace at path `trace`."""
    known = Known(name)
    folder = Path(trace).parent
    extra = json.loads((Path(__file__).parent / "known.json").read_text()).get(name, {})
    truth = folder / f"{name}.truth.jsonl"
    if truth.is_file():
        for line in map(json.loads, filter(str.strip, truth.read_text().splitlines())):
            if "kernel_says" in line:
                known.add_saying(line["kernel_says"])
            else:
                known.add_line(line)
    if (folder / f"{name}.dmesg").is_file():
        read_log(known, folder / f"{name}.dmesg")
    for line in extra.get("truth", ()):
        known.add_line(line)
    known.live_race = is_live_race(folder, name)
    if "rollback_frees" in extra:
        known.rollback_frees = tuple(extra["rollback_frees"])
    elif known.live_race:
        known.rollback_frees = (0, None)
    if "underflows" in extra:
        known.underflow_count = tuple(extra["underflows"])
    elif known.live_race:
        known.underflow_count = (0, None)
    return known
