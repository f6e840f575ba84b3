"""Makes the expected values and the samples of this folder.

Run with pycocotools 2.0.11, numpy 2.4.6 and Pillow 13.0.0: python make.py
"""
import base64, io, json, pathlib, random, zipfile
import numpy as np
from PIL import Image
from pycocotools import mask as coco

here = pathlib.Path(__file__).parent
random.seed(20260301)
rng = np.random.default_rng(20260301)


def case(mask):
    rle = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
    flat = mask.astype(bool).flatten(order="F")
    counts, inside, run = [], False, 0
    for value in flat:
        if value != inside:
            counts.append(run)
            run, inside = 0, bool(value)
        run += 1
    counts.append(run)
    return {
        "size": [int(n) for n in mask.shape],
        "counts": counts,
        "string": rle["counts"].decode(),
        "area": int(coco.area(rle)),
        "bbox": [int(v) for v in coco.toBbox(rle)],
    }


def random_mask():
    h, w = int(rng.integers(1, 40)), int(rng.integers(1, 40))
    mask = rng.random((h, w)) < rng.choice([0.02, 0.3, 0.5, 0.9])
    if rng.random() < 0.4:
        mask[:] = False
        y, x = int(rng.integers(0, h)), int(rng.integers(0, w))
        mask[y : y + int(rng.integers(1, 30)), x : x + int(rng.integers(1, 30))] = True
    return mask


def polygon(size):
    h, w = size
    n = random.randint(3, 9)
    span = random.choice([1.0, 1.0, 1.6])
    digits = random.choice([0, 1, 2, 6])
    off = (span - 1) / 2
    corners = []
    for _ in range(n):
        corners += [
            round(random.uniform(-off * w, (1 + off) * w), digits),
            round(random.uniform(-off * h, (1 + off) * h), digits),
        ]
    return corners


def polygon_case():
    size = [random.randint(2, 45), random.randint(2, 45)]
    parts = [polygon(size) for _ in range(random.choice([1, 1, 1, 2, 3]))]
    rle = coco.merge(coco.frPyObjects(parts, *size))
    return {"size": size, "parts": parts, "string": rle["counts"].decode(), "area": int(coco.area(rle))}


fixed = [
    np.zeros((3, 4)), np.ones((3, 4)),
    np.eye(1, 12, 0).reshape((3, 4), order="F"), np.eye(1, 12, 11).reshape((3, 4), order="F"),
    np.pad(np.ones((2, 3)), ((1, 1), (2, 1))), np.pad(np.ones((80, 80)), ((10, 10), (20, 20))),
]
large = np.zeros((3000, 40)); large[700:2999, 3:39] = 1
out = {
    "masks": [case(mask) for mask in fixed] + [case(large)] + [case(random_mask()) for _ in range(120)],
    "polygons": [polygon_case() for _ in range(150)],
}
(here / "pycocotools.json").write_text(json.dumps(out, separators=(",", ":")).replace('{"size"', '\n{"size"') + "\n")

# One picture of 6 x 4 pixels: rows 1-2, columns 2-4, and the pixel at the top left.
H, W = 4, 6
a = np.zeros((H, W), bool); a[1:3, 2:5] = True
b = np.zeros((H, W), bool); b[0, 0] = True
labels = a * 3 + b * 7
rle = lambda m: {"size": [H, W], "counts": coco.encode(np.asfortranarray(m.astype(np.uint8)))["counts"].decode()}
numbers = lambda m: {"size": [H, W], "counts": case(m)["counts"]}
amg = lambda m: {"segmentation": rle(m), "area": int(m.sum()), "bbox": [0, 0, 1, 1], "predicted_iou": 0.9,
                 "point_coords": [[1.5, 2.5]], "stability_score": 0.97, "crop_box": [0, 0, W, H]}
dump = lambda name, value: (here / name).write_text(json.dumps(value) + "\n")

dump("amg_rle.json", [amg(a), amg(b)])
dump("amg_numbers.json", {"masks": [{"segmentation": numbers(a)}, {"segmentation": numbers(b)}]})
dump("sa_1b.json", {"image": {"image_id": 5, "width": W, "height": H, "file_name": "sa_5.jpg"},
                    "annotations": [{"id": 501, **amg(a)}, {"id": 502, **amg(b)}]})
square = [2, 1, 5, 1, 5, 3, 2, 3]
coco_file = {
    "images": [{"id": 9, "file_name": "train/other.jpg", "width": 3, "height": 3},
               {"id": 7, "file_name": "train/scene.jpg", "width": W, "height": H}],
    "annotations": [
        {"id": 11, "image_id": 7, "category_id": 2, "segmentation": [square], "iscrowd": 0, "bbox": [2, 1, 3, 2], "area": 6},
        {"id": 12, "image_id": 7, "category_id": 3, "segmentation": numbers(b), "iscrowd": 1},
        {"id": 13, "image_id": 9, "category_id": 2, "segmentation": {"size": [3, 3], "counts": [9]}},
        {"id": 14, "image_id": 7, "category_id": 3, "segmentation": rle(a)}],
    "categories": [{"id": 2, "name": "cup", "supercategory": "kitchen"}, {"id": 3, "name": "key", "supercategory": ""}]}
dump("coco.json", coco_file)
dump("coco_results.json", [{"image_id": 42, "category_id": 18, "segmentation": rle(a), "score": 0.7},
                           {"image_id": 43, "category_id": 1, "segmentation": rle(b), "score": 0.2}])


def png(array, mode=None, palette=None, **options):
    image = Image.fromarray(array) if mode is None else Image.fromarray(array, mode)
    if palette:
        image.putpalette(palette)
    data = io.BytesIO()
    image.save(data, "PNG", **options)
    return data.getvalue()


patch = base64.b64encode(png(np.ones((2, 3), np.uint8))).decode()
dump("labelme.json", {
    "version": "5.5.0", "flags": {}, "imagePath": "..\\pictures\\scene.jpg", "imageData": None,
    "imageHeight": H, "imageWidth": W,
    "shapes": [
        {"label": "cup", "points": [[2, 1], [5, 1], [5, 3], [2, 3]], "group_id": 1, "shape_type": "polygon", "flags": {}},
        {"label": "cup", "points": [[0, 0], [1, 1]], "group_id": 1, "shape_type": "rectangle", "flags": {}},
        {"label": "key", "points": [[2, 1], [4, 2]], "group_id": None, "shape_type": "mask", "mask": patch},
        {"label": "edge", "points": [[0, 0], [3, 3]], "group_id": None, "shape_type": "line"}]})
brush = [0, 0, 0, 96, 57, 27, 254, 31, 0, 183, 255, 108, 2, 223, 254, 27, 0, 0]
result = lambda id, value, kind: {"id": id, "type": kind, "from_name": "tag", "to_name": "image", "original_width": W,
                                  "original_height": H, "image_rotation": 0, "value": value}
results = [
    result("aB1", {"format": "rle", "rle": brush, "brushlabels": ["cup"]}, "brushlabels"),
    result("aB2", {"points": [[100 / 3, 25], [250 / 3, 25], [250 / 3, 75], [100 / 3, 75]], "polygonlabels": ["key"]}, "polygonlabels"),
    result("aB3", {"x": 0, "y": 0, "width": 50 / 3, "height": 25, "rotation": 0, "rectanglelabels": ["lamp"]}, "rectanglelabels"),
    {"id": "aB4", "type": "choices", "from_name": "c", "to_name": "image", "value": {"choices": ["good"]}}]
dump("label_studio.json", [{"id": 1, "data": {"image": "/data/upload/1/1a2b3c4d-scene.jpg"},
                            "annotations": [{"id": 1, "was_cancelled": False, "result": results}]}])


def save(name, array):
    np.save(here / name, array)


save("stack_bool.npy", np.stack([a, b]))
save("stack_fortran.npy", np.asfortranarray(np.stack([a, b]).astype(np.uint8)))
save("stack_last.npy", np.stack([a, b], axis=-1).astype(np.float32))
save("stack_4d.npy", np.stack([a, b])[:, None].astype(np.uint8) * 255)
save("labels_i64.npy", labels.astype(np.int64))
save("labels_big_endian.npy", labels.astype(">u2"))
save("mask_f16_fortran.npy", np.asfortranarray(a.astype(np.float16)))
np.savez_compressed(here / "masks.npz", scores=np.array([0.9, 0.8]), masks=np.stack([a, b]))
np.savez(here / "stored.npz", np.stack([a, b]))
voc = np.where(a, 3, np.where(b, 255, 0)).astype(np.uint8); voc[3, 5] = 1
(here / "indexed.png").write_bytes(png(voc, palette=[i for n in range(256) for i in (n, 255 - n, n // 2)]))
(here / "mask.png").write_bytes(png(a.astype(np.uint8) * 255))
(here / "mask_1bit.png").write_bytes(png(a))
(here / "labels_16bit.png").write_bytes(png((labels * 1000).astype(np.uint16)))
colors = np.zeros((H, W, 3), np.uint8); colors[a] = (255, 0, 0); colors[b] = (0, 0, 255)
(here / "colors.png").write_bytes(png(colors))
folder = here / "amg_png"; folder.mkdir(exist_ok=True)
full = np.ones((H, W), bool)
for i, m in {9: a, 10: b, 2: full}.items():
    (folder / f"{i}.png").write_bytes(png(m.astype(np.uint8) * 255))
head = "id,area,bbox_x0,bbox_y0,bbox_w,bbox_h,point_input_x,point_input_y,predicted_iou,stability_score,crop_box_x0,crop_box_y0,crop_box_w,crop_box_h"
rows = [f"{i},{area},0,0,1,1,0,0,0.9,0.9,0,0,{W},{H}" for i, area in [(2, 24), (9, 6), (10, 2), (11, 4)]]
(folder / "metadata.csv").write_text("\n".join([head, *rows]))

# What is broken, one example each.
broken = here.parent / "broken" / "regions"; broken.mkdir(parents=True, exist_ok=True)
bad = lambda name, value: (broken / name).write_text(value if isinstance(value, str) else json.dumps(value) + "\n")
record = lambda counts, size=[H, W]: [{"segmentation": {"size": size, "counts": counts}}]
bad("rle_short.json", record([9, 2]))
bad("rle_overflow.json", record([9, 4294967295, 4294967295, 20]))
bad("rle_negative.json", record([30, -6]))
bad("rle_character.json", record("92~0003"))
bad("rle_cut.json", record("92200P"))
bad("rle_long_number.json", record("oooooooooooooooo0"))
bad("rle_size.json", record([24], [4294967296, 6]))
bad("coco_two_corners.json", {"images": [{"id": 1, "file_name": "scene.jpg"}], "annotations": [
    {"id": 1, "image_id": 1, "segmentation": [[1, 1, 2, 2]]}], "categories": []})
bad("coco_far.json", {"images": [{"id": 1, "file_name": "scene.jpg"}], "annotations": [
    {"id": 1, "image_id": 1, "segmentation": [[1, 1, 1e300, 2, 3, 3]]}], "categories": []})
bad("coco_nan.json", '{"images":[{"id":1,"file_name":"scene.jpg"}],"annotations":[{"id":1,"image_id":1,"segmentation":[[NaN,1,2,2,3,3]]}]}\n')
bad("cut.json", '[{"segmentation":{"size":[4,6],"counts":"92200')
bad("deep.json", "[" * 5_000)
bad("labelme_mask.json", {"shapes": [{"label": "x", "points": [[0, 0], [1, 1]], "shape_type": "mask", "mask": "iVBORw0KGgo="}],
                          "imageWidth": W, "imageHeight": H})
bad("label_studio_cut.json", [result("x", {"format": "rle", "rle": brush[:9]}, "brushlabels")])
bad("label_studio_byte.json", [result("x", {"format": "rle", "rle": [0, 999]}, "brushlabels")])
bad("video.json", {"video_id": "sav_1", "masklet": [[{"size": [H, W], "counts": "9"}]]})
np.save(broken / "pickled.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
np.save(broken / "logits.npy", np.where(a, 4.5, -3.25).astype(np.float32)[None])
np.save(broken / "nan.npy", np.where(a, np.nan, 0).astype(np.float64))
np.save(broken / "picture.npy", np.zeros((H, W, 3), np.uint8))
whole = (here / "stack_bool.npy").read_bytes()
(broken / "cut.npy").write_bytes(whole[:-5])
header = b"{'descr': '|b1', 'fortran_order': False, 'shape': (99999999, 99999999, 99999999), }\n"
(broken / "vast.npy").write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
(broken / "cut.npz").write_bytes((here / "masks.npz").read_bytes()[:-40])
damaged = bytearray((here / "stored.npz").read_bytes()); damaged[-250 + damaged[-250:].find(b"PK\x01\x02") - 4] ^= 1
(broken / "checksum.npz").write_bytes(damaged)
bomb = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
with zipfile.ZipFile(broken / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("masks.npy", bomb + bytes(20_000_000))
(broken / "cut.png").write_bytes((here / "mask.png").read_bytes()[:60])
vast = bytearray((here / "mask.png").read_bytes()); vast[16:24] = b"\x7f\xff\xff\xff\x7f\xff\xff\xff"
import zlib
vast[29:33] = zlib.crc32(vast[12:29]).to_bytes(4, "big")
(broken / "vast.png").write_bytes(vast)
(broken / "pickle.pkl").write_bytes(b"\x80\x04\x95\x0f\x00\x00\x00")
(broken / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
(broken / "empty.json").write_bytes(b"")
