# SPDX-License-Identifier: GPL-2.0-only
"""Holds a report of `qgreplay check --format json` against what is known of the trace, as REPLAY 6 says.

A truth line about a free is found when an occurrence names the same root and inode, an overlapping range, and a time
within 5 ms; many may match one and one many. Leaks count per root and inode, in exact bytes after healing. Whatever is
claimed with severity error and has no truth behind it is wrong.
"""
from collections import Counter

from sidecars import RATE_LIMIT_BURST, signed

WINDOW_NS = 5_000_000


class Score:
    def __init__(self):
        self.found = 0
        self.missed = 0
        self.wrong = 0
        self.faults = []  # why not ok
        self.remarks = []

    def miss(self, text):
        self.missed += 1
        self.faults.append(f"missed: {text}")

    def accuse(self, text):
        self.wrong += 1
        self.faults.append(f"wrong: {text}")

    def fault(self, text):
        self.faults.append(text)

    @property
    def ok(self):
        return not self.faults


def occurrences(finding):
    """The single mismatches of a finding, each with its finding's facts where it has none of its own."""
    single = finding.get("occurrences") or [{}]
    for occurrence in single:
        merged = {key: finding.get(key) for key in
                  ("time_ns", "root", "ino", "start", "len", "bytes", "task", "owners")}
        if len(single) == 1:
            merged |= {key: finding.get(key) for key in ("have_bytes", "diff_bytes")}
        merged |= {key: value for key, value in occurrence.items() if value is not None}
        merged["finding"] = finding
        yield merged


def of_kind(report, kind, severity="error"):
    return [occurrence for finding in report["findings"] if finding["kind"] == kind and finding["severity"] == severity
            for occurrence in occurrences(finding)]


def is_rollback(occurrence):
    """Whether only a bare counter update shows the bytes going, and no op=free."""
    return occurrence["finding"]["path"] == "rollback"


def total(claims):
    """How many mismatches there are, those beyond the longest list included."""
    findings = {id(claim["finding"]): claim["finding"] for claim in claims}
    return sum(finding["occurrence_count"] for finding in findings.values())


def overlaps(line, occurrence):
    if line.get("start") is None or line.get("len") is None or occurrence.get("start") is None:
        return True
    return (line["start"] < occurrence["start"] + occurrence["len"]
            and occurrence["start"] < line["start"] + line["len"])


def same_time(line, occurrence):
    return abs(round(line["t"] * 1e9) - occurrence["time_ns"]) <= WINDOW_NS


def matches(line, occurrence):
    return ((line.get("root") is None or line["root"] == occurrence["root"])
            and (line.get("ino") is None or line["ino"] == occurrence["ino"])
            and overlaps(line, occurrence) and same_time(line, occurrence))


def place(item):
    when = f"{item['t']:.6f}" if "t" in item else f"{(item.get('time_ns') or 0) / 1e9:.6f}"
    text = f"{when} root {item.get('root')} ino {item.get('ino')}"
    return text if item.get("start") is None else f"{text} [{item['start']},+{item.get('len')})"


def groups(lines, claims):
    """Connected sets of truth lines and claims."""
    rest = list(lines)
    while rest:
        some_lines, some_claims = [rest.pop(0)], []
        grown = True
        while grown:
            fresh = [claim for claim in claims if claim not in some_claims
                     and any(matches(line, claim) for line in some_lines)]
            some_claims += fresh
            more = [line for line in rest if any(matches(line, claim) for claim in fresh)]
            some_lines += more
            rest = [line for line in rest if line not in more]
            grown = bool(more)
        yield some_lines, some_claims


def sectors(items, sector=4096):
    return {number for item in items if item.get("start") is not None and item.get("len")
            for number in range(item["start"] // sector, (item["start"] + item["len"] - 1) // sector + 1)}


def people(lines, claims):
    """Thieves and owners, as truth and as claimed."""
    return (({line.get("pid") for line in lines},
             {owner["pid"] for line in lines for owner in line.get("reserved_by", ())}),
            ({(claim.get("task") or {}).get("pid") for claim in claims},
             {owner["pid"] for claim in claims for owner in claim.get("owners") or ()}))


def score_foreign_frees(known, report, score):
    lines = known.of("foreign-free")
    claims = of_kind(report, "foreign-free")
    accounted = []
    for some_lines, some_claims in groups(lines, claims):
        if not some_claims:
            score.miss(f"foreign-free {place(some_lines[0])}")
            continue
        accounted += some_claims
        score.found += len(some_lines)
        truth, claimed = people(some_lines, some_claims)
        if truth != claimed:
            score.fault(f"foreign-free {place(some_lines[0])}: thieves and owners {claimed}, truly {truth}")
        if sectors(some_lines) != sectors(some_claims):
            score.fault(f"foreign-free {place(some_lines[0])}: claimed as {', '.join(map(place, some_claims))}")
    rest = [claim for claim in claims if claim not in accounted]
    for claim in rest:
        if not is_rollback(claim) or known.rollback_frees[1] == 0:
            score.accuse(f"foreign-free {place(claim)}")
    score_count(known.rollback_frees, total(filter(is_rollback, claims)), "foreign-free in rollback form", score,
                limited=not lines or known.rollback_frees != (0, 0))


def score_count(bounds, number, what, score, limited=True):
    least, greatest = bounds
    if number > 0 and bounds != (1, 1):
        score.remarks.append(f"{number} {what}")
    if not limited:
        return
    if number < least:
        score.miss(f"{number} {what}, at least {least} are there")
    if greatest is not None and number > greatest > 0:
        score.accuse(f"{number} {what}, at most {greatest} are there")


def score_truncations(known, report, score):
    claims = of_kind(report, "truncated-count")
    accounted = []
    for line in known.of("truncated-count"):
        mine = [claim for claim in claims if matches(line, claim)]
        accounted += mine
        if mine:
            score.found += 1
        else:
            score.miss(f"truncated-count {place(line)}")
    for line in known.of("truncated-amount"):
        due, done = (int(word) for word in line["what"].replace(",", "").split() if word.lstrip("-").isdigit())
        if any(same_time(line, claim) and claim.get("diff_bytes") == -done for claim in claims):
            score.found += 1
        else:
            score.miss(f"truncated-count at {line['t']:.6f}: {due} freed as {done}")
    for claim in claims:
        if claim not in accounted:
            score.accuse(f"truncated-count {place(claim)}")


def score_underflows(known, report, score):
    claims = of_kind(report, "underflow")
    rest = list(claims)
    others = of_kind(report, "truncated-count")
    for qgroup, have, amount in known.underflows:
        said = (qgroup, have, -signed(amount))
        mine = next((claim for claim in rest
                     if (claim["root"], claim.get("have_bytes"), claim.get("diff_bytes")) == said), None)
        if mine is not None:
            rest.remove(mine)
            score.found += 1
        elif any((claim["root"], claim.get("have_bytes"), claim.get("diff_bytes")) == said for claim in others):
            score.found += 1
        else:
            score.miss(f"underflow of qgroup {qgroup}, have {have} to free {amount}")
    for line in known.of("announced-underflow"):
        if any(claim["root"] == line["root"] and claim["time_ns"] > line["t"] * 1e9 for claim in claims):
            score.found += 1
        else:
            score.miss(f"underflow announced at {place(line)}")
    if known.underflow_count is not None:
        score_count(known.underflow_count, total(claims), "underflows", score)
        rest = [] if known.underflow_count != (0, 0) else rest
    if len(known.underflows) < RATE_LIMIT_BURST:
        for claim in rest:
            score.accuse(f"underflow of {claim['root']} at {claim['time_ns'] / 1e9:.6f}, "
                         f"have {claim.get('have_bytes')} diff {claim.get('diff_bytes')}")


def lines_bytes(lines):
    return sum(line.get("bytes") or sum(owner["bytes"] for owner in line.get("reserved_by", ())) or line["len"]
               for line in lines)


def leaks_left(report):
    """Bytes that findings say are leaked for good, per (fsid, root, ino); and the places whose leaks healed."""
    left, healed = Counter(), set()
    for finding in report["findings"]:
        if finding["kind"] != "leak" or finding["severity"] != "error":
            continue
        key = (finding.get("fsid"), finding["root"], finding.get("ino") or None)
        gone = finding.get("healed_bytes") or 0
        left[key] += (finding["bytes"] or 0) - gone
        if gone:
            healed.add(key[1:])
    return left, healed


def kernel_leaks(known, report):
    """(fsid, qgroup): bytes unreleased, for the filesystems whose unmount the kernel logged."""
    truth = {}
    for trace in report["traces"]:
        for filesystem in trace["filesystems"]:
            unreleased = known.leaked_by_root(filesystem["fsid"])
            if unreleased is None:
                continue
            truth |= {(filesystem["fsid"], root["root"]): 0 for root in filesystem["roots"]}
            truth |= {(filesystem["fsid"], qgroup): amount for qgroup, amount in unreleased.items()}
    return truth


def score_leaks(known, report, score):
    left, healed = leaks_left(report)
    lines = known.of("leak")
    truth = kernel_leaks(known, report)
    by_root = Counter()
    for (fsid, root, _), amount in left.items():
        by_root[fsid, root] += amount
    for key in sorted(truth.keys() | by_root.keys(), key=str):
        said, claimed = truth.get(key, 0), by_root[key]
        overflowed = any(line["meaning"] == "truncated-count" and line["root"] == key[1] for line in known.lines)
        if said == claimed:
            score.found += 1 if said > 0 and (overflowed or not lines) else 0
        elif said > claimed:
            score.miss(f"leak of root {key[1]}: {claimed} claimed, the kernel says {said}")
        else:
            score.accuse(f"leak of root {key[1]}: {claimed} claimed, the kernel says {said}")
    score_leaked_inodes(known, left, healed, truth, score)


def score_leaked_inodes(known, left, healed, truth, score):
    lines = known.of("leak")
    by_inode = Counter()
    for (_, root, ino), amount in left.items():
        by_inode[root, ino] += amount
    said = {}
    for line in lines:
        said.setdefault((line["root"], line["ino"]), []).append(line)
    for (root, ino), some in said.items():
        in_root = sum(lines_bytes(others) for (other, _), others in said.items() if other == root)
        kept = sum(amount for (_, qgroup), amount in truth.items() if qgroup == root)
        due, claimed = lines_bytes(some), by_inode.pop((root, ino), 0)
        if claimed == due or (kept < in_root and claimed < due):
            score.found += len(some)
            if claimed < due:
                how = "reported so" if (root, ino) in healed else "not reported"
                score.remarks.append(f"{due - claimed} bytes of root {root} ino {ino} healed, {how}")
        elif claimed < due:
            score.miss(f"leak of root {root} ino {ino}: {claimed} claimed, truly {due}")
        else:
            score.accuse(f"leak of root {root} ino {ino}: {claimed} claimed, truly {due}")
    overflowed = {(line["root"], line["ino"]) for line in known.of("truncated-count")}
    for (root, ino), amount in by_inode.items():
        if said and amount > 0 and ino is not None and (root, ino) not in overflowed:
            score.accuse(f"leak of {amount} bytes of root {root} ino {ino}, where no truth line has one")


def score_ends(known, report, score):
    for trace in report["traces"]:
        seen = {filesystem["fsid"]: filesystem for filesystem in trace["filesystems"]}
        for fsid in known.unmounted:
            unreleased = known.leaked_by_root(fsid)
            if fsid not in seen:
                score.fault(f"filesystem {fsid} is not in the report")
                continue
            ends = {root["root"]: root["end"]["counter_bytes"] for root in seen[fsid]["roots"]}
            for root in sorted(ends.keys() | unreleased.keys()):
                end = ends.get(root)
                if end != unreleased.get(root, 0) and (end is not None or unreleased.get(root, 0) > 0):
                    score.fault(f"root {root} ends with {end} bytes reserved, the kernel says "
                                f"{unreleased.get(root, 0)}")


def score_form(known, report, code, score):
    """What must hold of every report, whatever it says."""
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    if report["summary"]["errors"] != len(errors):
        score.fault(f"summary.errors is {report['summary']['errors']}, {len(errors)} are listed")
    if code != (1 if errors else 0):
        score.fault(f"exit code {code} with {len(errors)} errors")
    for finding in errors:
        if finding["certainty"] not in ("proven", "likely"):
            score.fault(f"certainty '{finding['certainty']}' of finding {finding['id']}")
        if finding["kind"] not in ("foreign-free", "leak", "underflow", "truncated-count"):
            score.accuse(f"{finding['kind']} {place(finding)}")
    for line in known.of("unknown"):
        score.fault(f"a truth line that the scorer does not understand: {line}")


def score_report(known, report, code):
    score = Score()
    score_form(known, report, code, score)
    score_foreign_frees(known, report, score)
    score_truncations(known, report, score)
    score_underflows(known, report, score)
    score_leaks(known, report, score)
    score_ends(known, report, score)
    return score
