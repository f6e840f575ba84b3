"""A training step of aki-lens beside the same step in PyTorch: both times, and their ratio.

    python training.py --binary target/release/aki-lens --model models/tabletop/mma [--config assets/training/tabletop.toml]
                       [--rounds 5 --steps 40 --warmup 20 --parts 1] [--core 0] [--out FILE.md]

The step is the instruction tuning of the tabletop model under the modality-mutual mask: 16 pictures with 8 questions each, resampler
and decoder trained, the vision tower frozen and read before, one thread, float32. The programs take turns on one core. PyTorch runs
in a process of its own (`training.py torch ..`), eager; --attention, --norm and --optimizer choose its operations.

Nothing is timed before two things hold:
* The PyTorch network says what the program says: `aki-lens ask` answers questions on scenes, and the log-probabilities of its
  answers' tokens agree with PyTorch's to 1e-3, the prompts' ids exactly.
* What is learned is the same: the mean losses over the same number of steps, from the same weights, on the same scenes and kinds of
  questions, agree to --loss-tolerance (questions are drawn by different random numbers).

--warmup steps run before the clock starts. Time a step is CPU time of the process, which other tenants of the machine disturb less,
and wall time beside it. aki-lens tells wall time in log.csv; its CPU time over the same steps is read from /proc while it runs.
"""
import argparse
import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

KINDS, COLORS = 73, ["red", "orange", "yellow", "green", "blue", "purple", "white", "black"]
SYSTEM = ("A chat between a curious user and an artificial intelligence assistant. "
          "The assistant gives helpful, detailed, and polite answers to the user's questions.")
TEMPLATE = "<s> <|system|>\n" + SYSTEM + "<|end|>\n<|user|>\n<image>\n{}<|end|>\n<|assistant|>\n"
GROUP, STRETCH = 64, 1.2  # sequences of one pass at most; how much longer the longest may be than the shortest
LIMIT = 1.2  # of PyTorch's time
LEARNING_RATE = 1e-4  # small, so that both losses stay those of the same weights
ASKED = 24  # questions in the comparison of networks
LOGGED = 20  # steps between rows of log.csv


# ------------------------------------------------------------------------------------------------ the network in PyTorch
def network(args):
    """Everything that needs torch, so that the program that only takes turns starts without it."""
    import numpy as np
    import torch
    import torch.nn.functional as F
    from PIL import Image
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    class Network:
        def __init__(self, folder):
            read = lambda name: json.loads((folder / name).read_text())
            self.text, self.vision, self.res = read("text_config.json"), read("vision_config.json"), read("resampler_config.json")
            self.n_base = read("config.json")["initial_tokenizer_len"]
            self.w = {k: v.float() for k, v in load_file(folder / "model.safetensors").items()}
            for name in ("lang_model.lm_head.weight", "lang_model.lm_head.bias", "lang_model.model.embed_tokens.weight"):
                self.w[name] = self.w[name][:self.n_base].clone()
            d = self.text["hidden_size"]
            width = KINDS + 1 + len(COLORS) + 1 + 3
            self.w["latent_head.weight"], self.w["latent_head.bias"] = torch.zeros(width, d), torch.zeros(width)
            self.trained = {k: v.requires_grad_() for k, v in self.w.items() if not k.startswith("vision_encoder.")}
            self.heads, self.dim = self.text["num_attention_heads"], d // self.text["num_attention_heads"]
            assert self.text["num_key_value_heads"] == self.heads and self.text["rope_scaling"] is None
            freq = 1.0 / self.text["rope_theta"] ** (torch.arange(0, self.dim, 2).float() / self.dim)
            angle = torch.outer(torch.arange(self.text["max_position_embeddings"]).double(), freq.double())
            self.cos, self.sin = angle.cos().float()[:, None], angle.sin().float()[:, None]  # [position, 1, dim / 2]

        def linear(self, x, name):
            return F.linear(x, self.w[f"{name}.weight"], self.w.get(f"{name}.bias"))

        def layer_norm(self, x, name, eps=1e-5):
            return F.layer_norm(x, x.shape[-1:], self.w[f"{name}.weight"], self.w[f"{name}.bias"], eps)

        def rms(self, x, name):
            eps, weight = self.text["rms_norm_eps"], self.w[f"{name}.weight"]
            if args.norm == "fused":
                return F.rms_norm(x, x.shape[-1:], weight, eps)
            return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight

        def attend(self, q, k, v, blocked=None):
            """q, k, v: [B, H, T, dim]; blocked: 0 or -inf, [B, 1, Q, K]. Returns [B, Q, H * dim]."""
            if args.attention == "sdpa":
                out = F.scaled_dot_product_attention(q, k, v, attn_mask=blocked)
            else:
                scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
                out = (scores if blocked is None else scores + blocked).softmax(-1) @ v
            return out.transpose(1, 2).flatten(2)

        def split(self, x, n):
            return x.unflatten(-1, (n, -1)).transpose(1, 2)

        @torch.no_grad()
        def tower(self, pixels):
            c, p = self.vision, "vision_encoder"
            w = lambda name: self.w[f"{p}.embeddings.{name}"]
            x = F.conv2d(pixels, w("patch_embedding.weight"), w("patch_embedding.bias"), stride=c["patch_size"])
            x = x.flatten(2).transpose(1, 2) + w("position_embedding.weight")
            for i in range(c["num_hidden_layers"]):
                b = f"{p}.encoder.layers.{i}"
                h = self.layer_norm(x, f"{b}.layer_norm1", c["layer_norm_eps"])
                q, k, v = (self.split(self.linear(h, f"{b}.self_attn.{s}_proj"), c["num_attention_heads"]) for s in "qkv")
                x = x + self.linear(self.attend(q, k, v), f"{b}.self_attn.out_proj")
                h = self.linear(self.layer_norm(x, f"{b}.layer_norm2", c["layer_norm_eps"]), f"{b}.mlp.fc1")
                x = x + self.linear(F.gelu(h, approximate="tanh"), f"{b}.mlp.fc2")
            return self.layer_norm(x, f"{p}.post_layernorm", c["layer_norm_eps"])

        def resample(self, patches):
            p, n = "vision_tokenizer", self.res["heads"]
            latents = self.w[f"{p}.latents"].expand(len(patches), -1, -1)
            for i in range(self.res["depth"]):
                a, f = f"{p}.layers.{i}.0", f"{p}.layers.{i}.1"
                x, l = self.layer_norm(patches, f"{a}.norm_media"), self.layer_norm(latents, f"{a}.norm_latents")
                k, v = (self.split(s, n) for s in self.linear(torch.cat([x, l], 1), f"{a}.to_kv").chunk(2, -1))
                latents = latents + self.linear(self.attend(self.split(self.linear(l, f"{a}.to_q"), n), k, v), f"{a}.to_out")
                h = F.gelu(self.linear(self.layer_norm(latents, f"{f}.0"), f"{f}.1"))
                latents = latents + self.linear(h, f"{f}.3")
            return self.linear(self.layer_norm(latents, f"{p}.norm"), f"{p}.projection")

        def rotate(self, x, first):
            """x: [B, T, heads, dim]"""
            cos, sin = self.cos[first:first + x.shape[1]], self.sin[first:first + x.shape[1]]
            a, b = x.chunk(2, -1)
            return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

        def decode(self, x, first, blocked, cache, last_rows=None):
            """x: [B, T, d] at positions first..; cache: per layer the keys and values before, filled where it is empty.
            last_rows: [B, n], the rows that are all one reads of the last layer."""
            layers = self.text["num_hidden_layers"]
            fills = not cache
            for i in range(layers):
                p = f"lang_model.model.layers.{i}"
                qkv = self.linear(self.rms(x, f"{p}.input_layernorm"), f"{p}.self_attn.qkv_proj").unflatten(-1, (3 * self.heads, self.dim))
                qk, v = self.rotate(qkv[:, :, :2 * self.heads], first), qkv[:, :, 2 * self.heads:].transpose(1, 2)
                q, k = (s.transpose(1, 2) for s in qk.chunk(2, 2))
                if fills:
                    cache.append((k, v))
                else:
                    k, v = (torch.cat([old.expand(len(x), -1, -1, -1), new], 2) for old, new in zip(cache[i], (k, v)))
                if last_rows is not None and i + 1 == layers:
                    at = torch.arange(len(x))[:, None]
                    q, blocked = q.transpose(1, 2)[at, last_rows].transpose(1, 2), blocked[at, :, last_rows].transpose(1, 2)
                    x = x[at, last_rows]
                x = x + self.linear(self.attend(q, k, v, blocked), f"{p}.self_attn.o_proj")
                gate, up = self.linear(self.rms(x, f"{p}.post_attention_layernorm"), f"{p}.mlp.gate_up_proj").chunk(2, -1)
                x = x + self.linear(F.silu(gate) * up, f"{p}.mlp.down_proj")
            return self.rms(x, "lang_model.model.norm")

        def logits(self, group, latents):
            """At all targets of a group's sequences, in their order."""
            embedding = "lang_model.model.embed_tokens"
            parts = [self.w[f"{embedding}.weight"], self.w[f"{embedding}.additional_embedding.weight"], latents.flatten(0, 1)]
            table, cache, n = torch.cat(parts), [], group["prefix"].shape[1]
            self.decode(F.embedding(group["prefix"], table), 0, group["prefix_blocked"], cache)
            x = self.decode(F.embedding(group["rows"], table), n, group["blocked"], cache, group["last_rows"])
            x = x.flatten(0, 1).index_select(0, group["wanted"])
            return torch.cat([self.linear(x, "lang_model.lm_head"), self.linear(x, "lang_model.lm_head.additional_fc")], -1)

        def dense_loss(self, latents, kinds, colors, geometry):
            y = self.linear(latents.flatten(0, 1), "latent_head")
            k, c, place = y.split([KINDS + 1, len(COLORS) + 1, 3], -1)
            shown = (kinds != KINDS).float()[:, None]
            off = ((place - geometry).abs() * shown).sum() * (10 / 3) / shown.sum().clamp(min=1)
            return F.cross_entropy(k, kinds) + 0.5 * F.cross_entropy(c, colors) + 0.25 * off

    class Texts:
        """Prompts and answers as ids, and groups of them as tensors."""

        def __init__(self, folder, n_latents):
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.image, self.end = (self.tokenizer.token_to_id(t) for t in ("<image>", "<|end|>"))
            self.n_latents = n_latents
            self.n_tokens = self.tokenizer.get_vocab_size()

        def ids(self, text):
            return self.tokenizer.encode(text, add_special_tokens=False).ids

        def sequence(self, question, answer):
            """(ids before the picture, ids of the question segment, ids of the answer)"""
            ids = self.ids(TEMPLATE.format(question))
            at = ids.index(self.image)
            return ids[:at], ids[at + 1:], answer

        def rows(self, sequence):
            before, after, answer = sequence
            return len(before) + self.n_latents + len(after) + len(answer) - 1

        def groups(self, sequences):
            """Indices of sequences of nearly one length."""
            out = []
            for i in sorted(range(len(sequences)), key=lambda i: self.rows(sequences[i])):
                if out and len(out[-1]) < GROUP and self.rows(sequences[i]) <= STRETCH * self.rows(sequences[out[-1][0]]):
                    out[-1].append(i)
                else:
                    out.append([i])
            return out

        def tensors(self, members):
            """members: (picture, sequence). Positions are counted behind the prefix that all share."""
            prefix = members[0][1][0]
            n, prompt = len(prefix), [self.n_latents + len(s[1]) for _, s in members]
            targets = [len(s[2]) for _, s in members]
            length, most = max(p + t - 1 for p, t in zip(prompt, targets)), max(targets)
            rows = np.zeros((len(members), length), dtype=np.int64)
            latents = np.arange(self.n_latents)
            for row, (picture, (_, after, answer)) in zip(rows, members):
                row[:self.n_latents] = self.n_tokens + picture * self.n_latents + latents
                behind = after + answer[:-1]
                row[self.n_latents:self.n_latents + len(behind)] = behind
            blocked = np.triu(np.full((length, n + length), -np.inf, dtype=np.float32), n + 1)
            blocked = np.repeat(blocked[None], len(members), 0)
            for i, end in enumerate(prompt):  # the picture's latents see the question
                blocked[i, :self.n_latents, n:n + end] = np.where(
                    np.arange(end) >= self.n_latents, 0, blocked[i, :self.n_latents, n:n + end])
            first = [min(p - 1, length - most) for p in prompt]
            wanted = [i * most + p - 1 - f + t for i, (p, f) in enumerate(zip(prompt, first)) for t in range(targets[i])]
            return {
                "prefix": torch.tensor([prefix]), "rows": torch.from_numpy(rows), "blocked": torch.from_numpy(blocked)[:, None],
                "prefix_blocked": torch.full((n, n), -math.inf).triu(1)[None, None],
                "last_rows": torch.tensor(first)[:, None] + torch.arange(most), "wanted": torch.tensor(wanted),
                "labels": torch.tensor([t for _, s in members for t in s[2]]),
            }

    def pixels(path, side):
        image = Image.open(path).convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 127.5 - 1

    def dense_labels(scene, side, names, n):
        """What stands in each latent's cell: kinds, colors, and from the cell's middle to the thing's with its size."""
        kinds, colors, geometry = [KINDS] * n, [len(COLORS)] * n, [[0.0] * 3] * n
        cells, nearest = math.isqrt(n), {}
        for thing in scene["things"]:
            x, y = thing["center"]
            cell = int(y * cells) * cells + int(x * cells)
            dx, dy = x - (cell % cells + 0.5) / cells, y - (cell // cells + 0.5) / cells
            if cell not in nearest or math.hypot(dx, dy) < nearest[cell]:
                nearest[cell] = math.hypot(dx, dy)
                kinds[cell] = names.setdefault(thing["name"], len(names))
                colors[cell] = COLORS.index(thing["plate"]) if thing.get("plate") else len(COLORS)
                geometry[cell] = [dx, dy, thing["size"]]
        return torch.tensor(kinds), torch.tensor(colors), torch.tensor(geometry)

    return torch, F, np, Network, Texts, pixels, dense_labels


def read_questions(folder):
    """[(scene, text, answer)]; questions with choices have them in their text, as in training."""
    csv.field_size_limit(1 << 30)
    scenes, out, scene_of = json.loads((folder / "truth.json").read_text())["scenes"], [], {}
    rows = csv.DictReader((folder / "questions.tsv").open(), delimiter="\t")
    for row in rows:
        # the picture stands in its first question's row, and the others name that row
        scene = scene_of.setdefault(row["image"] if len(row["image"]) < 64 else row["index"], len(scene_of))
        text = row["question"]
        if row["A"]:
            text += "".join(f"\n{letter}. {row[letter]}" for letter in "ABCD") + "\nAnswer with the letter."
        out.append((scene, text, row["answer"]))
    assert len(scene_of) == len(scenes), "one group of questions a scene"
    return scenes, out


def run_torch(args):
    torch, F, np, Network, Texts, pixels, dense_labels = network(args)
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    net = Network(args.model)
    texts = Texts(args.model, net.res["num_latents"])
    side, n_latents = net.vision["image_size"], net.res["num_latents"]
    if args.check:
        return check(args, torch, net, texts, pixels)
    scenes, questions = read_questions(args.scenes)
    features = net.tower(torch.stack([pixels(args.scenes / s["image"], side) for s in scenes]))
    names, by_scene = {}, [[] for _ in scenes]
    labels = [dense_labels(s, side, names, n_latents) for s in scenes]
    for scene, text, answer in questions:
        by_scene[scene].append(texts.sequence(text, texts.ids(answer) + [texts.end]))
    assert len({tuple(s[0]) for each in by_scene for s in each}) == 1, "one prefix"
    params = list(net.trained.values())
    decay = {"lr": LEARNING_RATE, "betas": (0.9, args.beta_2), "eps": 1e-8}
    groups = [{"params": [p for p in params if p.ndim > 1], "weight_decay": args.weight_decay},
              {"params": [p for p in params if p.ndim == 1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, **decay, **{args.optimizer: True})
    rng = np.random.default_rng(1)
    preparing = 0.0

    def part(n_pictures):
        nonlocal preparing
        start = time.process_time()
        picks = rng.integers(len(scenes), size=n_pictures)
        members = [(i, by_scene[p][rng.integers(len(by_scene[p]))]) for i, p in enumerate(picks) for _ in range(args.texts_per_picture)]
        sequences = [s for _, s in members]
        batch = [texts.tensors([members[i] for i in group]) for group in texts.groups(sequences)]
        kinds, colors, geometry = (torch.cat([labels[p][j] for p in picks]) for j in range(3))
        patches = features[torch.from_numpy(picks)]
        preparing += time.process_time() - start
        latents = net.resample(patches)
        n_targets, right, loss = sum(len(g["labels"]) for g in batch), 0, 0.0
        for group in batch:
            logits = net.logits(group, latents)
            right += int((logits.detach().argmax(-1) == group["labels"]).sum())
            loss = loss + F.cross_entropy(logits, group["labels"], reduction="sum") / n_targets
        loss = (loss + args.dense_weight * net.dense_loss(latents, kinds, colors, geometry)) / args.parts
        value = loss.item()
        loss.backward()
        return value, sum(texts.rows(s) for s in sequences)

    losses, norms, rows, marks = [], [], 0, []
    for step in range(args.warmup + args.steps):
        if step == args.warmup:
            preparing, rows = 0.0, 0
            marks.append((time.perf_counter(), time.process_time()))
        parts = [part(args.pictures // args.parts) for _ in range(args.parts)]
        losses.append(sum(p[0] for p in parts))
        rows += sum(p[1] for p in parts)
        assert math.isfinite(losses[-1])
        norms.append(float(torch.nn.utils.clip_grad_norm_(params, args.clip_norm)))
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    marks.append((time.perf_counter(), time.process_time()))
    n = args.warmup + args.steps
    wall, cpu = ((b - a) / args.steps for a, b in zip(*marks))
    return {"torch": torch.__version__, "wall": wall, "cpu": cpu, "preparing": preparing / args.steps, "loss": sum(losses) / n,
            "rows": rows / args.steps, "norm": sum(norms) / n}


def check(args, torch, net, texts, pixels):
    """Largest deviation of the log-probabilities of the answers that `aki-lens ask` gave, here in groups as in training."""
    paths = sorted(args.check.glob("*.json"))
    said = [json.loads(path.read_text()) for path in paths]
    sequences = [texts.sequence(s["question"], s["answer_ids"]) for s in said]
    for path, s, (before, after, _) in zip(paths, said, sequences):
        ids = [t["id"] for t in s["prompt_tokens"]]
        assert ids == before + [texts.image] * texts.n_latents + after, f"{path.name}: the prompts differ"
    worst = 0.0
    with torch.no_grad():
        pictures = [pixels(path.with_suffix(".png"), net.vision["image_size"]) for path in paths]
        latents = net.resample(net.tower(torch.stack(pictures)))
        for indices in texts.groups(sequences):
            group = texts.tensors([(i, sequences[i]) for i in indices])
            scores = net.logits(group, latents).log_softmax(-1).gather(1, group["labels"][:, None])[:, 0]
            truth = torch.tensor([x for i in indices for x in said[i]["answer_logprobs"]])
            worst = max(worst, float((scores - truth).abs().max()))
    return {"torch": torch.__version__, "worst": worst}


# ------------------------------------------------------------------------------------------------ both programs, in turns
def run(command, env):
    done = subprocess.run([str(c) for c in command], env={**os.environ, **env}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed ({done.returncode}):\n{done.stdout[-2000:]}{done.stderr[-4000:]}")


def generated(config, args, steps):
    """The configuration with a finetune stage of so many steps over few scenes, kinds of questions being equally likely."""
    values = {"steps": steps, "pictures": args.pictures, "texts_per_picture": args.texts_per_picture, "parts": args.parts,
              "scenes": args.n_scenes, "learning_rate": LEARNING_RATE, "min_learning_rate": LEARNING_RATE, "warmup_steps": 1,
              "validate_every": 1_000_000, "validation_scenes": 1}
    head, stage = config.split("[finetune]")
    stage, questions = stage.split("[questions]")
    for key in values:
        stage = re.sub(rf"(?m)^{key} *=.*\n", "", stage)
    lines = "".join(f"{key} = {value}\n" for key, value in values.items())
    return f"{head}[finetune]\n{lines}{stage}[questions]{re.sub(r'= *[0-9.]+', '= 1.0', questions)}"


def cpu_of(pid):
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_ours(args, folder):
    """A step's wall time from log.csv, and the CPU time that the process took meanwhile."""
    steps = args.warmup + args.steps
    config, out = folder / "config.toml", folder / "out"
    config.write_text(generated(args.config.read_text(), args, steps))
    if out.exists():
        shutil.rmtree(out)
    command = ["taskset", "-c", args.core, args.binary, "train", "finetune", "--attention", "mma", "--device", "cpu", "--config", config,
               "--from", args.model, "--out", out, "--quiet"]
    env = {**os.environ, "RAYON_NUM_THREADS": "1", "MIMALLOC_PURGE_DELAY": "-1"}
    samples = []
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen([str(c) for c in command], env=env, stdout=subprocess.DEVNULL, stderr=errors)
        while child.poll() is None:
            samples.append((time.time(), cpu_of(child.pid)))
            time.sleep(0.05)
        if child.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(map(str, command))} failed ({child.returncode}):\n{errors.read()[-4000:]}")
    log = {(int(r["step"]), r["name"]): float(r["value"]) for r in csv.DictReader((out / "log.csv").open()) if r["split"] == "train"}
    # log.csv is written when the last step is done, but for the validation of one scene
    end = (out / "log.csv").stat().st_mtime
    wall = log[steps, "seconds"] - log[args.warmup, "seconds"]
    at = lambda moment: min(samples, key=lambda sample: abs(sample[0] - moment))[1]
    cpu = at(end) - at(end - wall)
    return {"wall": wall / args.steps, "cpu": cpu / args.steps, "loss": log[steps, "loss"], "norm": log[steps, "gradient_norm"]}


def torch_command(args, folder, *more):
    command = ["taskset", "-c", args.core, args.python, __file__, "torch", "--model", args.model, "--json", folder / "torch.json",
               "--attention", args.attention, "--norm", args.norm, "--optimizer", args.optimizer, *more]
    env = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    if args.keep_pages:  # as MIMALLOC_PURGE_DELAY for the other program: pages are not given back between steps
        env |= {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_TOP_PAD_": str(1 << 26)}
    run(command, env)
    return json.loads((folder / "torch.json").read_text())


def ask(args, folder, scenes):
    """What `aki-lens ask` says to some questions, each beside its picture."""
    told, questions = read_questions(scenes)
    asked = folder / "asked"
    asked.mkdir()
    for i, (scene, text, _) in enumerate(questions[::max(1, len(questions) // ASKED)][:ASKED]):
        picture = asked / f"{i:02}.png"
        picture.write_bytes((scenes / told[scene]["image"]).read_bytes())
        run([args.binary, "ask", "--model", args.model, "--attention", "mma", "--image", picture, "--question", text, "--device", "cpu",
             "--dtype", "f32", "--json", picture.with_suffix(".json"), "--quiet"], {})
    return asked


def processor():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return found.group(1) if found else "unknown processor"


def main(args):
    if args.warmup % LOGGED or args.steps % LOGGED or args.pictures % args.parts:
        sys.exit(f"--warmup and --steps must be multiples of {LOGGED}, which log.csv tells, and --pictures one of --parts")
    n = args.warmup + args.steps
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        scenes = folder / "scenes"
        seed = re.search(r"(?m)^world_seed *= *(\d+)", args.config.read_text()).group(1)
        run([args.binary, "scenes", "--n", args.n_scenes, "--split", "train", "--seed", seed, "--out", scenes], {})
        checked = torch_command(args, folder, "--check", ask(args, folder, scenes))
        print(f"log-probabilities of answers differ by {checked['worst']:.1e} at most", file=sys.stderr, flush=True)
        if checked["worst"] > 1e-3:
            sys.exit("not the same network")
        stage = args.config.read_text().split("[finetune]")[1]
        setting = lambda key: re.search(rf"(?m)^{key} *= *([0-9.e-]+)", stage).group(1)
        more = ["--scenes", scenes, "--steps", args.steps, "--warmup", args.warmup, "--parts", args.parts, "--pictures", args.pictures,
                "--texts-per-picture", args.texts_per_picture]
        for key in ("weight_decay", "beta_2", "clip_norm", "dense_weight"):
            more += [f"--{key.replace('_', '-')}", setting(key)]
        ours, theirs, loads = [], [], []
        for k in range(args.rounds):
            loads.append(os.getloadavg()[0])

            def measure_ours():
                ours.append(run_ours(args, folder))

            def measure_torch():
                theirs.append(torch_command(args, folder, *more))

            for measure in (measure_ours, measure_torch) if k % 2 == 0 else (measure_torch, measure_ours):
                measure()
            a, b = ours[-1], theirs[-1]
            print(f"round {k + 1}: CPU {a['cpu']:.4f} and {b['cpu']:.4f} s a step ({a['cpu'] / b['cpu']:.2f}), wall {a['wall']:.3f} and "
                  f"{b['wall']:.3f}; loss {a['loss']:.4f} and {b['loss']:.4f}; load {loads[-1]:.1f}", file=sys.stderr, flush=True)
            if abs(a["loss"] / b["loss"] - 1) > args.loss_tolerance:
                sys.exit(f"not the same work: mean loss {a['loss']:.4f} and {b['loss']:.4f}")
    n_questions = args.pictures * args.texts_per_picture
    lines = [f"{processor()}, {os.cpu_count()} cores, one of them used; load {min(loads):.1f} to {max(loads):.1f}; torch {theirs[0]['torch']}, "
             f"attention {args.attention}, norm {args.norm}, AdamW {args.optimizer}.",
             f"{args.pictures} pictures x {args.texts_per_picture} questions a step in {args.parts} part(s), {theirs[0]['rows'] / n_questions:.0f} "
             f"positions a sequence; {args.rounds} rounds of {args.steps} steps, one after the other in turns.", "",
             "| seconds a step | aki-lens | PyTorch | ratio | goal |", "|---|---|---|---|---|"]
    for key, name in (("cpu", "CPU"), ("wall", "wall")):
        for label, of in (("median", median), ("min", min)):
            a, b = of([r[key] for r in ours]), of([r[key] for r in theirs])
            goal = f"<= {LIMIT}: {'met' if a / b <= LIMIT else '**missed**'}" if key == "cpu" and label == "median" else ""
            lines.append(f"| {name}, {label} | {a:.4f} | {b:.4f} | {a / b:.2f} | {goal} |")
    a, b = (median(r["cpu"] for r in x) for x in (ours, theirs))
    pairs = sorted(x["cpu"] / y["cpu"] for x, y in zip(ours, theirs))
    prepared = median(r["preparing"] for r in theirs)
    lines += ["", f"Questions a second and core (CPU, median): {n_questions / a:.0f} and {n_questions / b:.0f}. Ratios of the rounds: "
              f"{', '.join(f'{p:.2f}' for p in pairs)}. PyTorch without preparing its batches ({prepared * 1e3:.0f} ms): {a / (b - prepared):.2f}.",
              f"Mean loss over {n} steps: {median(r['loss'] for r in ours):.4f} and {median(r['loss'] for r in theirs):.4f}; log-probabilities of "
              f"answers before: {checked['worst']:.1e} apart at most."]
    text = "\n".join(lines) + "\n"
    args.out.write_text(text)
    args.out.with_suffix(".json").write_text(json.dumps({"ours": ours, "torch": theirs, "loads": loads}, indent=1))
    print(text)


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    as_torch = sys.argv[1:2] == ["torch"]
    ap.add_argument("--model", type=Path, required=True)
    ap.add_argument("--attention", choices=["sdpa", "plain"], default="sdpa")
    ap.add_argument("--norm", choices=["fused", "plain"], default="fused")
    ap.add_argument("--optimizer", choices=["fused", "foreach"], default="fused")
    ap.add_argument("--steps", type=int, default=40)
    ap.add_argument("--warmup", type=int, default=20)
    ap.add_argument("--parts", type=int, default=1)
    ap.add_argument("--pictures", type=int, default=16)
    ap.add_argument("--texts-per-picture", type=int, default=8)
    if as_torch:
        ap.add_argument("--scenes", type=Path)
        ap.add_argument("--check", type=Path)
        ap.add_argument("--json", type=Path, required=True)
        for name, value in (("weight-decay", 0.02), ("beta-2", 0.98), ("clip-norm", 1.0), ("dense-weight", 0.25)):
            ap.add_argument(f"--{name}", type=float, default=value)
        args = ap.parse_args(sys.argv[2:])
        args.json.write_text(json.dumps(run_torch(args)))
    else:
        ap.add_argument("--binary", type=Path, required=True)
        ap.add_argument("--config", type=Path, default=Path(__file__).parent.parent / "assets/training/tabletop.toml")
        ap.add_argument("--python", default=sys.executable)
        ap.add_argument("--rounds", type=int, default=5)
        ap.add_argument("--n-scenes", type=int, default=64)
        ap.add_argument("--core", default="0")
        ap.add_argument("--keep-pages", action=argparse.BooleanOptionalAction, default=True)
        ap.add_argument("--loss-tolerance", type=float, default=0.1)
        ap.add_argument("--out", type=Path, default=Path("training.md"))
        main(ap.parse_args())
