"""Draws `first-look.png` of the README from what the program computed.

    aki-lens trace --model tests/golden/specimen/checkpoint --image tests/golden/specimen/examples/scene_01.png \
        --question "The fish is on which color plate?" --attention mma,causal --out trace.safetensors
    aki-lens ask   (the same, --json answer.json)
    python assets/readme/make.py trace.safetensors answer.json tests/golden/specimen/examples/scene_01.png first-look.png

Needs matplotlib, numpy, pillow, safetensors.
"""
import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from PIL import Image
from safetensors.numpy import load_file

trace, answer, picture, out = sys.argv[1:5]
t, a = load_file(trace), json.load(open(answer))
start, end = a["image"]["latents"]
tokens = a["prompt_tokens"]
text_of = lambda x: {"\u2581": "(space)", "\n": "(newline)"}.get(x["text"], x["text"].strip())
words = [(x["position"], text_of(x)) for x in tokens if x["position"] >= end]

plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.titleweight": "bold"})
fig = plt.figure(figsize=(12.4, 4.1), dpi=150)
BOTTOM, HEIGHT = 0.24, 0.56
WIDTH = HEIGHT * 4.1 / 12.4


def panel(left, width, title):
    ax = fig.add_axes([left, BOTTOM, width, HEIGHT])
    ax.set_title(title, loc="left")
    ax.tick_params(length=0, labelsize=8)
    return ax


ax = panel(0.015, WIDTH, "picture")
ax.imshow(Image.open(picture).convert("RGB"), interpolation="lanczos")
ax.set_axis_off()
ax.text(0, -0.05, f"“{a['question']}”\nanswer: {a['answer']}", transform=ax.transAxes, va="top")

n = t["mma.mask"].shape[0]
places = [start / 2, (start + end) / 2, (end + n) / 2]
for left, mode, title in [(0.268, "causal", "mask: causal"), (0.478, "mma", "mask: modality-mutual")]:
    ax = panel(left, WIDTH, title)
    mask, causal = t[f"{mode}.mask"], t["causal.mask"]
    shown = np.where(mask & ~causal, 2, mask.astype(int))
    ax.imshow(shown, cmap=ListedColormap(["#f4f4f2", "#7d8ea3", "#d1495b"]), vmin=0, vmax=2, interpolation="nearest")
    for edge in (start, end):
        ax.axhline(edge - 0.5, color="#1b1b1b", lw=0.5)
        ax.axvline(edge - 0.5, color="#1b1b1b", lw=0.5)
    ax.set_xticks(places, ["system", "picture", "question"], rotation=25, ha="right", rotation_mode="anchor")
    ax.set_xlabel("position looked at", fontsize=8)
    ax.set_yticks(places, ["system", "picture", "question"] if mode == "causal" else [])
    if mode == "causal":
        ax.set_ylabel("position that looks", fontsize=8)

ax = panel(0.69, 0.245, "what the picture reads")
weights = t["mma.attn"].mean((0, 1))[start:end, [p for p, _ in words]]
drawn = ax.imshow(weights, aspect="auto", cmap="magma", vmin=0, interpolation="nearest")
ax.set_xticks(range(len(words)), [w for _, w in words], rotation=45, ha="right", rotation_mode="anchor")
ax.set_yticks(range(0, end - start, 5))
ax.set_ylabel("latent", fontsize=8)
bar = fig.colorbar(drawn, cax=fig.add_axes([0.943, BOTTOM, 0.01, HEIGHT]))
bar.outline.set_visible(False)
bar.ax.tick_params(length=0, labelsize=8)
bar.set_label("attention mass, mean of layers and heads", fontsize=8)
title = "One question, two masks: modality-mutual attention opens the question to the picture (red)"
fig.text(0.015, 0.92, title, fontsize=12.5, weight="bold")
fig.savefig(out)
