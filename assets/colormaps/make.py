"""Writes the tables beside this file, the same bytes each time: `pip install matplotlib==3.11.2`, then run it."""

import pathlib

import matplotlib
import numpy

FOLDER = pathlib.Path(__file__).parent
for name in ["viridis", "inferno", "cividis", "coolwarm"]:
    colors = matplotlib.colormaps[name](numpy.arange(256))[:, :3]
    (FOLDER / f"{name}.rgb").write_bytes(numpy.rint(colors * 255).astype(numpy.uint8).tobytes())
