//! Random work against a model: a list of the documents that have a receipt.

use crate::bench::{Folder, act, finding, gap, page, read, seal, sign, start, stop, tick, writer};
use dutypoint_ledger::{Error, Nature, RunSummary, SqliteLedger};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Document, Outcome, Sealed, Verdict};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
enum Work {
    Append { run: usize, kinds: Vec<u8> },
    Stop { run: usize },
    Stale { run: usize, back: u64 },
    File { content: Vec<u8> },
    Reopen,
    Tidy,
    Window { run: usize, from: u64, limit: u32 },
}

fn work() -> impl Strategy<Value = Work> {
    let run = 0..3_usize;
    prop_oneof![
        6 => (run.clone(), prop::collection::vec(any::<u8>(), 1..12)).prop_map(|(run, kinds)| Work::Append { run, kinds }),
        1 => run.clone().prop_map(|run| Work::Stop { run }),
        1 => (run.clone(), 1..5_u64).prop_map(|(run, back)| Work::Stale { run, back }),
        1 => prop::collection::vec(any::<u8>(), 0..50).prop_map(|content| Work::File { content }),
        1 => Just(Work::Reopen),
        1 => Just(Work::Tidy),
        3 => (run, 0..40_u64, 0..30_u32).prop_map(|(run, from, limit)| Work::Window { run, from, limit }),
    ]
}

fn document(kind: u8) -> Document {
    let t_ns = i64::from(kind);
    match kind % 5 {
        0 => tick(t_ns),
        1 => page(t_ns, u16::from(kind % 30)),
        2 => act(t_ns, &"试".repeat(usize::from(kind))),
        3 => gap(t_ns - 300, t_ns),
        _ => tick(i64::MIN + t_ns),
    }
}

/// The model of one run.
#[derive(Default)]
struct Model {
    documents: Vec<Sealed>,
    stopped: bool,
}

impl Model {
    fn head(&self, run: &str) -> ChainHead {
        self.documents.last().map_or_else(
            || ChainHead::new(run),
            |last| ChainHead {
                run: run.into(),
                next: last.seq + 1,
                digest: last.digest,
            },
        )
    }

    fn count(&self, kind: &str) -> u64 {
        self.documents
            .iter()
            .filter(|sealed| sealed.doc.kind() == kind)
            .count() as u64
    }

    async fn append(&mut self, ledger: &mut SqliteLedger, run: &str, mut batch: Vec<Document>) {
        if self.documents.is_empty() {
            let order = ledger.put_file("order.toml", b"order").await.unwrap();
            batch.insert(0, start("a", order));
        }
        if self.stopped {
            let refused = seal(&mut self.head(run), batch);
            let error = ledger.append(&refused).await.unwrap_err();
            assert!(matches!(error, Error::Refused { .. }), "{error}");
            batch = vec![finding(Verdict::Pass, true)];
        }
        let sealed = seal(&mut self.head(run), batch);
        let receipt = ledger.append(&sealed).await.unwrap();
        self.documents.extend(sealed);
        assert_eq!(receipt.digest, self.head(run).digest);
    }
}

async fn play(works: Vec<Work>) {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let mut models: BTreeMap<String, Model> = BTreeMap::new();
    let mut files = Vec::new();
    for work in works {
        let name = |run: usize| ["R1", "R1 ", "试验"][run].to_owned();
        match work {
            Work::Append { run, kinds } => {
                let run = name(run);
                let batch = kinds.into_iter().map(document).collect();
                let model = models.entry(run.clone()).or_default();
                model.append(&mut ledger, &run, batch).await;
            }
            Work::Stop { run } => {
                let run = name(run);
                if let Some(model) = models.get_mut(&run).filter(|model| !model.stopped) {
                    let counts = [
                        model.count("page"),
                        model.count("point"),
                        model.count("gap"),
                    ];
                    let end = stop(5, Outcome::StoppedByOperator, counts);
                    model.append(&mut ledger, &run, vec![end]).await;
                    model.stopped = true;
                    sign(&mut ledger, "a", model.documents.last().unwrap()).await;
                }
            }
            Work::Stale { run, back } => {
                let run = name(run);
                if let Some(model) = models.get(&run) {
                    let length = model.documents.len();
                    let at = length.saturating_sub(back as usize);
                    // The stored end again is no new work; anything older is refused.
                    ledger.append(&model.documents[at..]).await.unwrap();
                    if at > 0 {
                        let old = &model.documents[..at];
                        let error = ledger.append(old).await.unwrap_err();
                        assert!(matches!(error, Error::Chain { .. }), "{error}");
                    }
                }
            }
            Work::File { content } => {
                let file = ledger.put_file("any", &content).await.unwrap();
                files.push((file.digest, content));
            }
            Work::Reopen => {
                ledger.close().await.unwrap();
                ledger = writer(&folder.journal()).await;
            }
            Work::Tidy => ledger.tidy().await.unwrap(),
            Work::Window { run, from, limit } => {
                let run = name(run);
                let window = ledger.documents_from(&run, from, limit).await;
                match models.get(&run) {
                    None => assert_eq!(window, Err(Error::UnknownRun { run })),
                    Some(model) => {
                        let all = model.documents.iter();
                        let expected: Vec<Sealed> = all
                            .skip(from as usize)
                            .take(limit as usize)
                            .cloned()
                            .collect();
                        assert_eq!(window.unwrap(), expected);
                    }
                }
            }
        }
    }
    for (run, model) in &models {
        assert_eq!(read(&ledger, run).await, model.documents);
        assert_eq!(ledger.chain_head(run).await.unwrap(), model.head(run));
    }
    for (digest, content) in files {
        assert_eq!(ledger.file(&digest).await.unwrap().bytes, content);
    }
    let open: Vec<RunSummary> = ledger.open_runs().await.unwrap();
    let unfinished = models.values().filter(|model| !model.stopped).count();
    assert_eq!(open.len(), unfinished);
    let report = ledger.fsck(&[]).await.unwrap();
    assert_eq!(report.of(Nature::Unfinished).count(), unfinished);
    assert_eq!(report.problems.len(), unfinished, "{:?}", report.problems);
    let listed = ledger.runs().await.unwrap();
    assert_eq!(listed.len(), models.len());
    assert!(ledger.rebuild_catalogue().await.unwrap().was_equal());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_every_document_with_a_receipt_reads_back(works in prop::collection::vec(work(), 1..40)) {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(play(works));
    }
}
