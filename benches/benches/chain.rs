//! What it costs to seal a page of the demo's size and to follow a chain of them.

#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dutypoint_model::Document;
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{Exchange, Page, Quality};
use dutypoint_model::seal::ChainHead;
use std::hint::black_box;

/// A page as the demo writes it: seven polls, 46 registers in the largest.
fn page(t_ns: i64) -> Document {
    let exchanges = (0..7)
        .map(|poll| {
            let words = vec![0x4210; if poll == 5 { 46 } else { 3 }];
            Exchange(poll, 120, 1830, Quality::Good, Bytes::from_words(&words))
        })
        .collect();
    Document::Page(Page { t_ns, exchanges })
}

fn seal(c: &mut Criterion) {
    let mut group = c.benchmark_group("chain");
    group.throughput(Throughput::Elements(1));
    group.bench_function("seal one page", |b| {
        let mut head = ChainHead::new("R1");
        b.iter(|| head.append(black_box(page(1))).unwrap());
    });
    const PAGES: u32 = 1000;
    let mut head = ChainHead::new("R1");
    let sealed: Vec<Vec<u8>> = (0..PAGES)
        .map(|t| head.append(page(t.into())).unwrap().bytes)
        .collect();
    group.throughput(Throughput::Elements(PAGES.into()));
    group.bench_function("follow 1000 pages", |b| {
        b.iter(|| {
            let mut head = ChainHead::new("R1");
            for bytes in &sealed {
                head.follow(bytes.clone()).unwrap();
            }
            head.digest
        });
    });
    group.finish();
}

criterion_group!(benches, seal);
criterion_main!(benches);
