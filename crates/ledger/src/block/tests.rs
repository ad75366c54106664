use super::*;
use dutypoint_model::Digest;
use dutypoint_model::document::Tick;
use proptest::prelude::*;

fn chain(documents: Vec<Document>) -> Vec<Sealed> {
    let mut head = ChainHead::new("R1");
    let seal = |document| head.append(document).unwrap();
    documents.into_iter().map(seal).collect()
}

fn head(digest: Digest, next: u64) -> ChainHead {
    ChainHead {
        run: "R1".into(),
        next,
        digest,
    }
}

/// A generator of numbers that anybody can write down (Knuth's MMIX), uniform in 0 … 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Ten seconds of a bench: 24 floats of 10 Hz in four polls, in pages of 100 ms.
fn ten_seconds() -> Vec<Sealed> {
    let mut noise = Noise(1);
    let page = |nth: i64| {
        let exchanges = (0..4).map(|poll| {
            let words: Vec<u16> = (0..6)
                .flat_map(|n| {
                    // Twelve draws make a normal one; its deviation is 0.02.
                    let normal: f64 = (0..12).map(|_| noise.next()).sum::<f64>() - 6.0;
                    let value = 10.0 * f64::from(poll * 6 + n + 1) + 0.02 * normal;
                    let bits = (value as f32).to_bits();
                    [(bits >> 16) as u16, bits as u16]
                })
                .collect();
            let sent = i64::from(poll) * 150 + (noise.next() * 100.0) as i64;
            let took = 400 + (noise.next() * 120.0) as i64;
            Exchange(
                poll as u16,
                sent,
                sent + took,
                Quality::Good,
                Bytes::from_words(&words),
            )
        });
        Document::Page(Page {
            t_ns: 1_800_000_000_000_000_000 + nth * 100_000_000,
            exchanges: exchanges.collect(),
        })
    };
    chain((0..100).map(page).collect())
}

#[test]
fn ten_seconds_of_floats_take_less_than_three_bytes_a_reading() {
    let documents = ten_seconds();
    let block = pack(&documents).unwrap();
    let readings = 100 * 24;
    assert!(block.len() <= 3 * readings, "{} bytes", block.len());
    assert_eq!(unpack(head(Digest::ZERO, 0), &block).unwrap(), documents);
}

#[test]
fn a_block_behind_another_head_is_another_chain() {
    let documents = ten_seconds();
    let block = pack(&documents).unwrap();
    let other = unpack(head(Digest([1; 32]), 0), &block).unwrap();
    assert_ne!(
        other.last().unwrap().digest,
        documents.last().unwrap().digest
    );
}

#[test]
fn bytes_that_are_no_block_are_refused_and_so_is_a_bomb() {
    let refused = |block: &[u8]| {
        let result = unpack(head(Digest::ZERO, 0), block);
        assert!(matches!(result, Err(Error::Block { .. })), "{result:?}");
    };
    refused(b"");
    refused(b"no block");
    refused(&zstd::bulk::compress(&vec![0; 100 << 20], 1).unwrap());
    let good = pack(&ten_seconds()).unwrap();
    refused(&good[..good.len() - 1]);
    // A column that says it has a million million numbers, none of which needs a byte.
    let columns = Columns {
        documents: serde_json::from_str("[1000000000000, 0, \"\"]").unwrap(),
        ..Columns::default()
    };
    refused(&zstd::bulk::compress(&cbor::encode(&columns).unwrap(), 1).unwrap());
}

fn quality() -> impl Strategy<Value = Quality> {
    prop_oneof![
        Just(Quality::Good),
        Just(Quality::Timeout),
        Just(Quality::WrongLength),
        any::<u8>().prop_map(Quality::Exception),
        Just(Quality::Garbled),
        Just(Quality::Disconnected),
        Just(Quality::Slept),
    ]
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..9),
        prop::collection::vec(0_u8..3, 8..9),
    ];
    let us = || prop_oneof![any::<i64>(), -1000_i64..1000];
    (0_u16..4, us(), us(), quality(), bytes)
        .prop_map(|(poll, a, b, quality, bytes)| Exchange(poll, a, b, quality, Bytes(bytes)))
}

fn document() -> impl Strategy<Value = Document> {
    let t = || prop_oneof![any::<i64>(), 0_i64..1_000_000];
    prop_oneof![
        1 => t().prop_map(|t_ns| Document::Tick(Tick { t_ns })),
        4 => (t(), prop::collection::vec(exchange(), 0..6))
            .prop_map(|(t_ns, exchanges)| Document::Page(Page { t_ns, exchanges })),
    ]
}

proptest! {
    #[test]
    fn whatever_pages_hold_comes_back(documents in prop::collection::vec(document(), 1..20), skip in 0_usize..20) {
        let documents = chain(documents);
        let part = &documents[skip.min(documents.len() - 1)..];
        let block = pack(part).unwrap();
        let back = unpack(head(part[0].prev, part[0].seq), &block).unwrap();
        prop_assert_eq!(back, part);
    }

    #[test]
    fn no_bytes_panic(content in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let _ = unpack(head(Digest::ZERO, 0), &content);
        let _ = unpack(head(Digest::ZERO, 0), &zstd::bulk::compress(&content, 1).unwrap());
        // And a sound block of which one byte is another, compressed again.
        let good = cbor::encode(&columns(&chain(vec![
            Document::Tick(Tick { t_ns: 1 }),
            Document::Page(Page { t_ns: 5, exchanges: vec![Exchange(1, 2, 3, Quality::Good, Bytes(vec![1, 2, 3, 4]))] }),
        ]))).unwrap();
        let mut bytes = good;
        let at = at.index(bytes.len());
        bytes[at] ^= with;
        let _ = unpack(head(Digest::ZERO, 0), &zstd::bulk::compress(&bytes, 1).unwrap());
    }
}
