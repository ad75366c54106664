#!/usr/bin/env python3
"""Checks a Dutypoint bundle without Dutypoint: manifest, chain, files, signatures.

An independent reading of docs/formats/bundle.md and docs/formats/documents.md, for
whoever does not want to trust our program with its own evidence. It does not recompute
the numbers and does not render the paper again: `dutypoint verify` does.

Needs Python 3.9 or later and one package: pip install cbor2 (Debian: python3-cbor2).

    python3 reader.py bundle.zip
    python3 reader.py bundle.zip --trust station.key.pub

Exit code 0: everything checked holds. 1: the first thing that does not is named.
"""

import hashlib
import io
import re
import sys
import zipfile

import cbor2

FIXED = {
    "README.txt", "certificate.pdf", "checkpoint.cbor", "journal.cborseq",
    "manifest.sha256", "result.json", "statement.cbor",
}
LARGEST = 2 << 30


# Ed25519 by the formulas of RFC 8032, section 5.1; points as (X, Y, Z, T) with x = X/Z,
# y = Y/Z, xy = T/Z. Slow, and good enough for two signatures; nothing here is secret.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


class Wrong(Exception):
    """Something in the bundle does not hold."""


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    product = IDENTITY
    while n > 0:
        if n & 1:
            product = add(product, point)
        point = add(point, point)
        n >>= 1
    return product


def same(p, q):
    return (p[0] * q[2] - q[0] * p[2]) % P == 0 and (p[1] * q[2] - q[1] * p[2]) % P == 0


def point_of(encoded):
    """The point of 32 bytes, of which only the one encoding is taken; None where there is none."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    if len(encoded) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * SQRT_M1 % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verified(key, message, signature):
    """Strictly: one encoding of everything, and no point of small order."""
    if len(signature) != 64:
        return False
    a, r = point_of(key), point_of(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or same(times(8, a), IDENTITY) or same(times(8, r), IDENTITY):
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, "little") % L
    return same(times(s, BASE), add(r, times(h, a)))


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
    if not verified(key, canonical(message), signature):
        raise Wrong(f"signatures: {name}: the signature does not hold")


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
    print("findings behind the stop, result.json: not proved here; only `dutypoint verify`, which computes them again, does that")
    print("Compare with the last page of the paper:")
    print(f"  data digest  {statement['data'].hex()}")
    print(f"  chain head   {stop.hex()}")
    print(f"  checkpoint   {checkpoint.hex()}")
    print(f"  signer key   {key.hex()}" + ("" if len(arguments) == 3 else "  (not compared with any)"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
