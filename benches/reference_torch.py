"""The PyTorch side of the benchmark: the same work as `aki-lens`, done by transformers' own modules.

    python reference_torch.py write-checkpoint --out DIR --tokenizer tokenizer.json [--layers 32 --vision-layers 27
                              --resampler-depth 6 --dtype bf16 --seed 0] [--expect aki4b_tensors.json]
    python reference_torch.py run --checkpoint DIR --dtype f32 --threads 2 --prompt 220 --decode 16 --repeat 5 --json OUT
    python reference_torch.py gemm [--dtypes f32,bf16,f16] [--threads 1,2]

Needs torch, transformers 5, numpy. Measured with torch 2.15.0, transformers 5.23.0.

The input, which every side of the benchmark builds for itself (P = --prompt, n = 144 image tokens, T = P - n + 1 text ids):

    token ids     id[i] = (7 * i + 13) % 32000 for i in 0..T, but id[28] = 32012 (<image>) and id[T-1] = 32001 (<|assistant|>)
    pixel values  f32 [3,384,384], pixel[c][y][x] = ((31 * x + 17 * y + 101 * c) % 255) / 127.5 - 1, each step in f32
    sequence      P positions: ids 0..28, the 144 latents, ids 29..T; position ids 0..P
    mma mask      causal, and rows [28,172) also see columns [172,P): the last id is the end token, so the rectangle
                  reaches the last column
    decoding      greedy from the prefill's argmax, positions P, P+1, ..; a new token sees the whole cache

What is timed: `load` from opened files to modules in --dtype (files likely in the page cache); `vision` one image, no pooling head;
`resampler` with its weights; `prefill` embeddings to the logits of the last position only, filling a key/value cache; `decode` one
token. `recorded` means that every layer's attention weights are returned and kept ([1,heads,queries,keys] each). One round of all
stages warms up, then --repeat rounds run the stages in turn, so that a drifting machine drifts over all of them.

JSON written by `run`, and by any program that `compare.py` is to set beside it (* required there):

    program*          "torch 2.15.0", "aki-lens 0.1.0"
    dtype*            "f32" | "bf16" | "f16", or what the program calls its own type
    threads*, prompt*, decode*, repeat*, layers, vision_layers, resampler_depth      integers
    stages*           {"load_s", "vision_s", "resampler_s", "prefill_s", "prefill_recorded_s", "decode_s_per_token",
                       "decode_recorded_s_per_token"}: each {"min"*, "median"*, "n"*, "cpu_min", "cpu_median"}, in seconds;
                      cpu_* is process CPU time over all threads
    peak_rss_bytes*   VmHWM of the process at its end; it cannot be reset, so one process measures one dtype
    ru_maxrss_bytes   the same as getrusage tells it
    top5*             [[id, logit], ..] of the last prompt position, best first, ids over the 32014 ids in use
    probe             [[id, logit], ..] at ids 0, 1000, .. 32000 of the same position
    attention         {"max_row_sum_error", "max_masked"}: every recorded row sums to 1, forbidden keys weigh 0
    decoded           the greedy ids
    machine           {"cpu", "cores", "load_1m"}
"""
import argparse
import json
import os
import platform
import resource
import shutil
import struct
import sys
import time
import zlib
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from torch import nn

DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
STORED = {"f32": "F32", "f16": "F16", "bf16": "BF16"}
VOCAB, N_BASE, IMAGE_ID, END_ID, IMAGE_AT = 32064, 32012, 32012, 32001, 28
SHARD_BYTES = 2_000_000_000


# ------------------------------------------------------------------------------------------------ the checkpoint
def aki_shapes(layers, vision_layers, depth):
    """Names and shapes of AKI-4B in the order of its state_dict."""
    out = {}

    def linear(name, rows, cols, bias=True):
        out[f"{name}.weight"] = [rows, cols]
        if bias:
            out[f"{name}.bias"] = [rows]

    def norm(name, dim, bias=True):
        out[f"{name}.weight"] = [dim]
        if bias:
            out[f"{name}.bias"] = [dim]

    v, d, ffn = "vision_encoder", 1152, 4304
    out[f"{v}.embeddings.patch_embedding.weight"], out[f"{v}.embeddings.patch_embedding.bias"] = [d, 3, 14, 14], [d]
    out[f"{v}.embeddings.position_embedding.weight"] = [729, d]
    for i in range(vision_layers):
        b = f"{v}.encoder.layers.{i}"
        for s in ("k_proj", "v_proj", "q_proj", "out_proj"):
            linear(f"{b}.self_attn.{s}", d, d)
        norm(f"{b}.layer_norm1", d)
        linear(f"{b}.mlp.fc1", ffn, d)
        linear(f"{b}.mlp.fc2", d, ffn)
        norm(f"{b}.layer_norm2", d)
    norm(f"{v}.post_layernorm", d)
    out[f"{v}.head.probe"] = [1, 1, d]
    out[f"{v}.head.attention.in_proj_weight"], out[f"{v}.head.attention.in_proj_bias"] = [3 * d, d], [3 * d]
    linear(f"{v}.head.attention.out_proj", d, d)
    norm(f"{v}.head.layernorm", d)
    linear(f"{v}.head.mlp.fc1", ffn, d)
    linear(f"{v}.head.mlp.fc2", d, ffn)

    t, h = "vision_tokenizer", 3072
    out[f"{t}.latents"] = [144, d]
    linear(f"{t}.projection", h, d)
    for i in range(depth):
        a, f = f"{t}.layers.{i}.0", f"{t}.layers.{i}.1"
        norm(f"{a}.norm_media", d)
        norm(f"{a}.norm_latents", d)
        linear(f"{a}.to_q", 512, d, bias=False)
        linear(f"{a}.to_kv", 1024, d, bias=False)
        linear(f"{a}.to_out", d, 512, bias=False)
        norm(f"{f}.0", d)
        linear(f"{f}.1", 4 * d, d, bias=False)
        linear(f"{f}.3", d, 4 * d, bias=False)
    norm(f"{t}.norm", d)

    m = "lang_model.model"
    out[f"{m}.embed_tokens.weight"], out[f"{m}.embed_tokens.additional_embedding.weight"] = [VOCAB, h], [2, h]
    for i in range(layers):
        b = f"{m}.layers.{i}"
        linear(f"{b}.self_attn.o_proj", h, h, bias=False)
        linear(f"{b}.self_attn.qkv_proj", 3 * h, h, bias=False)
        linear(f"{b}.mlp.gate_up_proj", 2 * 8192, h, bias=False)
        linear(f"{b}.mlp.down_proj", h, 8192, bias=False)
        norm(f"{b}.input_layernorm", h, bias=False)
        norm(f"{b}.post_attention_layernorm", h, bias=False)
    norm(f"{m}.norm", h, bias=False)
    linear("lang_model.lm_head", VOCAB, h)
    linear("lang_model.lm_head.additional_fc", 2, h)
    return out


def is_norm_weight(name):
    return name.endswith(".weight") and ("norm" in name or name.endswith(".1.0.weight"))


def configurations(layers, vision_layers, depth, dtype):
    """The LongRoPE factors have the released form (48, rising from about 1) but are a formula of our own."""
    factors = lambda top: [round(1 + (top - 1) * i / 47, 6) for i in range(48)]
    text = {"model_type": "phi3", "architectures": ["Phi3ForCausalLM"], "vocab_size": VOCAB, "hidden_size": 3072,
            "intermediate_size": 8192, "num_hidden_layers": layers, "num_attention_heads": 32, "num_key_value_heads": 32,
            "hidden_act": "silu", "attention_dropout": 0.0, "initializer_range": 0.02, "use_cache": True, "torch_dtype": dtype,
            "bos_token_id": 1, "eos_token_id": 32000, "pad_token_id": 32000, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
            "rope_scaling": {"type": "longrope", "short_factor": factors(2.8), "long_factor": factors(64.8)},
            "max_position_embeddings": 131072, "original_max_position_embeddings": 4096, "tie_word_embeddings": False,
            "resid_pdrop": 0.0, "embd_pdrop": 0.0, "sliding_window": 262144, "attention_bias": False}
    vision = {"model_type": "siglip_vision_model", "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": vision_layers,
              "num_attention_heads": 16, "num_channels": 3, "image_size": 384, "patch_size": 14, "hidden_act": "gelu_pytorch_tanh",
              "layer_norm_eps": 1e-6, "attention_dropout": 0.0}
    config = {"base_img_size": None, "decoder_layers_attr_name": "model.layers", "gradient_checkpointing": False,
              "initial_tokenizer_len": N_BASE, "lang_model_path": "microsoft/Phi-3.5-mini-instruct", "num_vision_tokens": 144,
              "pad_token_id": 32011, "tokenizer": None, "vision_encoder_path": "google/siglip-so400m-patch14-384"}
    res = {"depth": depth, "heads": 8, "dim_head": 64, "ff_mult": 4, "num_latents": 144}
    return {"config.json": config, "vision_config.json": vision, "text_config.json": text, "resampler_config.json": res}


def random_tensor(name, shape, dtype, seed):
    """Norm weights 1, the rest N(0, 0.02), seeded by the name: a model of fewer layers holds the same tensors."""
    if is_norm_weight(name):
        return torch.ones(shape, dtype=dtype)
    gen = torch.Generator().manual_seed((seed << 32) + zlib.crc32(name.encode()))
    return torch.randn(shape, generator=gen).mul_(0.02).to(dtype)


def write_shard(path, names, shapes, dtype, seed):
    """One safetensors file, tensor by tensor, so that memory holds a single one."""
    size, header, at = DTYPES[dtype].itemsize, {"__metadata__": {"format": "pt"}}, 0
    for n in names:
        end = at + size * torch.Size(shapes[n]).numel()
        header[n] = {"dtype": STORED[dtype], "shape": shapes[n], "data_offsets": [at, end]}
        at = end
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(head)) + head)
        for n in names:
            f.write(random_tensor(n, shapes[n], DTYPES[dtype], seed).flatten().view(torch.uint8).numpy().data)


def write_checkpoint(args):
    torch.set_num_threads(args.threads)
    shapes = aki_shapes(args.layers, args.vision_layers, args.resampler_depth)
    if args.expect:
        expected = json.loads(args.expect.read_text())["shapes"]
        assert list(shapes.items()) == list(expected.items()), f"not the tensors of {args.expect}"
    args.out.mkdir(parents=True, exist_ok=True)
    for file, content in configurations(args.layers, args.vision_layers, args.resampler_depth, str(DTYPES[args.dtype])[6:]).items():
        (args.out / file).write_text(json.dumps(content, indent=2))
    if args.tokenizer:
        shutil.copyfile(args.tokenizer, args.out / "tokenizer.json")
    shards, used, total = [[]], 0, 0
    for n, shape in shapes.items():
        size = DTYPES[args.dtype].itemsize * torch.Size(shape).numel()
        if used + size > SHARD_BYTES:
            shards.append([])
            used = 0
        shards[-1].append(n)
        used, total = used + size, total + size
    where = {}
    for i, names in enumerate(shards):
        file = f"model-{i + 1:05d}-of-{len(shards):05d}.safetensors"
        write_shard(args.out / file, names, shapes, args.dtype, args.seed)
        where.update(dict.fromkeys(names, file))
        print(f"{file}: {len(names)} tensors, {(args.out / file).stat().st_size} bytes", flush=True)
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
    (args.out / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    print(f"{args.out}: {len(shapes)} tensors, {total} bytes of weights, peak memory {peak_rss()} bytes")


# ------------------------------------------------------------------------------------------------ the model
class PerceiverResampler(nn.Module):
    def __init__(self, depth, heads, dim_head, dim, width, latents):
        super().__init__()
        inner, self.heads = heads * dim_head, heads
        self.latents = nn.Parameter(torch.empty(latents, dim))
        self.projection = nn.Linear(dim, width)

        def attention():
            m = nn.Module()
            m.norm_media, m.norm_latents = nn.LayerNorm(dim), nn.LayerNorm(dim)
            m.to_q, m.to_kv = nn.Linear(dim, inner, bias=False), nn.Linear(dim, 2 * inner, bias=False)
            m.to_out = nn.Linear(inner, dim, bias=False)
            return m

        def feed_forward():
            return nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, 4 * dim, bias=False), nn.GELU(), nn.Linear(4 * dim, dim, bias=False))
        self.layers = nn.ModuleList([nn.ModuleList([attention(), feed_forward()]) for _ in range(depth)])
        self.norm = nn.LayerNorm(dim)

    def forward(self, feats):
        """[patches, dim] -> [latents, width], and the attention weights of each layer."""
        split = lambda t: t.unflatten(-1, (self.heads, -1)).transpose(0, 1)
        x, maps = self.latents, []
        for a, ff in self.layers:
            lat = a.norm_latents(x)
            k, v = a.to_kv(torch.cat([a.norm_media(feats), lat])).chunk(2, -1)
            q, k, v = split(a.to_q(lat)), split(k), split(v)
            p = (q * q.shape[-1] ** -0.5 @ k.transpose(-1, -2)).softmax(-1)
            maps.append(p)
            x = x + a.to_out((p @ v).transpose(0, 1).flatten(1))
            x = x + ff(x)
        return self.projection(self.norm(x)), maps


class Head(nn.Module):
    """The base rows in use, then the two added ones; both parts with a bias."""

    def __init__(self, width):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.empty(VOCAB, width)), nn.Parameter(torch.empty(VOCAB))
        self.additional_fc = nn.Linear(width, 2)

    def forward(self, x):
        return torch.cat([F.linear(x, self.weight[:N_BASE], self.bias[:N_BASE]), self.additional_fc(x)], -1)


class Aki:
    def __init__(self, folder, dtype):
        import transformers
        folder = Path(folder)
        load = lambda n: json.loads((folder / n).read_text())
        text, vision, res = load("text_config.json"), load("vision_config.json"), load("resampler_config.json")
        text.update(torch_dtype=dtype, sliding_window=None)  # 262144 never bites; without it the cache can be cropped
        vision.update(torch_dtype=dtype, vision_use_head=False)
        text, vision = transformers.Phi3Config(**text), transformers.SiglipVisionConfig(**vision)
        with torch.device("meta"):
            self.vision = transformers.SiglipVisionModel._from_config(vision, attn_implementation="sdpa")
            self.lm = transformers.Phi3ForCausalLM._from_config(text, attn_implementation="eager")
            self.lm.lm_head = Head(text.hidden_size)
            self.lm.model.embed_tokens.additional_embedding = nn.Embedding(2, text.hidden_size)
            self.resampler = PerceiverResampler(res["depth"], res["heads"], res["dim_head"], vision.hidden_size,
                                                text.hidden_size, res["num_latents"])
        for m in self.modules().values():
            m.to(dtype).to_empty(device="cpu").eval()
        self.lm.model.rotary_emb = type(self.lm.model.rotary_emb)(text)  # buffers, which to_empty left undefined
        self.vision.embeddings.position_ids = torch.arange((vision.image_size // vision.patch_size) ** 2)[None]
        self.config, self.dtype, self.latents, self.depth = text, dtype, res["num_latents"], res["depth"]
        self.vision_layers = vision.num_hidden_layers
        self.read(folder)

    def modules(self):
        return {"vision_encoder": self.vision, "vision_tokenizer": self.resampler, "lang_model": self.lm}

    def read(self, folder):
        """Straight into the parameters: no second copy of the model, no mapped file, exists at any time."""
        todo = {f"{p}.{k}": v.data for p, m in self.modules().items() for k, v in m.named_parameters()}
        types = {v: DTYPES[k] for k, v in STORED.items()}
        for path in sorted(folder.glob("*.safetensors")):
            with open(path, "rb", buffering=0) as f:
                (n,) = struct.unpack("<Q", f.read(8))
                header = json.loads(f.read(n))
                for name, t in header.items():
                    if name not in todo:
                        assert name == "__metadata__" or name.startswith("vision_encoder.head."), f"unexpected tensor {name}"
                        continue
                    into, (a, b) = todo.pop(name), t["data_offsets"]
                    assert list(into.shape) == t["shape"], name
                    same = types[t["dtype"]] == into.dtype
                    buffer = into if same else torch.empty(t["shape"], dtype=types[t["dtype"]])
                    f.seek(8 + n + a)
                    view, at = memoryview(buffer.flatten().view(torch.uint8).numpy()), 0
                    while at < b - a:
                        got = f.readinto(view[at:])
                        assert got, f"{path}: ends within {name}"
                        at += got
                    if not same:
                        into.copy_(buffer)
        assert not todo, f"missing tensors: {sorted(todo)[:5]}"

    def embed(self, ids):
        e = self.lm.model.embed_tokens
        return torch.where((ids < N_BASE)[:, None], F.embedding(ids.clamp(max=N_BASE - 1), e.weight),
                           F.embedding((ids - N_BASE).clamp(min=0), e.additional_embedding.weight))

    def patches(self, pixels):
        return self.vision(pixel_values=pixels[None].to(self.dtype)).last_hidden_state[0]

    def prefill(self, ids, tokens, allowed, record):
        import transformers
        e = self.embed(ids)
        x = torch.cat([e[:IMAGE_AT], tokens, e[IMAGE_AT + 1:]])
        add = torch.zeros(allowed.shape, dtype=self.dtype).masked_fill(~allowed, torch.finfo(self.dtype).min)
        return self.lm(inputs_embeds=x[None], attention_mask=add[None, None], position_ids=torch.arange(len(x))[None], use_cache=True,
                       past_key_values=transformers.DynamicCache(), output_attentions=record, logits_to_keep=1)

    def step(self, token, position, cache, record):
        return self.lm(inputs_embeds=self.embed(torch.tensor([token]))[None], position_ids=torch.tensor([[position]]), use_cache=True,
                       past_key_values=cache, output_attentions=record, logits_to_keep=1)


# ------------------------------------------------------------------------------------------------ measuring
def prompt_ids(prompt, latents):
    n = prompt - latents + 1
    ids = [(7 * i + 13) % 32000 for i in range(n)]
    ids[IMAGE_AT], ids[n - 1] = IMAGE_ID, END_ID
    return torch.tensor(ids)


def pixel_values():
    c, y, x = torch.arange(3)[:, None, None], torch.arange(384)[:, None], torch.arange(384)
    return ((31 * x + 17 * y + 101 * c) % 255).float() / 127.5 - 1


def mma_mask(prompt, latents):
    allowed = torch.ones(prompt, prompt, dtype=torch.bool).tril()
    allowed[IMAGE_AT:IMAGE_AT + latents, IMAGE_AT + latents:] = True
    return allowed


def peak_rss():
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def machine():
    cpu = next((l.split(":")[1].strip() for l in Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")), platform.processor())
    return {"cpu": cpu, "cores": os.cpu_count(), "load_1m": os.getloadavg()[0]}


class Clock:
    def __init__(self):
        self.times = {}

    def __call__(self, stage, work):
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        self.times.setdefault(stage, []).append((time.perf_counter() - wall, time.process_time() - cpu))
        return result

    def report(self):
        return {s: {"min": min(w for w, _ in t), "median": median(w for w, _ in t), "n": len(t), "cpu_min": min(c for _, c in t),
                    "cpu_median": median(c for _, c in t)} for s, t in self.times.items()}


def one_round(m, clock, ids, pixels, allowed, steps):
    """Every stage once; returns what the last prompt position says, the maps, and the greedy ids."""
    feats = clock("vision_s", lambda: m.patches(pixels))
    tokens, _ = clock("resampler_s", lambda: m.resampler(feats))
    for record in (False, True):
        suffix = "_recorded" if record else ""
        out = clock(f"prefill{suffix}_s", lambda: m.prefill(ids, tokens, allowed, record))
        logits, maps, cache, decoded = out.logits[0, -1].float(), out.attentions, out.past_key_values, []
        del out
        token = int(logits.argmax())
        for k in range(steps):
            decoded.append(token)
            step = clock(f"decode{suffix}_s_per_token", lambda: m.step(token, len(allowed) + k, cache, record))
            token = int(step.logits[0, -1].argmax())
    return logits, maps, decoded


def run(args):
    import transformers
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(args.threads)
    clock, warm_up = Clock(), Clock()
    m = clock("load_s", lambda: Aki(args.checkpoint, DTYPES[args.dtype]))
    ids, pixels, allowed = prompt_ids(args.prompt, m.latents), pixel_values(), mma_mask(args.prompt, m.latents)
    one_round(m, warm_up, ids, pixels, allowed, min(args.decode, 2))
    for _ in range(args.repeat):
        logits, maps, decoded = one_round(m, clock, ids, pixels, allowed, args.decode)
    assert logits.isfinite().all(), "logits that are not finite"
    rows = max(float((a.float().sum(-1) - 1).abs().max()) for a in maps)
    masked = max(float(a[0][:, ~allowed].abs().max()) for a in maps)
    tolerance = 1e-5 if args.dtype == "f32" else 2e-2  # a sum of 220 weights rounded to 8 or 11 bits
    assert rows < tolerance and masked == 0, (rows, masked)
    top, probe = logits.topk(5), list(range(0, N_BASE, 1000))
    result = {
        "program": f"torch {torch.__version__.split('+')[0]}", "transformers": transformers.__version__, "dtype": args.dtype,
        "threads": args.threads, "prompt": args.prompt, "decode": args.decode, "repeat": args.repeat,
        "layers": m.config.num_hidden_layers, "vision_layers": m.vision_layers, "resampler_depth": m.depth,
        "stages": clock.report(), "peak_rss_bytes": peak_rss(),
        "ru_maxrss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "top5": [[int(i), float(v)] for v, i in zip(*top)], "probe": [[i, float(logits[i])] for i in probe],
        "attention": {"max_row_sum_error": rows, "max_masked": masked}, "decoded": decoded, "machine": machine(),
    }
    if args.json:
        args.json.write_text(json.dumps(result, indent=1))
    print(f"{result['program']} {args.dtype}, {args.threads} threads, {result['layers']} layers, load {result['machine']['load_1m']:.1f}")
    for stage, s in result["stages"].items():
        print(f"  {stage:28} min {s['min']:9.4f}  median {s['median']:9.4f}  cpu min {s['cpu_min']:9.4f}  n {s['n']}")
    print(f"  peak {result['peak_rss_bytes'] / 1e9:.2f} GB; argmax {result['top5'][0][0]}, top 5 {[(i, round(v, 4)) for i, v in result['top5']]}")
    print(f"  attention rows sum to 1 within {rows:.1e}, masked entries at most {masked}; decoded {decoded[:8]}")


# ------------------------------------------------------------------------------------------------ matrix products alone
def gemm(args):
    print(f"torch {torch.__version__} {torch.backends.cpu.get_cpu_capability()}, {machine()}")
    shapes = [(220, 3072, 9216), (220, 3072, 16384), (220, 8192, 3072), (729, 1152, 4304),
              (1, 3072, 3072), (1, 3072, 9216), (1, 3072, 16384), (1, 8192, 3072), (1, 3072, 32064)]
    for threads in args.threads:
        torch.set_num_threads(threads)
        for dtype in args.dtypes:
            for m, k, n in shapes:
                x, w, clock = torch.randn(m, k).to(DTYPES[dtype]), torch.randn(n, k).mul_(0.02).to(DTYPES[dtype]), Clock()
                F.linear(x, w)
                for _ in range(10):
                    clock("t", lambda: F.linear(x, w))
                t, moved = clock.report()["t"], (m * k + n * k + m * n) * x.element_size()
                print(f"{threads} threads {dtype:4} {m:3}x{k}x{n:5}: {t['min'] * 1e3:9.3f} ms (cpu {t['cpu_min'] * 1e3:9.3f})"
                      f" {2 * m * k * n / t['min'] / 1e9:7.1f} GFLOP/s {moved / t['min'] / 1e9:6.1f} GB/s", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sub = ap.add_subparsers(dest="command", required=True)
    p = sub.add_parser("write-checkpoint", help="a random checkpoint in the shape of AKI-4B")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--layers", type=int, default=32)
    p.add_argument("--vision-layers", type=int, default=27)
    p.add_argument("--resampler-depth", type=int, default=6)
    p.add_argument("--dtype", choices=DTYPES, default="bf16")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--tokenizer", type=Path, help="tokenizer.json to copy: Phi's ids, <image> 32012")
    p.add_argument("--expect", type=Path, help="list of names and shapes that these must equal")
    p.set_defaults(work=write_checkpoint)
    p = sub.add_parser("run", help="time one dtype")
    p.add_argument("--checkpoint", type=Path, required=True)
    p.add_argument("--dtype", choices=DTYPES, default="f32")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--prompt", type=int, default=220)
    p.add_argument("--decode", type=int, default=16)
    p.add_argument("--repeat", type=int, default=5)
    p.add_argument("--json", type=Path)
    p.set_defaults(work=run)
    p = sub.add_parser("gemm", help="time the matrix products of the model alone")
    p.add_argument("--dtypes", type=lambda s: s.split(","), default=["f32", "bf16", "f16"])
    p.add_argument("--threads", type=lambda s: [int(t) for t in s.split(",")], default=[1, 2])
    p.set_defaults(work=gemm)
    args = ap.parse_args()
    with torch.inference_mode():
        args.work(args)


if __name__ == "__main__":
    sys.exit(main())
