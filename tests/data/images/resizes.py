"""Prints the table PILLOW_RESIZES of tests/it/vision.rs: Pillow's bicubic resize of noise, as Adler-32.

Made with Pillow 10.4.0 and numpy: python resizes.py
"""
import zlib

import numpy as np
from PIL import Image


def noise(n, seed):
    """SplitMix64, modulo 256: the generator of tests/it/vision.rs."""
    z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) % np.uint64(256)).astype(np.uint8)


EDGES = [
    (1, 1, 7), (1, 1500, 24), (1500, 1, 24), (2, 3, 384), (384, 100, 384), (100, 384, 384), (383, 385, 384),
    (640, 480, 384), (1500, 1100, 384), (97, 1009, 56), (2000, 3, 5), (56, 56, 55), (9, 9, 1), (767, 769, 384),
]
random = np.random.RandomState(5)
sides = lambda: [int(np.exp(random.uniform(0, top))) + 1 for top in (6.5, 6.5, 6)]
for width, height, side in EDGES + [tuple(sides()) for _ in range(26)]:
    picture = Image.fromarray(noise(width * height * 3, width).reshape(height, width, 3))
    checksum = zlib.adler32(picture.resize((side, side), Image.BICUBIC).tobytes())
    print(f"    ({width}, {height}, {side}, 0x{checksum >> 16:04x}_{checksum & 0xffff:04x}),")
