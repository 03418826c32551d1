#!/usr/bin/env python3
"""Verifies a byline state proof: who holds an asset, which entry first registered a picture, or that there is none, as of one
size of a log. usage: verify_state.py PROOF VERIFIER-KEY-OF-THE-LOG. Exit code 0: proved; 1: not. Formats: src/ledger/map.rs
and state_proof.rs. Cosignatures of witnesses are not looked at."""
import base64, sys
from verify_ledger import cbor, is_signed, open_note, sha256, want

def topic_key(words):
    kind, *subject = words
    raw = bytes.fromhex(subject[-1].replace("-", ""))
    if kind == "pixel":
        raw = bytes([int(subject[0])]) + raw
    return sha256(b"\4", bytes([("asset", "content", "pixel").index(kind) + 1]), raw)

def answer(lines, key, root):  # the way through the map from its end up to the root; what the map says, or None
    (word, *end), steps = lines[0].split(" "), [line.split(" ") for line in lines[1:]]
    if word == "empty":
        want(not steps and root == sha256(b"\5"), "the map is not empty")
        return None
    at = key if word == "found" else base64.b64decode(end.pop(0))
    state, status, bits = base64.b64decode(end[0]), int(end[1]), [int(step[1]) for step in steps]
    node = sha256(b"\2", at, state, status.to_bytes(2, "big"))
    want(word == "found" or word == "other" and at != key, "the key at the end is the one asked for")
    want(bits == sorted(set(bits)), "the bits of the steps do not ascend")
    for _, bit, beside in reversed(steps):
        side, other = ((k[int(bit) >> 3] >> (7 - int(bit) & 7) & 1) for k in (key, at))
        want(side == other, "the way to the key turns off")
        pair = (base64.b64decode(beside), node) if side else (node, base64.b64decode(beside))
        node = sha256(b"\3", bytes([int(bit)]), *pair)
    want(node == root, "the way leads to another root of the map")
    return (state, status) if word == "found" else None

def placed(lines, size, root):  # an entry, signed by the key beside it, at its place (RFC 9162, 2.1.3.2)
    _, index, data = lines[0].split(" ")
    index, data = int(index), base64.b64decode(data)
    entry, key = data[:-32], data[-32:]
    want(entry[:2] == b"\xd2\x84", "no COSE_Sign1")
    (protected, a), node = cbor(entry, 2), sha256(b"\0", entry)
    (payload, c), leaf = cbor(entry, a + 1), node
    (signature, end), (head, _), (body, _) = cbor(entry, c), cbor(protected), cbor(payload)
    want(entry[a] == 0xA0 and end == len(entry), "another form than entries have")
    want(sha256(b"\xa3\1\1\x20\6\x21\x58\x20", key) == head[4], "the key beside the entry is not its signer's")
    want(is_signed(key, b"\x84\x6aSignature1" + entry[2:a] + b"\x40" + entry[a + 1:c], signature), "a bad signature")
    at, last = index, size - 1
    want(at <= last, "beyond the log")
    for sibling in map(base64.b64decode, lines[1:]):
        want(last > 0, "too many hashes")
        if at & 1 or at == last:
            node = sha256(b"\1", sibling, node)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = sha256(b"\1", node, sibling)
        at, last = at >> 1, last >> 1
    want(last == 0 and node == root, "the entry is not where the proof says it is")
    return index, leaf, key, head[15][2], body

def verify(text, vkey):
    head, checkpoint = text.split("\n\n", 1)
    (_, size, root, *_), origin, log_key = open_note(checkpoint, vkey)
    want(checkpoint.startswith(f"{origin}\n"), "the checkpoint is of another log")
    size, root, lines = int(size), base64.b64decode(root), head.split("\n")
    want(lines[0] == "byline-state-proof/v1" and lines[1].startswith("about "), "no state proof")
    words = ("found", "other", "empty", "registered", "holder", "state", "entry")
    starts = [n for n, line in enumerate(lines) if line.split(" ")[0] in words] + [len(lines)]
    blocks = [(lines[a].split(" ")[0], lines[a:b]) for a, b in zip(starts, starts[1:])]
    topic, way = lines[1].split(" ")[1:], blocks[0][1]
    (index, _, key, _, body), = [placed(block, size, root) for word, block in blocks if word == "state"]
    entries = [placed(block, size, root) for word, block in blocks if word == "entry"]
    want(key == log_key and body[0] == 33 and body[3] == index, "no state.root of this log")
    found, titles, holders = answer(way, topic_key(topic), body[1]), [], []
    for word, (line, *_) in blocks:
        if word == "registered":
            titles.append((base64.b64decode(line.split(" ")[1]), []))
        if word == "holder":
            _, who, share, title = line.split(" ")
            titles[-1][1].append(bytes.fromhex(who) + int(share).to_bytes(2, "big") + base64.b64decode(title))
            holders.append(f"held by {bytes.fromhex(who).hex()}: {int(share) / 100} %")
    for at, _, _, about, title in entries:
        is_about = about == "urn:uuid:" + topic[-1] and title[0] in (16, 18) if topic[0] == "asset" else title[0] == 16 and (
            title[2].hex() == topic[1] if topic[0] == "content" else title.get(3) == [int(topic[1]), bytes.fromhex(topic[2])])
        want(at < body[3] and is_about, "an entry about something else, or from later")
    if found and topic[0] == "asset":
        state = b"".join(leaf + len(held).to_bytes(2, "big") + b"".join(held) for leaf, held in titles)
        want(all(held == sorted(held) for _, held in titles) and sha256(b"\6", state) == found[0], "other titles than the map's")
        named = {leaf for leaf, _ in titles} | {holder[34:] for _, held in titles for holder in held}
    else:
        want(not titles, "titles of nothing")
        named = {found[0]} if found else set()
    want({leaf for _, leaf, *_ in entries} == named and len(entries) == len(named), "entries that the map does not name")
    said = holders or [f"first in entry {n}" for n, *_ in entries]
    return f"as of {body[3]} entries: {', '.join(said) if found else 'not registered here'}"

if __name__ == "__main__":
    try:
        print(verify(open(sys.argv[1], encoding="utf-8").read(), sys.argv[2]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as why:
        sys.exit(f"NOT PROVED: {why}")
