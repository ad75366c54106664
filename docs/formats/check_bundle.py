#!/usr/bin/env python3
"""Checks a Dutypoint bundle without Dutypoint: manifest, chain, files, signatures.

An independent reading of docs/formats/bundle.md and docs/formats/documents.md, for
whoever does not want to trust our program with its own evidence. It does not recompute
the numbers and does not render the paper again: `dutypoint verify` does.

Needs Python 3.9 or later and two packages: pip install cbor2 cryptography

    python3 check_bundle.py bundle.zip
    python3 check_bundle.py bundle.zip --trust station.key.pub

Exit code 0: everything checked holds. 1: the first thing that does not is named.
"""

import hashlib
import io
import re
import sys
import zipfile

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIXED = {
    "README.txt", "certificate.pdf", "checkpoint.cbor", "journal.cborseq",
    "manifest.sha256", "result.json", "statement.cbor",
}
LARGEST = 2 << 30


class Wrong(Exception):
    """Something in the bundle does not hold."""


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def canonical(value):
    """RFC 8949 4.2.1. All keys of the format are text, for which the older order by
    length, which cbor2 uses, is the same as the bytewise one."""
    return cbor2.dumps(value, canonical=True)


def unpack(path):
    entries = {}
    with zipfile.ZipFile(path) as archive:
        if len(archive.infolist()) > 256:
            raise Wrong("container: more than 256 entries")
        if sum(info.file_size for info in archive.infolist()) > LARGEST:
            raise Wrong("container: more than 2 GiB")
        for info in archive.infolist():
            if info.filename not in FIXED and not re.fullmatch(r"files/[0-9a-f]{64}", info.filename):
                raise Wrong(f"container: {info.filename!r} is no entry of a bundle")
            if info.filename in entries:
                raise Wrong(f"container: {info.filename!r} is there twice")
            entries[info.filename] = archive.read(info)
    for name in FIXED - entries.keys():
        raise Wrong(f"container: {name} is missing")
    return entries


def check_manifest(entries):
    lines = [f"{sha256(entries[name]).hex()}  {name}\n"
             for name in sorted(entries) if name != "manifest.sha256"]
    if "".join(lines).encode() != entries["manifest.sha256"]:
        raise Wrong("manifest: an entry differs from its digest")


def check_chain(sequence):
    """The documents as (seq, kind, body, digest)."""
    documents, prev, run, at = [], bytes(32), None, 0
    stream = io.BytesIO(sequence)
    while at < len(sequence):
        place = f"chain: document {len(documents)}"
        stream.seek(at)
        envelope = cbor2.CBORDecoder(stream).decode()
        # Canonical bytes are the only ones allowed, so encoding again gives the length.
        encoded = canonical(envelope)
        if sequence[at:at + len(encoded)] != encoded:
            raise Wrong(f"{place}: not the canonical encoding")
        at += len(encoded)
        if set(envelope) != {"v", "run", "seq", "doc"} or envelope["v"] != 0:
            raise Wrong(f"{place}: no envelope of format version 0")
        run = envelope["run"] if run is None else run
        if (envelope["run"], envelope["seq"]) != (run, len(documents)):
            raise Wrong(f"{place}: another run or number")
        ((kind, body),) = envelope["doc"].items()
        prev = sha256(prev, encoded)
        documents.append((envelope["seq"], kind, body, prev))
    if not documents or documents[0][1] != "start":
        raise Wrong("chain: the first document is no start")
    return run, documents


def check_files(entries, documents):
    named = set()
    for _, kind, body, _ in documents:
        if kind == "start":
            single = [body["order"]] + ([body["bench"]] if "bench" in body else [])
            named.update(f["digest"] for f in single + body["packs"] + body["profiles"])
        elif kind == "import":
            named.add(body["file"]["digest"])
    there = {bytes.fromhex(n[6:]): c for n, c in entries.items() if n.startswith("files/")}
    for digest, content in there.items():
        if sha256(content) != digest:
            raise Wrong(f"files: the content of {digest.hex()} has another digest")
    if named != set(there):
        raise Wrong("files: not exactly the files the run names")


def check_signature(name, message, key, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, canonical(message))
    except (InvalidSignature, ValueError):
        raise Wrong(f"signatures: {name}: the signature does not hold") from None


def check_signatures(entries, run, documents):
    stop = next(((seq, digest) for seq, kind, _, digest in documents if kind == "stop"), None)
    if stop is None:
        raise Wrong("signatures: the run has no stop")
    checkpoint = cbor2.loads(entries["checkpoint.cbor"])
    certificate = cbor2.loads(entries["statement.cbor"])
    for name, value in (("checkpoint", checkpoint), ("statement", certificate)):
        if canonical(value) != entries[f"{name}.cbor"]:
            raise Wrong(f"signatures: {name}.cbor is not canonical")
    body, statement = checkpoint["body"], certificate["statement"]
    if (body["run"], body["stop_seq"], body["stop"]) != (run, *stop):
        raise Wrong("signatures: the checkpoint speaks of another stop")
    check_signature("checkpoint.cbor", body, checkpoint["key"], checkpoint["signature"])
    if not any(kind == "certificate" and doc == certificate for _, kind, doc, _ in documents):
        raise Wrong("signatures: the journal holds no such issue")
    check_signature("statement.cbor", statement, certificate["key"], certificate["signature"])
    if certificate["key"] != checkpoint["key"]:
        raise Wrong("signatures: statement and checkpoint have different keys")
    signed = (statement["run"], statement["stop"], statement["pdf"])
    if signed != (run, stop[1], sha256(entries["certificate.pdf"])):
        raise Wrong("signatures: run, stop or PDF is not the one that was signed")
    return statement, certificate["key"], stop[1], sha256(canonical(body))


def main(arguments):
    if len(arguments) not in (1, 3) or (len(arguments) == 3 and arguments[1] != "--trust"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        entries = unpack(arguments[0])
        check_manifest(entries)
        run, documents = check_chain(entries["journal.cborseq"])
        check_files(entries, documents)
        statement, key, stop, checkpoint = check_signatures(entries, run, documents)
        if len(arguments) == 3:
            with open(arguments[2], encoding="ascii") as file:
                if bytes.fromhex(file.read().strip()) != key:
                    raise Wrong("signatures: signed with another key than the trusted one")
    except Wrong as wrong:
        print(f"FAILED  {wrong}")
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:  # Whatever a forged file makes a library say.
        print(f"FAILED  unreadable: {error!r}")
        return 1
    print(f"ok  {statement['number']}, run {run}, {len(documents)} documents")
    print("result.json: not proved here; only `dutypoint verify`, which computes it again, does that")
    print("Compare with the last page of the paper:")
    print(f"  data digest  {statement['data'].hex()}")
    print(f"  chain head   {stop.hex()}")
    print(f"  checkpoint   {checkpoint.hex()}")
    print(f"  signer key   {key.hex()}" + ("" if len(arguments) == 3 else "  (not compared with any)"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
