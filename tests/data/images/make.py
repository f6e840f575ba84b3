"""Writes the small pictures of this folder and, under expected/, the RGB that Pillow reads from each.

Made with Pillow 10.4.0 and numpy: python make.py
The expected picture is Image.open + ImageOps.exif_transpose + convert("RGB"), with one exception that is ours:
16-bit grey is reduced to its high byte, where Pillow clips everything above 255 to white.
"""
import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
ORIENTATION = 0x0112
W, H = 14, 10


def scene(w=W, h=H):
    """Smooth colors with one dark corner, so that every turn of the picture looks different."""
    y, x = np.mgrid[0:h, 0:w]
    rgb = np.stack([40 + 200 * x / w, 30 + 210 * y / h, 220 - 150 * (x + y) / (w + h)], axis=-1)
    rgb[: h // 3, : w // 3] = (20, 30, 60)
    return rgb.astype(np.uint8)


def png16(path, samples, color_type):
    """A 16-bit PNG written by hand: Pillow has no 16-bit RGB to write."""
    h, w = samples.shape[:2]
    rows = samples.astype(">u2").reshape(h, -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    header = struct.pack(">IIBBBBB", w, h, 16, color_type, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


def exif(orientation):
    e = Image.Exif()
    e[ORIENTATION] = orientation
    return e


def adobe(jpeg):
    """Offset of the Adobe segment (marker, length, 'Adobe', ..., transform) of a JPEG."""
    return jpeg.index(b"\xff\xee\x00\x0eAdobe")


def write_png():
    rgb, image = scene(), Image.fromarray(scene())
    alpha = np.linspace(0, 255, W * H).reshape(H, W).astype(np.uint8)
    image.save(HERE / "rgb.png")
    image.convert("L").save(HERE / "grey.png")
    image.convert("1").save(HERE / "one_bit.png")
    Image.fromarray(np.dstack([np.asarray(image.convert("L")), alpha]), "LA").save(HERE / "grey_alpha.png")
    Image.fromarray(np.dstack([rgb, alpha]), "RGBA").save(HERE / "rgba.png")
    palette = image.quantize(16)
    palette.save(HERE / "palette.png")
    palette.save(HERE / "palette_transparent.png", transparency=bytes(range(0, 240, 16)))
    image.save(HERE / "oriented.png", exif=exif(6))
    deep = (scene().astype(np.uint32) * 257 + 77).clip(0, 65535)
    png16(HERE / "grey16.png", deep[..., 0], 0)
    png16(HERE / "rgb16.png", deep, 2)
    png16(HERE / "rgba16.png", np.dstack([deep, alpha.astype(np.uint32) * 257]), 6)
    Image.fromarray((deep[..., 0] >> 8).astype(np.uint8)).convert("RGB").save(EXPECTED / "grey16.png.png")


def write_jpeg():
    image = Image.fromarray(scene(40, 30))
    image.save(HERE / "rgb.jpg", quality=90, subsampling=0)
    image.save(HERE / "subsampled.jpg", quality=90, subsampling=2)
    image.save(HERE / "progressive.jpg", quality=90, progressive=True)
    image.convert("L").save(HERE / "grey.jpg", quality=90)
    Image.fromarray(scene()).save(HERE / "oriented.jpg", quality=95, subsampling=0, exif=exif(1))
    buffer = io.BytesIO()
    image.convert("CMYK").save(buffer, "JPEG", quality=90)
    jpeg = bytearray(buffer.getvalue())
    (HERE / "cmyk.jpg").write_bytes(jpeg)
    at = adobe(jpeg)
    (HERE / "cmyk_without_adobe.jpg").write_bytes(jpeg[:at] + jpeg[at + 16 :])
    jpeg[at + 15] = 2  # the same samples, now said to be YCCK
    (HERE / "ycck.jpg").write_bytes(jpeg)


def write_others():
    image = Image.fromarray(scene())
    second = ImageOps.invert(image)
    image.save(HERE / "rgb.bmp")
    image.quantize(16).save(HERE / "palette.bmp")
    image.quantize(16).save(HERE / "still.gif")
    image.quantize(16).save(HERE / "animated.gif", save_all=True, append_images=[second.quantize(16)], duration=100)
    image.quantize(16).save(HERE / "transparent.gif", transparency=3)
    image.save(HERE / "animated.webp", save_all=True, append_images=[second], duration=100, lossless=True)
    image.save(HERE / "lossless.webp", lossless=True)
    Image.fromarray(scene(40, 30)).save(HERE / "lossy.webp", quality=90)
    Image.open(HERE / "rgba.png").save(HERE / "rgba.webp", lossless=True, exact=True)
    image.save(HERE / "oriented.webp", lossless=True, exif=exif(8))
    image.save(HERE / "rgb.tif", compression="tiff_lzw")
    image.convert("CMYK").save(HERE / "cmyk.tif")
    image.save(HERE / "oriented.tif", tiffinfo={ORIENTATION: 5})


def expect(path, name, orientation=None):
    data = bytearray(path.read_bytes())
    if orientation is not None:
        data[orientation_offset(data)] = orientation
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(bytes(data)))).convert("RGB")
    image.save(EXPECTED / f"{name}.png", optimize=True)


def orientation_offset(jpeg):
    """Where the low byte of the orientation lies: tag, type SHORT, count 1 (big-endian as Pillow writes it)."""
    return jpeg.index(bytes([0x01, 0x12, 0, 3, 0, 0, 0, 1])) + 9


EXPECTED.mkdir(exist_ok=True)
write_png()
write_jpeg()
write_others()
for path in sorted(HERE.iterdir()):
    if path.is_file() and path.suffix not in (".py", ".md") and path.name != "grey16.png":
        expect(path, path.name)
for value in range(1, 9):
    expect(HERE / "oriented.jpg", f"oriented_{value}.jpg", value)
