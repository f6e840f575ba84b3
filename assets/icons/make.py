#!/usr/bin/env python3
"""Writes the icons of this folder from Noto Emoji as Iconify packs it.

Usage: npm pack @iconify-json/noto@1.2.9, unpack it, then
       python3 make.py path/to/package/icons.json

The drawings are written unchanged; only the outer <svg> element is added.
"""

import json
import pathlib
import sys

# our name: the name in the package, where it is another one
OTHER_NAMES = {
    "apple": "red-apple", "ball": "soccer-ball", "bear": "teddy-bear", "boat": "sailboat",
    "book": "closed-book", "car": "automobile", "cat": "cat-face", "cheese": "cheese-wedge",
    "chick": "baby-chick", "clock": "alarm-clock", "cup": "hot-beverage", "dog": "dog-face",
    "donut": "doughnut", "gift": "wrapped-gift", "glass": "wine-glass",
    "globe": "globe-showing-europe-africa", "hat": "top-hat", "phone": "telephone",
    "plane": "airplane", "pumpkin": "jack-o-lantern", "shirt": "t-shirt",
    "shoe": "running-shoe", "train": "locomotive",
}
NAMES = """
apple ball balloon banana bear bell bicycle boat book bucket bus butterfly cactus camera candle
car carrot cat chair cheese chick clock crab croissant crown cup cupcake dog donut dress drum egg
eggplant elephant flamingo frog gift glass globe guitar hamburger hammer hat key kite lemon
mushroom octopus owl pear penguin phone pig pineapple pizza plane pumpkin rabbit rocket rose
shirt shoe snail spoon strawberry sunflower teapot tractor train turtle umbrella watermelon whale
""".split()


def main():
    package = json.loads(pathlib.Path(sys.argv[1]).read_text())
    here = pathlib.Path(__file__).parent
    for name in NAMES:
        icon = package["icons"][OTHER_NAMES.get(name, name)]
        width = icon.get("width", package["width"])
        height = icon.get("height", package["height"])
        svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
               f'{icon["body"]}</svg>\n')
        (here / f"{name}.svg").write_text(svg)
    print(len(NAMES), "icons")


main()
