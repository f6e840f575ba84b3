"""aki-lens beside PyTorch on the same checkpoint: one table of times, ratios and goals.

    python compare.py --checkpoint DIR --rust "target/release/deps/BENCH --bench" [--rust-dtypes f32,bf16]
                      [--torch-dtypes f32,bf16] [--threads 2 --prompt 220 --decode 16 --repeat 3 --rounds 3]
                      [--statistic min] [--out FILE.md]

--rust is split like a shell line and gets `--checkpoint DIR --dtype T --threads N --prompt P --decode N --repeat R --json FILE` appended;
it must write the JSON described at the head of reference_torch.py. The sides take turns, one process a measurement (peak memory
belongs to a process), the order reversed every other round, so that no side has the quieter half of the machine. Of all rounds
the smallest time counts (--statistic median: the median of the rounds' medians; cpu: the smallest process CPU time, which another
tenant of the machine disturbs less; it needs cpu_min in the JSON). FILE.md gets the table, FILE.json next to it every single result.

Both sides must have done the same work: the parameters agree, and the logits at the last prompt position agree with PyTorch's
float32 ones within the tolerance of the types. If they do not, the program says where and fails, and no table is written.
The exit status is 0 also when a goal is missed: the table says so.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

STAGES = {
    "load_s": "load", "vision_s": "vision tower", "resampler_s": "resampler", "prefill_s": "prefill", "prefill_recorded_s": "prefill, recorded",
    "decode_s_per_token": "decode a token", "decode_recorded_s_per_token": "decode a token, recorded",
}
# (stage, what of PyTorch it is divided by, largest ratio); "f32" is for aki-lens' float32, "fastest" for every type it has
GOALS = [
    ("prefill_recorded_s", "f32", 0.5), ("decode_s_per_token", "f32", 0.7), ("decode_recorded_s_per_token", "f32", 0.7),
    ("prefill_s", "fastest", 1.5), ("prefill_recorded_s", "fastest", 1.5),
    ("decode_s_per_token", "fastest", 0.8), ("decode_recorded_s_per_token", "fastest", 0.8),
]
PEAK_GOAL = 0.6  # of PyTorch's float32 process
RECORDING_GOAL = 0.10  # of prefill
TOLERANCE = {"f32": 1e-2}  # of a logit, against PyTorch float32
HALF_TOLERANCE = 0.25


def measure(command, dtype, args):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run.json"
        full = [*command, "--checkpoint", args.checkpoint, "--dtype", dtype, "--threads", args.threads, "--prompt", args.prompt,
                "--decode", args.decode, "--repeat", args.repeat, "--json", out]
        done = subprocess.run([str(c) for c in full], capture_output=True, text=True)
        if done.returncode or not out.exists():
            sys.exit(f"{shlex.join(map(str, full))} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
        result = json.loads(out.read_text())
    for key in ("threads", "prompt", "decode", "repeat"):
        if result[key] != getattr(args, key):
            sys.exit(f"{result['program']} {dtype}: asked for {key} {getattr(args, key)}, its JSON says {result[key]}")
    for stage in STAGES:
        if stage not in result["stages"]:
            sys.exit(f"{result['program']} {dtype}: its JSON has no stage {stage}")
    return result


def disagreement(a, b, tolerance):
    """Where the logits of two runs differ by more than `tolerance`, or None."""
    top_a, top_b = a["top5"], b["top5"]
    if top_a[0][0] != top_b[0][0] and top_a[0][1] - top_a[1][1] > 2 * tolerance:
        return f"argmax {top_a[0][0]} and {top_b[0][0]}"
    for x, y in ((top_a, top_b), (top_b, top_a)):
        known = {i: v for i, v in y}
        for i, v in x:
            if i in known and abs(v - known[i]) > tolerance:
                return f"id {i}: {v:.4f} and {known[i]:.4f}"
            if i not in known and v > y[-1][1] + 2 * tolerance:  # missing in the other's five without being a near tie
                return f"id {i} ({v:.4f}) is not in the top five {y}"
    known = {i: v for i, v in b.get("probe", [])}
    for i, v in a.get("probe", []):
        if i in known and abs(v - known[i]) > tolerance:
            return f"id {i}: {v:.4f} and {known[i]:.4f}"
    return None


def merged(results, statistic):
    """Rounds of one side and type -> {stage: seconds}, and "peak"."""
    out = {}
    for stage in STAGES:
        times = [r["stages"][stage] for r in results]
        if statistic == "median":
            out[stage] = median(t["median"] for t in times)
        else:
            out[stage] = min(t["cpu_min" if statistic == "cpu" else "min"] for t in times)
    return {**out, "peak": max(r["peak_rss_bytes"] for r in results)}


def seconds(s):
    return f"{s:.2f} s" if s >= 1 else f"{s * 1e3:.1f} ms"


def table(torch, rust, args):
    """torch, rust: {dtype: merged}. Rows of (cells..), the first being the head; and the goals as data."""
    fastest = {s: min(torch, key=lambda d: torch[d][s]) for s in STAGES}
    head = ["stage", "PyTorch f32", "PyTorch fastest"]
    for d in rust:
        head += [f"aki-lens {d}", "/ f32", "/ fastest"]
    rows, goals = [head + ["goal"]], []

    def judge(dtype, stage, against, value, limit):
        goals.append({"dtype": dtype, "stage": stage, "against": against, "value": value, "limit": limit, "met": value <= limit})
        return f"{dtype} {value:.2f} <= {limit} of {against}: {'met' if value <= limit else '**missed**'}"

    for stage, label in STAGES.items():
        base, best = torch["f32"][stage], torch[fastest[stage]][stage]
        row, said = [label, seconds(base), f"{seconds(best)} ({fastest[stage]})"], []
        for d, r in rust.items():
            row += [seconds(r[stage]), f"{r[stage] / base:.2f}", f"{r[stage] / best:.2f}"]
            said += [judge(d, stage, "f32", r[stage] / base, limit) for s, a, limit in GOALS if s == stage and a == d == "f32"]
            said += [judge(d, stage, "fastest", r[stage] / best, limit) for s, a, limit in GOALS if s == stage and a == "fastest"]
        rows.append(row + ["; ".join(said)])

    quick = fastest["prefill_recorded_s"]
    base, best = torch["f32"]["peak"], torch[quick]["peak"]
    row, said = ["peak memory", f"{base / 1e9:.2f} GB", f"{best / 1e9:.2f} GB ({quick})"], []
    for d, r in rust.items():
        row += [f"{r['peak'] / 1e9:.2f} GB", f"{r['peak'] / base:.2f}", f"{r['peak'] / best:.2f}"]
        said.append(judge(d, "peak", "f32", r["peak"] / base, PEAK_GOAL))
    rows.append(row + ["; ".join(said)])

    cost = lambda r: r["prefill_recorded_s"] / r["prefill_s"] - 1
    row, said = ["what recording adds to prefill", f"{cost(torch['f32']):+.0%}", f"{cost(torch[quick]):+.0%} ({quick})"], []
    for d, r in rust.items():
        row += [f"{cost(r):+.0%}", "", ""]
        said.append(judge(d, "recording", "its own prefill", cost(r), RECORDING_GOAL))
    rows.append(row + ["; ".join(said)])
    return rows, goals


def markdown(rows, runs, args):
    first = runs["torch", "f32"][0]
    others = next(r[0] for (side, _), r in runs.items() if side == "rust")
    m = first.get("machine", {})
    loads = [r["machine"]["load_1m"] for rs in runs.values() for r in rs if "load_1m" in r.get("machine", {})]
    load = f", load {min(loads):.1f} to {max(loads):.1f}" if loads else ""
    how = {"min": "smallest wall time", "median": "median of the rounds' medians", "cpu": "smallest process CPU time"}[args.statistic]
    lines = [f"{m.get('cpu', 'unknown processor')}, {m.get('cores', os.cpu_count())} cores{load}; {first['program']}, transformers "
             f"{first.get('transformers', '?')}; {others['program']}.",
             f"{args.threads} threads, {first.get('layers', '?')} decoder layers, prompt of {args.prompt} positions, {args.decode} tokens decoded; "
             f"{args.rounds} rounds of {args.repeat} repeats, {how}.", ""]
    lines += ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
    return "\n".join(lines + ["| " + " | ".join(r) + " |" for r in rows[1:]]) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--checkpoint", required=True)
    ap.add_argument("--rust", required=True, help="command line of the Rust bench, without the flags listed above")
    ap.add_argument("--torch", default=shlex.join([sys.executable, str(Path(__file__).with_name("reference_torch.py")), "run"]))
    ap.add_argument("--rust-dtypes", default="f32")
    ap.add_argument("--torch-dtypes", default="f32,bf16")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--prompt", type=int, default=220)
    ap.add_argument("--decode", type=int, default=16)
    ap.add_argument("--repeat", type=int, default=3)
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--statistic", choices=["min", "median", "cpu"], default="min")
    ap.add_argument("--out", type=Path, default=Path("compare.md"))
    args = ap.parse_args()
    sides = [("torch", shlex.split(args.torch), d) for d in args.torch_dtypes.split(",")]
    sides += [("rust", shlex.split(args.rust), d) for d in args.rust_dtypes.split(",")]
    if ("torch", "f32") not in [(s, d) for s, _, d in sides]:
        ap.error("--torch-dtypes needs f32: it is what the others are compared with")

    runs = {}
    for k in range(args.rounds):
        for side, command, dtype in sides if k % 2 == 0 else sides[::-1]:
            runs.setdefault((side, dtype), []).append(measure(command, dtype, args))
            print(f"round {k + 1}: {side} {dtype} done", file=sys.stderr, flush=True)
    truth = runs["torch", "f32"][0]
    for (side, dtype), results in runs.items():
        for r in results:
            if why := disagreement(truth, r, TOLERANCE.get(dtype, HALF_TOLERANCE)):
                sys.exit(f"not the same work: {truth['program']} f32 against {r['program']} {dtype}: {why}")

    runs = {key: runs[key] for key in [(s, d) for s, _, d in sides]}
    of = lambda side: {d: merged(r, args.statistic) for (s, d), r in runs.items() if s == side}
    rows, goals = table(of("torch"), of("rust"), args)
    text = markdown(rows, runs, args)
    args.out.write_text(text)
    detail = {"statistic": args.statistic, "goals": goals, "runs": [{"side": s, "results": r} for (s, _), r in runs.items()]}
    args.out.with_suffix(".json").write_text(json.dumps(detail, indent=1))
    print(text)
    print(f"{sum(g['met'] for g in goals)} of {len(goals)} goals met; {args.out} and {args.out.with_suffix('.json')}", file=sys.stderr)


if __name__ == "__main__":
    main()
