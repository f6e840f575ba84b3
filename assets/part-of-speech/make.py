"""Writes words.txt and patches.txt from trained_tagger_model.json of the crate harper-brill 3.0.0."""
import json, sys


def is_word(text):
    """Spelled with letters: numbers, signs and addresses are told by their form, not by a list."""
    return text[0].isalpha() and all(c.isalpha() or c in "'\u2019.-" for c in text)


def condition(criteria):
    (kind, c), = criteria.items()
    if kind == "WordIsTaggedWith": return f"tag {c['relative']} {c['is_tagged']}"
    if kind == "AnyWordIsTaggedWith": return f"any {c['max_relative']} {c['is_tagged']}"
    if kind == "SandwichTaggedWith": return f"between {c['prev_word_tagged']} {c['post_word_tagged']}"
    if kind == "WordIs": return f"word {c['relative']} {c['word']}"
    if kind == "Combined": return f"{condition(c['a'])} & {condition(c['b'])}"
    raise ValueError(kind)

model = json.load(open(sys.argv[1]))
by_tag = {}
for word, tag in model["base"]["mapping"].items():
    if is_word(word):
        by_tag.setdefault(tag, []).append(word)
with open("words.txt", "w") as out:
    for tag in sorted(by_tag):
        out.write(f"{tag} {' '.join(sorted(by_tag[tag]))}\n")
with open("patches.txt", "w") as out:
    for patch in model["patches"]:
        out.write(f"{patch['from']} {patch['to']} {condition(patch['criteria'])}\n")
