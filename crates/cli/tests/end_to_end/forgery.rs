//! The forger who knows the format: changes something, seals the whole chain anew, signs
//! checkpoint and statement with a key of his own and mends the manifest. Signatures hold
//! then, so it is the recomputation and the paper that must betray him.

use crate::common::shared;
use crate::documents::documents;
use crate::evidence::{entries, with_new_manifest};
use dutypoint_certificate::bundle::{self, Entries};
use dutypoint_certificate::verify::{Report, STEPS, Step, verify};
use dutypoint_ledger::{Signer as _, StationKey, sign_checkpoint};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::Certificate;
use dutypoint_model::seal::{ChainHead, Checkpoint};
use dutypoint_model::{Digest, Document, Outcome, Verdict, cbor};

/// The shared run in a forger's hands: everything before the certificate, the certificate
/// and the other entries of the bundle.
struct Forged {
    documents: Vec<Document>,
    certificate: Certificate,
    entries: Entries,
}

impl Forged {
    fn new() -> Self {
        let mut documents: Vec<Document> = documents(&shared().out)
            .into_iter()
            .map(|sealed| sealed.doc)
            .collect();
        let Some(Document::Certificate(certificate)) = documents.pop() else {
            panic!("the shared run does not end with its certificate");
        };
        Self {
            documents,
            certificate: *certificate,
            entries: entries(),
        }
    }

    /// The first document `pick` accepts, with its number.
    fn first<T>(&mut self, pick: impl Fn(&mut Document) -> Option<&mut T>) -> (u64, &mut T) {
        let found = (0..)
            .zip(self.documents.iter_mut())
            .find_map(|(seq, document)| Some((seq, pick(document)?)));
        found.unwrap()
    }

    /// Seals, signs and packs with the forger's own key; verifies trusting `trust`.
    fn verify(mut self, trust: &[[u8; 32]]) -> Report {
        let key = StationKey::from_seed(&[7; 32]);
        let run = self.certificate.statement.run.clone();
        let mut head = ChainHead::new(&run);
        let mut sealed: Vec<_> = self
            .documents
            .into_iter()
            .map(|document| head.append(document).unwrap())
            .collect();
        let stop = sealed
            .iter()
            .find(|s| matches!(s.doc, Document::Stop(_)))
            .unwrap();

        let checkpoint: Checkpoint = cbor::decode(&self.entries[bundle::CHECKPOINT]).unwrap();
        let mut body = checkpoint.body;
        (body.stop_seq, body.stop) = (stop.seq, stop.digest);
        let checkpoint = sign_checkpoint(body, &key).unwrap();

        let mut certificate = self.certificate;
        certificate.statement.stop = stop.digest;
        certificate.statement.pdf = Digest::of(&self.entries[bundle::PDF]);
        let statement = cbor::encode(&certificate.statement).unwrap();
        certificate.signature = Bytes(key.sign(&statement).unwrap().to_vec());
        certificate.key = Bytes(key.public_key().to_vec());
        let issue = Document::Certificate(Box::new(certificate.clone()));
        sealed.push(head.append(issue).unwrap());

        for (name, bytes) in [
            (bundle::JOURNAL, bundle::journal(&sealed)),
            (bundle::CHECKPOINT, cbor::encode(&checkpoint).unwrap()),
            (bundle::STATEMENT, cbor::encode(&certificate).unwrap()),
        ] {
            self.entries.insert(name.into(), bytes);
        }
        verify(&with_new_manifest(self.entries), trust)
    }

    /// The step that betrays the forger and what it says.
    fn betrayed_by(self) -> (Step, String) {
        let report = self.verify(&[]);
        let failure = report
            .failure
            .unwrap_or_else(|| panic!("nothing betrayed the forger"));
        (failure.step, failure.why.en)
    }
}

#[test]
fn a_copy_signed_with_another_key_is_intact_and_only_trust_tells_it_apart() {
    let report = Forged::new().verify(&[]);
    // The rig itself is sound: a forger who changes nothing passes every step.
    assert_eq!((report.failure, &report.proved[..]), (None, &STEPS[..]));
    assert!(!report.trusted);

    let own = std::fs::read_to_string(shared().file("station.key.pub")).unwrap();
    let own = dutypoint_model::digest::parse_hex(own.trim()).unwrap();
    let failure = Forged::new().verify(&[own]).failure.unwrap();
    assert_eq!(failure.step, Step::Signatures);
    assert!(
        failure.why.en.contains("not among the trusted keys"),
        "{}",
        failure.why.en
    );
}

#[test]
fn a_changed_reading_is_recomputed_to_another_point() {
    let mut forged = Forged::new();
    let (seq, window) = forged.first(|d| match d {
        Document::Point(point) => Some(point),
        _ => None,
    });
    let from_ns = window.from_ns;
    let (_, page) = forged.first(|d| match d {
        Document::Page(page) if page.t_ns > from_ns => Some(page),
        _ => None,
    });
    // Poll 0 is the outlet pressure, an IEEE single, high word first.
    let exchange = page.exchanges.iter_mut().find(|e| e.0 == 0).unwrap();
    let mut words = exchange.4.words().unwrap();
    // The smallest change there is: a millionth of a bar.
    words[1] ^= 0x0001;
    exchange.4 = Bytes::from_words(&words);
    let (step, why) = forged.betrayed_by();
    assert_eq!(step, Step::Recompute);
    assert!(
        why.starts_with(&format!("document {seq}, field point.")),
        "{why}"
    );
}

#[test]
fn a_better_finding_does_not_follow_from_the_inputs() {
    let mut forged = Forged::new();
    let (seq, finding) = forged.first(|d| match d {
        Document::Finding(finding) if finding.value.is_some() => Some(finding),
        _ => None,
    });
    finding.verdict = Verdict::Fail;
    let (step, why) = forged.betrayed_by();
    assert_eq!(step, Step::Recompute);
    assert!(
        why.contains(&format!("document {seq}, field finding.verdict")),
        "{why}"
    );
    assert!(why.contains("Fail") && why.contains("Pass"), "{why}");
}

#[test]
fn a_finding_left_out_is_missed() {
    let mut forged = Forged::new();
    let last = forged
        .documents
        .iter()
        .rposition(|d| matches!(d, Document::Finding(_)));
    forged.documents.remove(last.unwrap());
    let (step, why) = forged.betrayed_by();
    assert_eq!(step, Step::Recompute);
    assert!(why.contains("finding"), "{why}");
}

#[test]
fn another_outcome_does_not_follow_from_the_inputs() {
    let mut forged = Forged::new();
    let (seq, stop) = forged.first(|d| match d {
        Document::Stop(stop) => Some(stop),
        _ => None,
    });
    stop.outcome = Outcome::StoppedByOperator;
    let (step, why) = forged.betrayed_by();
    assert_eq!(step, Step::Recompute);
    assert!(
        why.contains(&format!("document {seq}, field stop.outcome")),
        "{why}"
    );
}

#[test]
fn an_easier_guarantee_gives_other_findings() {
    let mut forged = Forged::new();
    let (_, start) = forged.first(|d| match d {
        Document::Start(start) => Some(start),
        _ => None,
    });
    let name = |digest: Digest| format!("{}{digest}", bundle::FILES);
    let old = name(start.order.digest);
    let order = shared_entry(&old).replace("\"59.5 %\"", "\"50 %\"");
    start.order.digest = Digest::of(order.as_bytes());
    let new = name(start.order.digest);
    assert_ne!(new, old, "the order guarantees less now");
    forged.entries.remove(&old);
    forged.entries.insert(new, order.into_bytes());
    let (step, why) = forged.betrayed_by();
    assert_eq!(step, Step::Recompute);
    assert!(why.contains("field finding."), "{why}");
}

fn shared_entry(name: &str) -> String {
    String::from_utf8(entries()[name].clone()).unwrap()
}

#[test]
fn another_paper_or_result_does_not_come_out_of_the_evidence() {
    for name in [bundle::PDF, bundle::RESULT] {
        let mut forged = Forged::new();
        let bytes = forged.entries.get_mut(name).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 0x01;
        let (step, why) = forged.betrayed_by();
        assert_eq!(step, Step::Paper);
        assert_eq!(
            why,
            format!("{name}: differs from the evidence at byte {at}")
        );
    }
}

#[test]
fn a_statement_about_other_data_is_noticed() {
    let mut forged = Forged::new();
    forged.certificate.statement.data = Digest::of(b"other data");
    let (step, why) = forged.betrayed_by();
    assert_eq!(step, Step::Paper);
    assert!(why.contains("certificate data"), "{why}");
}
