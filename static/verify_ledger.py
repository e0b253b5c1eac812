#!/usr/bin/env python3
"""Check a likeness ledger offline: is it whole, in order, unchanged, and signed by its host?

    python3 verify_ledger.py my-ledger.json
    python3 verify_ledger.py my-ledger.json --heads heads.json    compare with heads you fetched elsewhere too
    python3 verify_ledger.py my-ledger.json --fast                trust the daily heads for older entries

Needs Python 3.9 or newer and `pip install cryptography`; nothing else, and no network.

What is checked
    keys         each key of the host is introduced by a signature of the one before it
    chain        entries are numbered 1, 2, 3 …; each hash is SHA-256 of the one before, a line feed, entry
    signatures   each entry is signed by one of the host's keys (Ed25519)
    contents     what is shown in the clear opens the commitment in its entry
    heads        each day's head is signed, follows from the head before it, and contains this ledger as it
                 stood that day (Merkle path, RFC 6962); so nothing before it was cut off or put in later

Exit code 0: whole.  1: broken.  2: not a ledger file.  3: the package `cryptography` is missing.
"""

import argparse
import base64
import hashlib
import json
import sys

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    print("This check needs one package. Please run:  pip install cryptography", file=sys.stderr)
    sys.exit(3)

GENESIS = "0" * 64
MISSING = "an entry is missing, or the order was changed."
ENTRY, HEAD, FILE, KEY = (
    "understudy-ledger/1",
    "understudy-ledger-head/1",
    "understudy-ledger-file/1",
    "understudy-ledger-key/1",
)


class Broken(Exception):
    """What is wrong, as a sentence."""


class NotALedger(Exception):
    """The file is something else."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(value):
    return _ENCODER.encode(value)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def check_keys(listed):
    """Public keys by id. The first stands for itself; each later one is introduced by the one before."""
    keys, before = {}, None
    for entry in listed:
        name, public = entry["key_id"], base64.b64decode(entry["public_key"])
        if hashlib.sha256(public).hexdigest()[:16] != name:
            raise Broken(f"The key {name} is not the key that its name says.")
        if before is not None:
            if entry["signed_by"] != before:
                raise Broken(f"The key {name} is not introduced by the key before it.")
            words = f"{KEY}\n{name}\n{entry['public_key']}\n{entry['since']}".encode()
            check_signature(keys, before, entry["signature"], words, f"The introduction of the key {name}")
        keys[name] = Ed25519PublicKey.from_public_bytes(public)
        before = name
    return keys


def check_signature(keys, key_id, signature, message, what):
    key = keys.get(key_id)
    if key is None:
        raise Broken(f"{what} is signed by the key {key_id}, which the host does not list.")
    try:
        key.verify(base64.b64decode(signature), message)
    except (InvalidSignature, ValueError):
        raise Broken(
            f"{what} carries a signature that does not match: it was changed, or not written by this host."
        ) from None


def check_chain(ledger, keys, signed_from):
    """Every entry in order. Signatures are checked from entry `signed_from` on; returns the hashes."""
    links, previous = [], GENESIS
    for number, entry in enumerate(ledger["entries"], start=1):
        what = f"Entry {number}"
        body = json.loads(entry["body"])
        # A head covers older entries byte by byte, so their form needs no second look.
        if body["schema"] != ENTRY or (number >= signed_from and canonical(body) != entry["body"]):
            raise Broken(f"{what} is not written in the form that was hashed.")
        if body["sequence"] != number:
            raise Broken(f"{what} says that it is number {body['sequence']}: {MISSING}")
        if body["record"]["pii_principal_id"] != ledger["principal"]:
            raise Broken(f"{what} belongs to another ledger.")
        if entry["previous_hash"] != previous:
            raise Broken(f"{what} does not follow from the one before it: {MISSING}")
        link = hashlib.sha256(f"{previous}\n{entry['body']}".encode()).hexdigest()
        if link != entry["hash"]:
            raise Broken(f"{what} was changed: its hash does not match.")
        if number >= signed_from:
            check_signature(keys, entry["key_id"], entry["signature"], f"{ENTRY}\n{link}".encode(), what)
        check_details(what, body["commitments"], entry.get("details"))
        links.append(link)
        previous = link
    return links


def check_details(what, commitments, details):
    if details is None:  # erased: the commitments stay, and nothing opens them any more
        return
    if set(details) != set(commitments):
        raise Broken(f"{what} shows other details than it commits to.")
    for name, kept in details.items():
        opened = f"{kept['salt']}\n{canonical(kept['value'])}".encode()
        if hashlib.sha256(opened).hexdigest() != commitments[name]:
            raise Broken(f"{what}: “{name}” was changed since it was written.")


def merkle_root(leaf, index, size, path):
    """The root that a leaf and its audit path lead to (RFC 6962, 2.1.1)."""
    steps, span, at = [], size, index
    while span > 1:
        middle = 1 << ((span - 1).bit_length() - 1)
        if at < middle:
            steps.append("right")
            span = middle
        else:
            steps.append("left")
            at, span = at - middle, span - middle
    if len(steps) != len(path):
        raise Broken("A Merkle path has the wrong length.")
    node = sha256(b"\x00", leaf)
    for side, other in zip(reversed(steps), path):  # noqa: B905 (Python 3.9 has no `strict`; lengths are equal)
        other = bytes.fromhex(other)
        node = sha256(b"\x01", node, other) if side == "right" else sha256(b"\x01", other, node)
    return node.hex()


def check_heads(ledger, keys):
    """Every daily head; returns [(sequence, hash)] of this ledger as the heads saw it, oldest first."""
    seen, roots = [], {}
    for head in ledger["heads"]:
        body = json.loads(head["body"])
        what = f"The head of {body['date']}"
        if body["schema"] != HEAD:
            raise Broken(f"{what} is of an unknown kind.")
        check_signature(keys, head["key_id"], head["signature"], head["body"].encode(), what)
        if roots and body["previous_root"] != list(roots.values())[-1]:
            raise Broken(f"{what} does not follow from the head before it.")
        roots[body["date"]] = body["root"]
        if head["leaf"] is None:
            if seen:
                raise Broken(f"{what} does not contain this ledger, although an earlier one does.")
            continue
        number = head["leaf"]["sequence"]
        if number > len(ledger["entries"]):
            last = len(ledger["entries"])
            raise Broken(f"{what} knows entry {number}, and this file ends at {last}: entries were cut off.")
        tip = [ledger["principal"], number, ledger["entries"][number - 1]["hash"]]
        root = merkle_root(canonical(tip).encode(), head["leaf"]["index"], body["size"], head["leaf"]["path"])
        if root != body["root"]:
            raise Broken(f"{what} saw another entry {number}: the ledger was rewritten afterwards.")
        seen.append(number)
    return seen, roots


def check_against(published, listed, keys, roots):
    """Compare with heads that somebody kept or fetched elsewhere. Returns how many days agree."""
    kept = {entry["key_id"]: entry["public_key"] for entry in published["keys"]}
    check_keys(published["keys"])
    if any(kept.get(entry["key_id"]) != entry["public_key"] for entry in listed):
        raise Broken("This ledger is signed by a key that the published heads do not list.")
    agreed = 0
    for head in published["heads"]:
        body = json.loads(head["body"])
        what = f"The published head of {body['date']}"
        check_signature(keys, head["key_id"], head["signature"], head["body"].encode(), what)
        if body["date"] in roots:
            if roots[body["date"]] != body["root"]:
                raise Broken(f"{what} is another one than in this file.")
            agreed += 1
    return agreed


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise NotALedger(f"{path} cannot be read as JSON: {error}") from None


def check(ledger, published=None, fast=False):
    """All checks; returns the sentences that say what was found. Raises Broken or NotALedger."""
    if not isinstance(ledger, dict) or ledger.get("format") != FILE:
        raise NotALedger("This is not a ledger file of the format that this program knows.")
    try:
        keys = check_keys(ledger["keys"])
        seen, roots = check_heads(ledger, keys)
        signed_from = seen[-1] + 1 if fast and seen else 1
        links = check_chain(ledger, keys, signed_from)
        agreed = None if published is None else check_against(published, ledger["keys"], keys, roots)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        kind = type(error).__name__
        raise Broken(f"A part of the file is missing or has the wrong form ({kind}: {error}).") from None
    told = [f"{len(links)} entries, in order and unchanged, signed by the key {list(keys)[-1]}."]
    if published is None:
        told.append(
            f"The file says that this is the key of {ledger['host']}. Anybody can write such a file with"
        )
        told.append(
            "a key of their own: fetch /ledger/heads from that host yourself, and give it with --heads."
        )
    if seen:
        told.append(
            f"{len(seen)} daily heads contain this ledger; up to entry {seen[-1]} nothing was cut off."
        )
    else:
        told.append("No daily head contains this ledger yet: cutting off its end would not be noticed.")
    if agreed is not None:
        told.append(f"{agreed} of the heads agree with the published ones you gave, and the keys are theirs.")
        newest = max((json.loads(head["body"])["date"] for head in published["heads"]), default="")
        if newest > max(roots, default=""):
            told.append(
                f"They go on until {newest}: what was entered after this file's last head is not in it."
            )
    if fast and seen:
        told.append(f"Signatures were checked from entry {signed_from} on; heads cover the ones before.")
    return told


def main():
    parser = argparse.ArgumentParser(description="Check a likeness ledger offline.")
    parser.add_argument("ledger", help="the file you downloaded from “My likeness”")
    parser.add_argument("--heads", help="published heads of the host, fetched separately from /ledger/heads")
    parser.add_argument("--fast", action="store_true", help="check signatures only after the last daily head")
    options = parser.parse_args()
    try:
        published = read(options.heads) if options.heads else None
        told = check(read(options.ledger), published, options.fast)
    except NotALedger as error:
        print(f"NOT A LEDGER  {error}")
        return 2
    except Broken as error:
        print(f"BROKEN  {error}")
        return 1
    print("WHOLE  " + "\n       ".join(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
