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
words = [(x["position"], x["text"].strip() or "⏎") for x in tokens if x["position"] >= end]

plt.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.titleweight": "bold"})
fig = plt.figure(figsize=(11.5, 3.9), dpi=170)
grid = fig.add_gridspec(1, 4, width_ratios=[1.0, 1.0, 1.0, 1.75], wspace=0.28, left=0.015, right=0.985, top=0.83, bottom=0.2)

ax = fig.add_subplot(grid[0])
ax.imshow(Image.open(picture).convert("RGB"), interpolation="lanczos")
ax.set_axis_off()
ax.set_title("picture", loc="left")
ax.text(0, -0.06, f"“{a['question']}”\nanswer: {a['answer']}", transform=ax.transAxes, va="top")

n = t["mma.mask"].shape[0]
for i, mode in enumerate(["causal", "mma"]):
    ax = fig.add_subplot(grid[1 + i])
    mask, causal = t[f"{mode}.mask"], t["causal.mask"]
    ax.imshow(np.where(mask & ~causal, 2, mask.astype(int)), cmap=ListedColormap(["#f4f4f2", "#7d8ea3", "#d1495b"]), vmin=0, vmax=2, interpolation="nearest")
    for edge in (start, end):
        ax.axhline(edge - 0.5, color="#1b1b1b", lw=0.5)
        ax.axvline(edge - 0.5, color="#1b1b1b", lw=0.5)
    ax.set_xticks([start / 2, (start + end) / 2, (end + n) / 2], ["system", "picture", "question"])
    ax.set_yticks([start / 2, (start + end) / 2, (end + n) / 2], ["system", "picture", "question"] if i == 0 else [], rotation=90, va="center")
    ax.tick_params(length=0, labelsize=8)
    ax.set_title("mask: " + ("causal" if i == 0 else "modality-mutual (mma)"), loc="left")
    if i == 0:
        ax.set_ylabel("position that looks", fontsize=8)
    ax.set_xlabel("position looked at", fontsize=8)

ax = fig.add_subplot(grid[3])
weights = t["mma.attn"].mean((0, 1))[start:end, [p for p, _ in words]]
shown = ax.imshow(weights, aspect="auto", cmap="magma", vmin=0, interpolation="nearest")
ax.set_xticks(range(len(words)), [w for _, w in words], rotation=45, ha="right", rotation_mode="anchor", fontsize=8)
ax.set_yticks(range(0, end - start, 5))
ax.set_ylabel("latent", fontsize=8)
ax.tick_params(length=0)
ax.set_title("what the picture reads (mass, mean of layers and heads)", loc="left")
bar = fig.colorbar(shown, ax=ax, pad=0.015, fraction=0.05)
bar.outline.set_visible(False)
bar.ax.tick_params(length=0, labelsize=8)
fig.text(0.015, 0.93, "One question, two masks: modality-mutual attention opens the question to the picture (red)", fontsize=12, weight="bold")
fig.savefig(out)
