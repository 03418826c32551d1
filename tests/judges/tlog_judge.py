"""Judges proofs and receipts with verifiers that others wrote, in Python.

    tlog_judge.py sigstore DIR PROOF           its checkpoint parser and its Merkle verification
    tlog_judge.py pymerkle DIR PROOF           the root over all entries, made again
    tlog_judge.py scitt DIR PROOF COSE         its COSE_Sign1 and its receipt verification
"""

import base64
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def entries(log):
    """Every entry of a published log, by its bundles."""
    size = int((log / "checkpoint").read_text().split("\n")[1])
    found = []
    while len(found) < size:
        bundle, left = len(found) // 256, size - len(found)
        name = f"{bundle:03d}" if left >= 256 else f"{bundle:03d}.p/{left}"
        data = (log / "tile/entries" / name).read_bytes()
        while data:
            (length,) = struct.unpack(">H", data[:2])
            found.append(data[2 : 2 + length])
            data = data[2 + length :]
    return found


def proof(path):
    """Index, hashes, entry, its signer's key and checkpoint of a proof file (c2sp.org/tlog-proof)."""
    head, checkpoint = path.read_text().split("\n\n", 1)
    index, hashes, extra = None, [], None
    for line in head.split("\n")[1:]:
        if line.startswith("extra "):
            extra = base64.b64decode(line[6:])
        elif line.startswith("index "):
            index = int(line[6:])
        else:
            hashes.append(base64.b64decode(line))
    key = Ed25519PublicKey.from_public_bytes(extra[-32:])
    return index, hashes, extra[:-32], key, checkpoint


def log_key(log):
    """Key id and public key of `log.vkey`."""
    _, key_id, key = (log / "log.vkey").read_text().strip().split("+", 2)
    return bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])


def pem(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form)


def refused(what, act):
    """A judge that accepts everything is none."""
    try:
        answer = act()
    except Exception:
        return
    if answer is None or answer is True:
        sys.exit(f"{what}: accepted, should not be")


def sigstore(log, path):
    from sigstore._internal.merkle import verify_merkle_inclusion
    from sigstore._internal.rekor.checkpoint import SignedCheckpoint

    index, hashes, entry, _, note = proof(path)
    signed = SignedCheckpoint.from_text(note)
    key_id, key = log_key(log)
    (signature,) = [line for line in signed.signed_note.signatures if line.sig_hash == key_id]
    raw = base64.b64decode(signature.signature)
    key.verify(raw, signed.signed_note.note.encode())
    root = bytes.fromhex(signed.checkpoint.log_hash)

    def included(body, tree_root):
        inclusion = SimpleNamespace(
            log_index=index, tree_size=signed.checkpoint.log_size, hashes=hashes, root_hash=tree_root
        )
        inner = SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=body)
        verify_merkle_inclusion(SimpleNamespace(_inner=inner))

    included(entry, root)
    refused("another root", lambda: included(entry, root[::-1]))
    refused("another entry", lambda: included(entry + b"\0", root))
    return f"checkpoint read, inclusion of entry {index} in {signed.checkpoint.log_size}: accepted; two changed ones refused"


def pymerkle(log, path):
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    for entry in entries(log):
        tree.append_entry(entry)
    root = base64.b64decode((log / "checkpoint").read_text().split("\n")[2])
    if tree.get_root() != root:
        sys.exit("the root over the entries is another than the checkpoint's")
    return f"root over {tree.get_size()} entries: the same"


def scitt(log, path, cose):
    from scitt_cose.cose_sign1 import verify_sign1
    from scitt_cose.receipt import verify_receipt
    from scitt_cose.statement import extract_receipts

    # The leaf is the statement without what was attached to it: the entry.
    index, _, statement, creator, _ = proof(path)
    _, key = log_key(log)
    verify_sign1(statement, public_key_pem=pem(creator))
    refused("another signer", lambda: verify_sign1(statement, public_key_pem=pem(key)) and None)
    (receipt,) = extract_receipts(cose.read_bytes())

    def judged(leaf, by):
        return verify_receipt(receipt, leaf_entry_hex=leaf.hex(), log_public_key_pem=pem(by))

    found = judged(statement, key)
    if not found.ok:
        sys.exit(f"receipt: {found.errors}")
    refused("another leaf", lambda: judged(statement + b"\0", key).ok or False)
    refused("another log key", lambda: judged(statement, creator).ok or False)
    if found.leaf_index != index:
        sys.exit(f"the receipt is of entry {found.leaf_index}, the proof of {index}")
    return f"statement, receipt of entry {index} in {found.tree_size}: accepted; three changed ones refused"


if __name__ == "__main__":
    judge = {"sigstore": sigstore, "pymerkle": pymerkle, "scitt": scitt}[sys.argv[1]]
    print(judge(*map(Path, sys.argv[2:])))
