"""The reader of docs/formats, tried on a good bundle and on thousands of bad ones.

    python3 reader.py FOLDER-OF-THE-READER BUNDLE TRUSTED-KEY
"""

import sys

sys.path.insert(0, sys.argv[1])
import reader

# RFC 8032, section 7.1, tests 1 and 2: key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]
for vector in VECTORS:
    key, message, signature = map(bytes.fromhex, vector)
    assert reader.verified(key, message, signature)
    assert not reader.verified(key, message + b"x", signature)
    for at in range(64):
        other = bytearray(signature)
        other[at] ^= 1
        assert not reader.verified(key, message, bytes(other)), at
# The neutral point as a key would verify anything.
neutral = (1).to_bytes(32, "little")
assert not reader.verified(neutral, b"x", neutral + bytes(32))

entries = reader.unpack(sys.argv[2])


def check(entries):
    run, documents = reader.check_chain(entries["journal.cborseq"])
    reader.check_files(entries, documents)
    _, key, _, _ = reader.check_signatures(entries, run, documents)
    if key.hex() != sys.argv[3]:
        raise reader.Wrong("another key")


# The manifest is left out on purpose: a forger would mend it.
check(entries)
# What is signed of the journal is its stop, and with it all before. The findings behind it follow
# from that: `dutypoint verify` computes them, this reader does not.
run, documents = reader.check_chain(entries["journal.cborseq"])
signed = 0
for seq, kind, body, _ in documents:
    envelope = {"v": 0, "run": run, "seq": seq, "doc": {kind: body}}
    signed += len(reader.canonical(envelope))
    if kind == "stop":
        break
flipped = 0
for name in ("journal.cborseq", "statement.cbor", "checkpoint.cbor", "certificate.pdf"):
    end = signed if name == "journal.cborseq" else len(entries[name])
    step = max(1, end // 40)
    for at in range(step // 2, end, step):
        content = bytearray(entries[name])
        content[at] ^= 1 << at % 8
        try:
            check({**entries, name: bytes(content)})
        except Exception:
            flipped += 1
        else:
            sys.exit(f"{name}: nobody sees that byte {at} is another")
print(flipped)
