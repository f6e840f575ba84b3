"""`aki-lens batch` beside the same work in PyTorch: questions a second of both, and their ratio.

    python batch.py --binary target/release/aki-lens --model models/tabletop/mma --data QUESTIONS.tsv
                    [--questions 400] [--rounds 3] [--threads 1] [--cores 0] [--out FILE.md]

QUESTIONS.tsv is what `aki-lens scenes` writes; its truth.json lies beside it. Both programs take turns on the same cores. The work, for each
question, one at a time as VLMEvalKit asks: the full prompt in one pass, every decoder layer's attention from the picture's latents to the
question's tokens kept and summed, greedy decoding on a key/value cache to the end token; vision tower and resampler once a picture.
PyTorch computes attention eagerly, because only so it gives its weights (transformers: output_attentions=True). `batch` does more:
it tags the words, groups them, reads layer by layer and appends to its record.

Nothing is reported before two things hold: both programs give the same answers (all but --may-differ of them, as float32 may decide a tie
either way), and the attention that pictures pay to questions agrees question by question to 1e-4.

Time is that of the questions: without starting, importing and loading the model, in both. CPU time, over all threads of the process,
is disturbed less by other tenants of the machine than wall time beside it; ours counts the whole process, its start included.
"""
import argparse
import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from types import SimpleNamespace

import training


# ------------------------------------------------------------------------------------------------ PyTorch
def run_torch(args):
    torch, F, np, Network, Texts, pixels, _ = training.network(SimpleNamespace(attention="eager", norm="fused"))
    torch.set_num_threads(args.threads)
    torch.set_num_interop_threads(1)

    class Recorded(Network):
        weights = None  # [heads, queries, keys] of each decoder layer, while a list

        def attend(self, q, k, v, blocked=None):
            scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
            weights = (scores if blocked is None else scores + blocked).softmax(-1)
            if self.weights is not None:
                self.weights.append(weights[0])
            return (weights @ v).transpose(1, 2).flatten(2)

        def through(self, x, first, blocked, cache):
            """x: [1, T, d] at positions first..; keys and values are added to the cache."""
            for i in range(self.text["num_hidden_layers"]):
                p = f"lang_model.model.layers.{i}"
                qkv = self.linear(self.rms(x, f"{p}.input_layernorm"), f"{p}.self_attn.qkv_proj").unflatten(-1, (3 * self.heads, self.dim))
                qk, v = self.rotate(qkv[:, :, :2 * self.heads], first), qkv[:, :, 2 * self.heads:].transpose(1, 2)
                q, k = (s.transpose(1, 2) for s in qk.chunk(2, 2))
                if len(cache) > i:
                    k, v = (torch.cat([old, new], 2) for old, new in zip(cache[i], (k, v)))
                    cache[i] = (k, v)
                else:
                    cache.append((k, v))
                x = x + self.linear(self.attend(q, k, v, blocked), f"{p}.self_attn.o_proj")
                gate, up = self.linear(self.rms(x, f"{p}.post_attention_layernorm"), f"{p}.mlp.gate_up_proj").chunk(2, -1)
                x = x + self.linear(F.silu(gate) * up, f"{p}.mlp.down_proj")
            return self.rms(x, "lang_model.model.norm")

        def head(self, x):
            return torch.cat([self.linear(x, "lang_model.lm_head"), self.linear(x, "lang_model.lm_head.additional_fc")], -1)

    net = Recorded(args.model)
    texts = Texts(args.model, net.res["num_latents"])
    n, embedding = net.res["num_latents"], "lang_model.model.embed_tokens"
    table = torch.cat([net.w[f"{embedding}.weight"], net.w[f"{embedding}.additional_embedding.weight"]])
    scenes, questions = training.read_questions(args.data.parent)
    questions = questions[:args.questions]

    def answer(latents, text):
        before, after, _ = texts.sequence(text, [])
        x = torch.cat([F.embedding(torch.tensor(before), table), latents, F.embedding(torch.tensor(after), table)])[None]
        length, at = x.shape[1], len(before)
        blocked = torch.full((length, length), -torch.inf).triu(1)
        blocked[at:at + n, at + n:] = 0  # the picture's latents see the question
        cache, net.weights = [], []
        x = net.through(x, 0, blocked, cache)[:, -1:]
        # what the latents pay to the text behind them, mean over layers, heads and latents
        paid = float(torch.stack(net.weights)[:, :, at:at + n, at + n:].sum(-1).mean())
        net.weights, ids = None, []
        while len(ids) < 40:
            ids.append(int(net.head(x)[0, -1].argmax()))
            if ids[-1] == texts.end:
                break
            x = net.through(F.embedding(torch.tensor(ids[-1:]), table)[None], length + len(ids) - 1, None, cache)
        return texts.tokenizer.decode(ids, skip_special_tokens=True).strip(), paid

    said, last, latents = [], None, None
    with torch.no_grad():
        answer(net.resample(net.tower(pixels(args.data.parent / scenes[0]["image"], net.vision["image_size"])[None]))[0], questions[0][1])
        wall, cpu = time.perf_counter(), time.process_time()
        for scene, text, _ in questions:
            if scene != last:
                picture = pixels(args.data.parent / scenes[scene]["image"], net.vision["image_size"])
                latents, last = net.resample(net.tower(picture[None]))[0], scene
            said.append(answer(latents, text))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    json.dump({"torch": torch.__version__, "wall": wall, "cpu": cpu, "said": said}, sys.stdout)


# ------------------------------------------------------------------------------------------------ both programs, in turns
def run(command, threads, cores):
    env = os.environ | {"RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(c) for c in ["taskset", "-c", cores, *command]], env=env, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_ours(args, data, folder):
    command = [args.binary, "batch", "--verbose", "--device", "cpu", "--model", args.model, "--data", data, "--attention", "mma", "--out", folder]
    done, cpu = run(command, args.threads, args.cores)
    wall = float(re.search(r"runs in ([0-9.]+) s", done.stderr)[1])
    rows = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()[1:]]
    rows = sorted((line["row"] for line in rows), key=lambda row: row["row"])
    said = [(row["answer"]["prediction"], sum(row["answer"]["by_bucket"]["all"]["mass"])) for row in rows]
    return {"wall": wall, "cpu": cpu, "said": said}


def first_questions(args, folder):
    """The first --questions rows, with truth beside them."""
    data = folder / "questions.tsv"
    lines = args.data.read_text().splitlines(keepends=True)[:args.questions + 1]
    data.write_text("".join(lines))
    (folder / "truth.json").write_bytes((args.data.parent / "truth.json").read_bytes())
    (folder / "images").symlink_to((args.data.parent / "images").resolve())
    return data


def compare(args):
    rounds = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        data = first_questions(args, folder)
        for i in range(args.rounds):
            ours = run_ours(args, data, folder / f"batch{i}")
            command = [args.python, __file__, "torch", "--model", args.model, "--data", args.data, "--questions", args.questions,
                       "--threads", args.threads]
            theirs = json.loads(run(command, args.threads, args.cores)[0].stdout)
            rounds.append((ours, theirs))
            print(f"round {i + 1}: {ours['wall']:.1f} s here, {theirs['wall']:.1f} s in PyTorch", file=sys.stderr)
    ours, theirs = rounds[0]
    n = len(theirs["said"])
    assert len(ours["said"]) == n, f"{len(ours['said'])} answers here, {n} in PyTorch"
    other = sum(a[0] != b[0] for a, b in zip(ours["said"], theirs["said"]))
    assert other <= args.may_differ * n, f"{other} of {n} answers differ"
    worst = max(abs(a[1] - b[1]) for a, b in zip(ours["said"], theirs["said"]))
    assert worst < 1e-4, f"attention to the question differs by up to {worst:.1e}"
    cpu = Path("/proc/cpuinfo").read_text().split("model name\t: ")[1].split("\n")[0]
    lines = [
        f"{cpu}, {args.threads} thread(s) on core(s) {args.cores}, load {os.getloadavg()[0]:.1f}; torch {theirs['torch']}, eager.",
        f"{n} questions, {args.rounds} rounds in turns; {n - other} of {n} answers equal; attention to the question within {worst:.0e}.",
        "",
        "| seconds, median of rounds | aki-lens batch | PyTorch | ratio | ratio, least and most |",
        "|---|---|---|---|---|",
    ]
    for what in ("wall", "cpu"):
        a, b = (median(r[side][what] for r in rounds) for side in (0, 1))
        ratios = sorted(r[0][what] / r[1][what] for r in rounds)
        lines.append(f"| {what} | {a:.2f} ({n / a:.0f} questions a second) | {b:.2f} ({n / b:.0f}) | {a / b:.2f} "
                     f"| {ratios[0]:.2f}, {ratios[-1]:.2f} |")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if args.out:
        args.out.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("side", nargs="?", choices=["torch"], help="used by the program itself")
    parser.add_argument("--binary", type=Path, default=Path("target/release/aki-lens"))
    parser.add_argument("--model", type=Path, default=Path("models/tabletop/mma"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cores", default="0")
    parser.add_argument("--may-differ", type=float, default=0.005)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    run_torch(args) if args.side == "torch" else compare(args)


if __name__ == "__main__":
    main()
