#!/usr/bin/env python3
"""Verifies a byline ledger with nothing of byline: the formats of src/ledger in executable form. Needs Python 3.9 and `cryptography`.
Follows no titles and licences: `byline audit` does. --key is the log's verifier key, --known a file with an earlier checkpoint, both
from elsewhere; --image says where a file is registered. Exit code 0: sound; 1: not; 2: wrong use; 3: bytes follow the last commit, and --known is not of it."""
import argparse, base64, contextlib, functools, hashlib, sys, time
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CRC_TABLE = list(range(256))
for _ in range(8):  # CRC-32C: the polynomial 0x1EDC6F41, reflected
    CRC_TABLE = [crc >> 1 ^ (0x82F63B78 if crc & 1 else 0) for crc in CRC_TABLE]

def crc32c(data):
    return functools.reduce(lambda crc, byte: crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 255], data, 0xFFFFFFFF) ^ 0xFFFFFFFF

def want(holds, why):
    if not holds:
        raise ValueError(why)

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def is_signed(key, message, signature):
    with contextlib.suppress(InvalidSignature):
        return Ed25519PublicKey.from_public_bytes(key).verify(signature, message) is None

def open_note(note, vkey):  # c2sp.org/signed-note: text, an empty line, signatures; a key is name+id+base64(1 || 32 bytes)
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    want(len(key) == 33 and key[0] == 1 and sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "no verifier key")
    text, _, lines = note.rpartition("\n\n")
    found = [base64.b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.startswith(f"\u2014 {name} ")]
    found = [line[4:] for line in found if line[:4].hex() == key_id]
    want(len(found) == 1 and is_signed(key[1:], f"{text}\n".encode(), found[0]), "a note without the log's good signature")
    return text.split("\n"), name, key[1:]

def cbor(data, at=0):  # one value of deterministic CBOR (RFC 8949, 4.2.1), and where it ends
    kind, size, at = data[at] >> 5, data[at] & 31, at + 1
    if size > 23:
        width, least = {24: (1, 24), 25: (2, 1 << 8), 26: (4, 1 << 16), 27: (8, 1 << 32)}[size]
        size, at = int.from_bytes(data[at:at + width], "big"), at + width
        want(size >= least, "a number not in its shortest form")
    if kind < 2:
        return (-1 - size if kind else size), at
    if kind < 4:
        return (data[at:at + size].decode() if kind == 3 else data[at:at + size]), at + size
    items, ends = [], [at]
    for _ in range({4: size, 5: 2 * size}[kind]):  # an array, a map; entries have nothing else
        item, at = cbor(data, at)
        items, ends = items + [item], ends + [at]
    keys = [data[a:b] for a, b in zip(ends[::2], ends[1::2])]
    want(kind == 4 or keys == sorted(set(keys)), "a map whose keys are not in order")
    return (items if kind == 4 else dict(zip(items[::2], items[1::2]))), at

class Ledger:
    def __init__(self, data):
        want(len(data) >= 4096 and data.startswith(b"byline-ledger/v1\n"), "this is no byline ledger: it has no ledger header")
        note = data[:4096].rstrip(b"\0").decode(errors="replace")
        text, self.origin, self.key = open_note(note, note.split("\n")[2])
        is_whole = note.count("\n") == len(text) + 2 and all(line.startswith("arbiter ") for line in text[5:])
        want(is_whole and text[1] == self.origin and text[4] in ("public", "private"), "a bad header")
        self.data, self.vkey, self.edge, self.leaves, self.keys, self.promised = data, text[2], [], {}, {}, {}
        self.size, self.previous, self.end, self.time, self.roots, self.pictures = 0, 0, 0, 0, {}, []

    def entry(self, _, data):  # COSE_Sign1 (RFC 9052, 4.2): 18([protected, {}, payload, signature])
        leaf, index = node, left = sha256(b"\0", data), len(self.leaves)
        want(self.leaves.setdefault(leaf, index) == index, "the same entry stands in the log before")
        while left & 1:  # RFC 6962, 2.1: two equal subtrees become one
            node, left = sha256(b"\1", self.edge.pop(), node), left >> 1
        self.edge.append(node)
        want(data[:2] == b"\xd2\x84" and len(data) <= 16384, "no COSE_Sign1, or too long")
        protected, a = cbor(data, 2)
        unprotected, b = cbor(data, a)
        payload, c = cbor(data, b)
        (signature, end), (head, head_end), (body, body_end) = cbor(data, c), cbor(protected), cbor(payload)
        kid, claims, kind = head[4], head[15], body[0]
        right = {1: -8, 3: "application/vnd.byline.entry+cbor", 4: kid, 15: {1: kid.hex(), 2: claims[2], 6: claims[6]}}
        ends = (end, head_end, body_end) == tuple(map(len, (data, protected, payload)))
        want(ends and (head, unprotected) == (right, {}), "another header than entries have, or bytes after the end")
        # Key events and privileged disputes bring their key; redact, state.root and anchor are signed by the log's own.
        brought = body[1] if kind in (1, 2, 3) else body.get(4) if kind == 22 else self.key if kind > 31 else None
        key = brought or self.keys.get(kid, b"")
        want(sha256(b"\xa3\1\1\x20\6\x21\x58\x20", key) == kid, "its signer's key is not known, or another (RFC 9679)")
        want(is_signed(key, b"\x84\x6aSignature1" + data[2:a] + b"\x40" + data[b:c], signature), "a bad signature")
        if kind in (1, 2):  # field 2 or 3 promises the next key by its hash
            promised = kid not in self.keys if kind == 1 else sha256(key) == self.promised[body[2]]
            want(promised, "its key entered the log before, or was not promised by a key event before it")
            self.keys[kid], self.promised[leaf] = key, body.get(kind + 1)
        if kind == 16:
            self.pictures.append((index, (body[1], body[2]), f"registered by entry {index}, {kid.hex()}, as {claims[2]}"))

    def commit(self, at, data):
        size, previous, clock, crc = (int.from_bytes(data[a:a + n], "little") for a, n in ((0, 8), (40, 8), (48, 8), (56, 4)))
        root = functools.reduce(lambda right, left: sha256(b"\1", left, right), self.edge[::-1] or [sha256()])
        text = f"{self.origin}\n{size}\n{base64.b64encode(data[8:40]).decode()}\n".encode()
        follows = previous == self.previous and clock >= self.time and crc == crc32c(self.data[self.end:at + 64])
        self.size, self.previous, self.end, self.time, self.roots[size] = size, at, at + 200, clock, data[8:40]
        want(self.is_sealed(at), "the commit's seal is not the log's for this place")
        want(is_signed(self.key, text, data[64:128]), "the commit's checkpoint is not signed by the log")
        want((size, data[8:40]) == (len(self.leaves), root), "the commit's root is not that of the entries before it")
        want(follows and not any(data[60:64]), "bytes before the commit changed, or it does not follow the last one")

    def is_sealed(self, at):
        message = f"byline-commit/v1\n{self.origin}\n".encode() + at.to_bytes(8, "little") + self.data[at + 8:at + 136]
        return is_signed(self.key, message, self.data[at + 136:at + 200])

    def walk(self, find):
        at, data = 4096, self.data
        while at < len(data):
            size, kind = int.from_bytes(data[at:at + 4], "little"), data[at + 4:at + 5]
            end, following = at + 8 + size, at + 8 + size + -size % 8
            zeros = data[at + 5:at + 8] + data[end:following] + data[at + 8:end] * (kind == b"\4")
            if kind not in (b"\1", b"\2", b"\4") or kind == b"\2" and size != 192 or any(zeros) or following > len(data):
                is_next = lambda n: data[n + 48:n + 56] == self.previous.to_bytes(8, "little")
                like = [n for n in range(at, len(data), 8) if data.startswith(b"\xc0\0\0\0\2\0\0\0", n) or is_next(n)]
                if any(map(self.is_sealed, like)) or not all(map(is_next, like)) or b"byline-ledger/v1" in data[at:]:
                    find(f"byte {at}: no frame, yet a signed commit, or one of another place or ledger, follows")
                return
            try:
                {b"\1": self.entry, b"\2": self.commit, b"\4": lambda *_: None}[kind](at, data[at + 8:end])
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as why:
                find(f"byte {at}: {why!r}")
            at = following

def main(argv):
    args, findings = argparse.ArgumentParser(description=__doc__), []
    for name in ("ledger", "--key", "--known", "--image"):
        args.add_argument(name)
    args = args.parse_args(argv)
    try:
        log = Ledger(open(args.ledger, "rb").read())
        want(args.key in (None, log.vkey), "the ledger is signed by another log than the one known")
        log.walk(findings.append)
        if args.known:
            (_, size, root, *_), *_ = open_note(open(args.known, encoding="utf-8").read(), log.vkey)
            want(log.roots.get(int(size)) == base64.b64decode(root), "the log was cut, or has another history")
        print(f"{log.vkey}\n{log.size} entries, root {log.roots[log.size].hex()}, {time.ctime(log.time / 1000)}")
        is_open = any(log.data[log.end:]) and not (args.known and int(size) == log.size)
        print(f"{len(log.data) - log.end} bytes after the last commit, which no commit covers")
        if args.image:
            digest = sha256(open(args.image, "rb").read())
            found = [what for index, digests, what in log.pictures if index < log.size and digest in digests]
            print("\n".join(found) or "not registered")
    except (ValueError, LookupError) as why:
        findings.append(str(why) if isinstance(why, ValueError) else repr(why))
    print("\n".join(findings + ["BROKEN" if findings else f"SOUND UP TO {log.size}" if is_open else "SOUND"]))
    return 1 if findings else 3 if is_open else 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
