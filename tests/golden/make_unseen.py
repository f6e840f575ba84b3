"""Write tiny random AKI models and what they must compute: the cases the public parity data do not hold.

    python make_unseen.py --reference PARITY/reference.py [--out DIR] [CASE ...]

PARITY is the folder of the public parity data: its `reference.py` (float64, needs only torch) computes every expectation, its
cases lend their tokenizers. Each case is written in the layout of a public one (`checkpoint/`, `inputs/`, `golden.safetensors`),
so `python PARITY/reference.py qwen3 phi3_patches25 llama_three_shards` checks them, and so does whatever reads the public ones.
Weights are first rounded to the type they are stored in, written, and read back; the expectations come from what was read.

Written with torch 2.15.0, safetensors 0.8.0, tokenizers 0.23.3, numpy 2.4.6, pillow 10.4.0 (from 11 on, Pillow may resize in the other order).
"""
import argparse
import importlib.util
import json
import re
import sys
from pathlib import Path

import numpy as np
import PIL
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file
from tokenizers import Tokenizer

N_NEW, MIN_MARGIN, SPARSITY = 12, 4e-3, [25, 50, 75]
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}

CASES = {
    # q_norm and k_norm, head_dim * heads = 64 next to hidden 32, no bias on q/k/v, embed_tokens and lm_head untied
    "qwen3": dict(
        family="qwen3", tokenizer="qwen2", dtype="float32", seed=5000, image_wh=(75, 58), style=4,
        question="Which corner of the picture is the darkest?",
        vision=dict(hidden=24, layers=2, heads=3, ffn=40, image=56, patch=14),
        resampler=dict(depth=2, heads=2, dim_head=8, latents=9),
        lm=dict(hidden=32, layers=3, heads=4, kv_heads=2, head_dim=16, ffn=56)),
    # 5 x 5 patches and 4 x 4 latents, float16, a photograph wider than tall whose height is enlarged, and a prompt
    # beyond original_max_position_embeddings, so that LongRoPE's long factors serve the prefill too
    "phi3_patches25": dict(
        family="phi3", tokenizer="phi3_plain", dtype="float16", seed=6000, image_wh=(131, 67), style=5,
        question="Is the ellipse right of the triangle?",
        vision=dict(hidden=16, layers=2, heads=2, ffn=40, image=70, patch=14),
        resampler=dict(depth=3, heads=2, dim_head=6, latents=16),
        lm=dict(hidden=16, layers=2, heads=2, kv_heads=2, head_dim=8, ffn=40),
        longrope=dict(max=4096, original_max=32, short=[1.0, 1.1, 1.4, 2.3], long=[1.2, 2.5, 9.0, 31.0])),
    # three shards; tied, and only embed_tokens.weight stored; one key/value head; 5 x 5 latents (an odd CCA grid);
    # 60 px do not divide by the patch of 14; head_dim 10 (3 heads: 30 next to hidden 36); llama3 scaling of the 3.1 models
    "llama_three_shards": dict(
        family="llama", tokenizer="llama", dtype="float32", seed=7000, image_wh=(58, 97), style=6, shards=3,
        question="Name the colours.",
        vision=dict(hidden=30, layers=3, heads=5, ffn=44, image=60, patch=14),
        resampler=dict(depth=3, heads=3, dim_head=4, latents=25),
        lm=dict(hidden=36, layers=2, heads=3, kv_heads=1, head_dim=10, ffn=72)),
}

SYSTEM = ("A chat between a curious user and an artificial intelligence assistant. "
          "The assistant gives helpful, detailed, and polite answers to the user's questions.")
FAMILIES = {
    "phi3": dict(
        template="<s> <|system|>\n{system}<|end|>\n<|user|>\n{body}<|end|>\n<|assistant|>\n", end="<|assistant|>", pad="<pad>",
        pad_lm="<|endoftext|>", bos="<s>", eos="<|endoftext|>", stop=["<|end|>", "<|assistant|>", "<|endoftext|>"],
        model="microsoft/Phi-3.5-mini-instruct"),
    "llama": dict(
        template="<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n{system}<|eot_id|><|start_header_id|>user"
                 "<|end_header_id|>\n\n{body}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
        end="<|start_header_id|>", pad="<pad>", pad_lm="<pad>", bos="<|begin_of_text|>", eos="<|eot_id|>",
        stop=["<|eot_id|>", "<|end_of_text|>"], model="meta-llama/Llama-3.2-3B-Instruct"),
    "qwen3": dict(
        template="<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{body}<|im_end|>\n<|im_start|>assistant\n",
        end="<|im_start|>", pad="<|endoftext|>", pad_lm="<|endoftext|>", bos="<|endoftext|>", eos="<|im_end|>",
        stop=["<|im_end|>", "<|endoftext|>"], model="Qwen/Qwen3-1.7B"),
}


def configurations(case, to_id, n_base):
    """config.json, vision_config.json, text_config.json, resampler_config.json, by file name."""
    f, fam, v, r, lm = case["family"], FAMILIES[case["family"]], case["vision"], case["resampler"], case["lm"]
    text = {"model_type": f, "vocab_size": 32064 if f == "phi3" else -(-(n_base + 2) // 64) * 64 + 64,
            "hidden_size": lm["hidden"], "intermediate_size": lm["ffn"], "num_hidden_layers": lm["layers"],
            "num_attention_heads": lm["heads"], "num_key_value_heads": lm["kv_heads"], "hidden_act": "silu",
            "attention_dropout": 0.0, "initializer_range": 0.02, "use_cache": True, "torch_dtype": case["dtype"],
            "bos_token_id": to_id(fam["bos"]), "eos_token_id": to_id(fam["eos"]), "pad_token_id": to_id(fam["pad_lm"])}
    if f == "phi3":
        rope = case["longrope"]
        text.update(architectures=["Phi3ForCausalLM"], rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False,
                    rope_scaling={"type": "longrope", "short_factor": rope["short"], "long_factor": rope["long"]},
                    max_position_embeddings=rope["max"], original_max_position_embeddings=rope["original_max"],
                    resid_pdrop=0.0, embd_pdrop=0.0, sliding_window=262144, attention_bias=False)
    elif f == "llama":
        text.update(architectures=["LlamaForCausalLM"], rms_norm_eps=1e-5, rope_theta=500000.0, head_dim=lm["head_dim"],
                    max_position_embeddings=131072, tie_word_embeddings=True, attention_bias=False, mlp_bias=False,
                    rope_scaling={"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                                  "original_max_position_embeddings": 8192})
    else:
        text.update(architectures=["Qwen3ForCausalLM"], rms_norm_eps=1e-6, rope_theta=1000000.0, rope_scaling=None,
                    head_dim=lm["head_dim"], max_position_embeddings=40960, tie_word_embeddings=False, attention_bias=False,
                    use_sliding_window=False, sliding_window=None, max_window_layers=lm["layers"])
    vision = {"model_type": "siglip_vision_model", "hidden_size": v["hidden"], "intermediate_size": v["ffn"],
              "num_hidden_layers": v["layers"], "num_attention_heads": v["heads"], "num_channels": 3, "image_size": v["image"],
              "patch_size": v["patch"], "hidden_act": "gelu_pytorch_tanh", "layer_norm_eps": 1e-6, "attention_dropout": 0.0}
    config = {"base_img_size": None, "decoder_layers_attr_name": "model.layers", "gradient_checkpointing": False,
              "initial_tokenizer_len": n_base, "lang_model_path": fam["model"], "num_vision_tokens": r["latents"],
              "pad_token_id": to_id(fam["pad"]), "tokenizer": None, "vision_encoder_path": "google/siglip-so400m-patch14-384"}
    res = {"depth": r["depth"], "heads": r["heads"], "dim_head": r["dim_head"], "ff_mult": 4, "num_latents": r["latents"]}
    return {"config.json": config, "vision_config.json": vision, "text_config.json": text, "resampler_config.json": res}


# ---------------------------------------------------------------- weights
def tensor_shapes(case, vocab):
    """Names and shapes in the order of the authors' state_dict; a tied lm_head.weight is left out."""
    v, r, lm, out = case["vision"], case["resampler"], case["lm"], {}

    def linear(name, rows, cols, bias=True):
        out[f"{name}.weight"] = [rows, cols]
        if bias:
            out[f"{name}.bias"] = [rows]

    def layer_norm(name, dim):
        out[f"{name}.weight"], out[f"{name}.bias"] = [dim], [dim]

    p, d = "vision_encoder", v["hidden"]
    out[f"{p}.embeddings.patch_embedding.weight"] = [d, 3, v["patch"], v["patch"]]
    out[f"{p}.embeddings.patch_embedding.bias"] = [d]
    out[f"{p}.embeddings.position_embedding.weight"] = [(v["image"] // v["patch"]) ** 2, d]
    for i in range(v["layers"]):
        b = f"{p}.encoder.layers.{i}"
        for s in ("k_proj", "v_proj", "q_proj", "out_proj"):
            linear(f"{b}.self_attn.{s}", d, d)
        layer_norm(f"{b}.layer_norm1", d)
        linear(f"{b}.mlp.fc1", v["ffn"], d)
        linear(f"{b}.mlp.fc2", d, v["ffn"])
        layer_norm(f"{b}.layer_norm2", d)
    layer_norm(f"{p}.post_layernorm", d)
    out[f"{p}.head.probe"] = [1, 1, d]
    out[f"{p}.head.attention.in_proj_weight"], out[f"{p}.head.attention.in_proj_bias"] = [3 * d, d], [3 * d]
    linear(f"{p}.head.attention.out_proj", d, d)
    layer_norm(f"{p}.head.layernorm", d)
    linear(f"{p}.head.mlp.fc1", v["ffn"], d)
    linear(f"{p}.head.mlp.fc2", d, v["ffn"])

    p, inner = "vision_tokenizer", r["heads"] * r["dim_head"]
    out[f"{p}.latents"] = [r["latents"], d]
    linear(f"{p}.projection", lm["hidden"], d)
    for i in range(r["depth"]):
        b = f"{p}.layers.{i}"
        layer_norm(f"{b}.0.norm_media", d)
        layer_norm(f"{b}.0.norm_latents", d)
        linear(f"{b}.0.to_q", inner, d, bias=False)
        linear(f"{b}.0.to_kv", 2 * inner, d, bias=False)
        linear(f"{b}.0.to_out", d, inner, bias=False)
        layer_norm(f"{b}.1.0", d)
        linear(f"{b}.1.1", 4 * d, d, bias=False)
        linear(f"{b}.1.3", d, 4 * d, bias=False)
    layer_norm(f"{p}.norm", d)

    p, h, q, kv = "lang_model.model", lm["hidden"], lm["heads"] * lm["head_dim"], lm["kv_heads"] * lm["head_dim"]
    out[f"{p}.embed_tokens.weight"], out[f"{p}.embed_tokens.additional_embedding.weight"] = [vocab, h], [2, h]
    for i in range(lm["layers"]):
        b = f"{p}.layers.{i}"
        if case["family"] == "phi3":
            linear(f"{b}.self_attn.o_proj", h, q, bias=False)
            linear(f"{b}.self_attn.qkv_proj", q + 2 * kv, h, bias=False)
            linear(f"{b}.mlp.gate_up_proj", 2 * lm["ffn"], h, bias=False)
        else:
            for s, rows in (("q_proj", q), ("k_proj", kv), ("v_proj", kv)):
                linear(f"{b}.self_attn.{s}", rows, h, bias=False)
            linear(f"{b}.self_attn.o_proj", h, q, bias=False)
            if case["family"] == "qwen3":
                out[f"{b}.self_attn.q_norm.weight"] = out[f"{b}.self_attn.k_norm.weight"] = [lm["head_dim"]]
            linear(f"{b}.mlp.gate_proj", lm["ffn"], h, bias=False)
            linear(f"{b}.mlp.up_proj", lm["ffn"], h, bias=False)
        linear(f"{b}.mlp.down_proj", h, lm["ffn"], bias=False)
        out[f"{b}.input_layernorm.weight"] = out[f"{b}.post_attention_layernorm.weight"] = [h]
    out[f"{p}.norm.weight"] = [h]
    if case["family"] != "llama":
        out["lang_model.lm_head.weight"] = [vocab, h]
    out["lang_model.lm_head.bias"] = [vocab]
    linear("lang_model.lm_head.additional_fc", 2, h)
    return out


SCALES = [  # (name, mean, standard deviation): large enough that attention is visibly not uniform
    (r"[qk]_norm\.weight$", 1.8, 0.3),
    (r"(norm|layernorm|layer_norm\d|norm_media|norm_latents|layers\.\d+\.1\.0)\.weight$", 1.0, 0.2),
    (r"bias$", 0.0, 0.2),
    (r"patch_embedding\.weight$", 0.0, 0.06),
    (r"(latents|probe)$", 0.0, 1.0),
    (r"position_embedding|embed_tokens", 0.0, 0.5),
    (r"(q_proj|k_proj|to_q|to_kv|qkv_proj)\.weight$", 0.0, 0.35),
    (r"", 0.0, 0.25),
]


def random_weights(shapes, seed, dtype):
    gen, out = torch.Generator().manual_seed(seed), {}
    for name, shape in shapes.items():
        mean, std = next((m, s) for pattern, m, s in SCALES if re.search(pattern, name))
        out[name] = (mean + std * torch.randn(shape, generator=gen)).to(dtype)
    return out


def save_weights(weights, folder, shards):
    for old in folder.glob("model*.safetensors*"):
        old.unlink()
    if shards == 1:
        return save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    total, done, parts = sum(w.nbytes for w in weights.values()), 0, [{} for _ in range(shards)]
    for name, w in weights.items():
        parts[done * shards // total][name] = w
        done += w.nbytes
    where = {}
    for i, part in enumerate(parts):
        file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        save_file(part, folder / file, metadata={"format": "pt"})
        where.update(dict.fromkeys(part, file))
    index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))


# ---------------------------------------------------------------- inputs
def draw(w, h, style):
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    rgb = np.stack([255 * x // (w - 1), 255 * y // (h - 1), 127 * (x + y) * (style + 1) // (w + h) % 256], -1)
    img = Image.fromarray(rgb.astype(np.uint8))
    d = ImageDraw.Draw(img)
    d.rectangle([w // 10, h // 6, w // 3, h // 2], fill=(220, 30, 40))
    d.ellipse([w // 2, h // 4, w * 9 // 10, h * 3 // 4], fill=(20, 60 + 25 * style, 200), outline=(255, 255, 0), width=2)
    d.polygon([(w // 5, h * 9 // 10), (w // 2, h * 3 // 5), (w * 3 // 5, h * 19 // 20)], fill=(30, 200, 90))
    for k in range(0, w, 7 + style):
        d.line([(k, 0), (w - k, h - 1)], fill=(k * 5 % 256, 255 - k % 256, 128), width=1)
    return img


def prompts(family, question):
    t = FAMILIES[family]["template"]
    return (t.format(system=SYSTEM, body=f"<image>\n{question}"), t.format(system=SYSTEM, body=f"{question}\n<image>"))


def check_tokenizer(public, tokenizer, family):
    """The public prompt must give the public ids here, or ids computed for a new question prove nothing."""
    info = json.loads((public / "inputs" / "inputs.json").read_text())
    for key, prompt in zip(("input_ids", "input_ids_text_first"), prompts(family, info["question"])):
        assert tokenizer.encode(prompt, add_special_tokens=False).ids == info[key], f"{public.name}: {key}"
    return info


# ---------------------------------------------------------------- one case
class Run:
    """Everything the reference computes from the checkpoint as stored. `exact=False`: the same arithmetic in float32."""

    def __init__(self, ref, folder, info, rgb, exact=True):
        ck = ref.Checkpoint(folder)
        float64_rope = ref.rope
        if not exact:
            ck.w = {k: w.float() for k, w in ck.w.items()}
            ref.rope = lambda *a: tuple(t.float() for t in float64_rope(*a))
        try:
            self.resized, self.pixels = ref.preprocess(rgb, ck.vision["image_size"])
            feats = ref.vision_tower(ck, self.pixels.double() if exact else self.pixels)
            tokens, maps = ref.resampler(ck, feats)
            self.out = {"vision.last_hidden_state": feats, "resampler.attn": maps, "resampler.output": tokens}
            for mode in ref.MODES:
                r = ref.run_mode(ck, info, tokens, mode, N_NEW)
                self.out.update({f"{mode}.{k}": v for k, v in r.items()})
        finally:
            ref.rope = float64_rope

    def margin(self, mode):
        top = self.out[f"{mode}.steps"].topk(2, -1).values
        return float((top[:, 0] - top[:, 1]).min())

    def mma_minus_causal(self):
        return float((self.out["mma.logits_last"] - self.out["causal.logits_last"]).abs().max())

    def objection(self, modes, stop_ids):
        """Why this seed is no good, or None."""
        for m in modes:
            if self.margin(m) < MIN_MARGIN:
                return f"margin of {m}"
            if set(self.out[f"{m}.generated"].tolist()) & set(stop_ids):
                return f"stop token in {m}"
        if torch.equal(self.out["mma.generated"], self.out["causal.generated"]) or self.mma_minus_causal() < 0.05:
            return "mma does as causal does"
        return None


def make_case(ref, parity, name, case, root):
    ck, inp = root / "checkpoint", root / "inputs"
    ck.mkdir(parents=True, exist_ok=True)
    inp.mkdir(exist_ok=True)
    family, fam = case["family"], FAMILIES[case["family"]]
    public = parity / case["tokenizer"]
    text = (public / "checkpoint" / "tokenizer.json").read_bytes()
    (ck / "tokenizer.json").write_bytes(text)
    tok = Tokenizer.from_str(text.decode())
    known, to_id, n_tok = check_tokenizer(public, tok, family), tok.token_to_id, tok.get_vocab_size(with_added_tokens=True)
    stop_ids = [to_id(t) for t in fam["stop"]]
    files = configurations(case, to_id, n_tok - 2)
    for file, content in files.items():
        (ck / file).write_text(json.dumps(content, indent=2))

    draw(*case["image_wh"], case["style"]).save(inp / "image.png")
    image = Image.open(inp / "image.png")
    rgb = torch.from_numpy(np.array(image))
    prompt, prompt_tf = prompts(family, case["question"])
    ids, ids_tf = (tok.encode(p, add_special_tokens=False).ids for p in (prompt, prompt_tf))
    assert ids.count(to_id("<image>")) == ids_tf.count(to_id("<image>")) == 1
    latents, px = case["resampler"]["latents"], case["vision"]["image"]
    lay, lay_tf = (ref.layout(i, to_id("<image>"), to_id(fam["end"]), latents) for i in (ids, ids_tf))
    q = lay["q_end"] - lay["q_start"]
    rings, n_rings = ref.concentric(latents)
    info = {
        "family": family, "seed": case["seed"], "question": case["question"], "prompt": prompt, "prompt_text_first": prompt_tf,
        "input_ids": ids, "input_tokens": [tok.id_to_token(i) for i in ids], "input_ids_text_first": ids_tf,
        "special_ids": {t: to_id(t) for t in ["<image>", "<|endofchunk|>", fam["pad"], fam["end"], fam["bos"], fam["eos"]]},
        "question_end_token": fam["end"], "stop_ids": stop_ids, "tokenizer_len": n_tok, "initial_tokenizer_len": n_tok - 2,
        "real_vocabulary_entries": known["real_vocabulary_entries"], "layout": lay, "layout_text_first": lay_tf,
        "unlocked": {"rows": [lay["img_start"], lay["img_end"]], "cols": [lay["q_start"], lay["q_end"]], "n_question_tokens": q},
        "sparsity_kept_columns": {str(p): -(-p * q // 100) for p in SPARSITY},
        "cca": {"rings": rings.tolist(), "n_rings": n_rings},
    }

    shapes, dtype = tensor_shapes(case, files["text_config.json"]["vocab_size"]), DTYPES[case["dtype"]]
    for seed in range(case["seed"], case["seed"] + 400):
        weights = random_weights(shapes, seed, dtype)
        save_weights(weights, ck, case.get("shards", 1))
        run = Run(ref, ck, info, rgb)
        why = run.objection(ref.MODES, stop_ids)
        if why is None:
            break
    else:
        raise SystemExit(f"{name}: no seed of 400 will do ({why})")
    single = Run(ref, ck, info, rgb, exact=False)
    g = run.out
    assert all(torch.equal(g[f"{m}.generated"], single.out[f"{m}.generated"]) for m in ref.MODES)
    if int(PIL.__version__.split(".")[0]) < 11:  # the order of Pillow's two passes that the model was trained with
        assert torch.equal(run.resized, torch.from_numpy(np.array(image.resize((px, px), Image.BICUBIC))))

    sel = sorted(set(range(128)) | set(range(n_tok - 16, n_tok)) | set(g["mma.logits_last"].topk(16).indices.tolist()))
    tcfg = files["text_config.json"]
    original = tcfg.get("original_max_position_embeddings") or (tcfg["rope_scaling"] or {}).get("original_max_position_embeddings", 4096)
    gold = {"image.rgb": rgb, "image.resized": run.resized, "pixel_values": run.pixels, "logits_sel_ids": torch.tensor(sel),
            "rope.positions": torch.arange(lay["seq"]), "rope.far_positions": torch.tensor([0, 1, 2, 3 + original // 2, original + 7])}
    for p in ("", "far_"):
        gold[f"rope.{p}cos"], gold[f"rope.{p}sin"] = ref.rope(tcfg, case["lm"]["head_dim"], gold[f"rope.{p}positions"])
    for key, value in g.items():
        mode, _, what = key.partition(".")
        both = mode in ("mma", "causal")
        if what == "steps":
            top = value.topk(2, -1)
            gold[f"{mode}.step_top2_ids"], gold[f"{mode}.step_top2_logits"] = top.indices, top.values
            if both:
                gold[f"{mode}.step_logits_sel"] = value[:, sel]
        elif what == "logits_last" and family == "phi3":  # 32014 logits a mode would be half of the file
            gold[f"{mode}.logits_last_sel"] = value[sel]
        elif what in ("attn", "hidden_states") and not both or what == "hidden_final" and both:
            continue
        elif what == "inputs_embeds" and mode not in ("mma", "text_first"):
            continue
        else:
            gold[key] = value
    gold = {k: (v.float() if v.is_floating_point() else v).contiguous() for k, v in gold.items()}
    save_file(gold, root / "golden.safetensors", metadata={"generator": "tests/golden/make_unseen.py"})

    info.update(
        seed=seed, generated={m: g[f"{m}.generated"].tolist() for m in ref.MODES},
        generated_text={m: tok.decode(g[f"{m}.generated"].tolist(), skip_special_tokens=False) for m in ref.MODES},
        min_greedy_margin={m: run.margin(m) for m in ref.MODES}, max_abs_logit_mma=float(g["mma.logits_last"].abs().max()),
        max_abs_mma_minus_causal=run.mma_minus_causal(),
        float32_run_drift={k: round(float((v - single.out[k].double()).abs().max()), 9) for k, v in g.items() if v.is_floating_point()},
        pillow=PIL.__version__, torch=torch.__version__.split("+")[0])
    (inp / "inputs.json").write_text(json.dumps(info, indent=1, ensure_ascii=False))
    (inp / "prompt.txt").write_text(prompt)
    (inp / "prompt_text_first.txt").write_text(prompt_tf)
    size = sum(f.stat().st_size for f in root.rglob("*") if f.is_file())
    print(f"{name}: seed {seed}, {lay}, margin {min(info['min_greedy_margin'].values()):.4f}, |mma-causal| {run.mma_minus_causal():.3f}, "
          f"largest mma weight {g['mma.attn'].amax(-1).mean():.2f} on average, float32 drift {max(info['float32_run_drift'].values()):.1e}, {size} bytes", flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--reference", type=Path, required=True, help="reference.py of the public parity data")
    ap.add_argument("--out", type=Path, default=Path(__file__).parent)
    ap.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all when none is named")
    args = ap.parse_args()
    spec = importlib.util.spec_from_file_location("reference", args.reference)
    ref = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ref)
    with torch.no_grad():
        for name in args.cases or CASES:
            make_case(ref, args.reference.parent, name, CASES[name], args.out / name)


if __name__ == "__main__":
    sys.exit(main())
