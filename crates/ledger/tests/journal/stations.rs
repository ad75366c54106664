//! The station's chain of checkpoints.

use crate::bench::{Folder, key, record, seal, sign, start, stop, tick, writer};
use dutypoint_ledger::{
    Error, Nature, Place, Signer, StationKey, sign_checkpoint, verify_checkpoint,
};
use dutypoint_model::digest::Bytes;
use dutypoint_model::seal::{ChainHead, Checkpoint, CheckpointBody};
use dutypoint_model::{Digest, Outcome, Sealed, cbor};

async fn ended(ledger: &mut dutypoint_ledger::SqliteLedger, station: &str, run: &str) -> Sealed {
    let order = ledger.put_file("order.toml", b"x").await.unwrap();
    let mut head = ChainHead::new(run);
    let batch = seal(
        &mut head,
        vec![
            start(station, order),
            tick(1),
            stop(2, Outcome::Completed, [0, 0, 0]),
        ],
    );
    ledger.append(&batch).await.unwrap();
    batch[2].clone()
}

#[tokio::test]
async fn checkpoints_form_a_chain_of_each_station() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    for (station, run) in [("a", "R1"), ("b", "R2"), ("a", "R3")] {
        let stop = ended(&mut ledger, station, run).await;
        assert_eq!(ledger.checkpoint_for(run).await.unwrap(), None);
        sign(&mut ledger, station, &stop).await;
    }
    let chain = ledger.checkpoints("a").await.unwrap();
    let runs: Vec<_> = chain
        .iter()
        .map(|c| (c.body.index, c.body.run.as_str()))
        .collect();
    assert_eq!(runs, [(0, "R1"), (1, "R3")]);
    assert_eq!(chain[0].body.prev, Digest::ZERO);
    assert_eq!(
        chain[1].body.prev,
        Digest::of(&cbor::encode(&chain[0].body).unwrap())
    );
    assert_eq!(
        ledger.checkpoint_for("R3").await.unwrap().as_ref(),
        Some(&chain[1])
    );
    assert_eq!(ledger.checkpoints("b").await.unwrap().len(), 1);
    assert_eq!(ledger.checkpoints("c").await.unwrap(), []);
    let report = ledger.fsck(&[key().public_key()]).await.unwrap();
    assert!(report.is_clean(), "{:?}", report.problems);
    let stranger = StationKey::from_seed(&[9; 32]);
    let report = ledger.fsck(&[stranger.public_key()]).await.unwrap();
    assert_eq!(report.problems.len(), 3);
    assert_eq!(
        report.problems[0].place,
        Place::Checkpoint {
            station: "a".into(),
            index: 0,
            field: "key"
        }
    );
}

#[tokio::test]
async fn a_checkpoint_that_does_not_fit_is_refused() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let first = ended(&mut ledger, "a", "R1").await;
    sign(&mut ledger, "a", &first).await;
    let second = ended(&mut ledger, "a", "R2").await;
    let good = ledger.next_checkpoint_body("a", &second).await.unwrap();
    assert_eq!(
        (good.index, good.stop_seq, good.stop),
        (1, 2, second.digest)
    );

    let wrong: [(&str, CheckpointBody); 9] = [
        (
            "number 1 is next",
            CheckpointBody {
                index: 0,
                ..good.clone()
            },
        ),
        (
            "number 1 is next",
            CheckpointBody {
                index: 2,
                ..good.clone()
            },
        ),
        (
            "follows another",
            CheckpointBody {
                prev: Digest::ZERO,
                ..good.clone()
            },
        ),
        (
            "has one already",
            CheckpointBody {
                run: "R1".into(),
                ..good.clone()
            },
        ),
        (
            "append the stop first",
            CheckpointBody {
                run: "R9".into(),
                ..good.clone()
            },
        ),
        (
            "append the stop first",
            CheckpointBody {
                stop_seq: 1,
                ..good.clone()
            },
        ),
        (
            "append the stop first",
            CheckpointBody {
                stop: Digest::ZERO,
                ..good.clone()
            },
        ),
        (
            "format version 1",
            CheckpointBody {
                v: 1,
                ..good.clone()
            },
        ),
        (
            "another station",
            CheckpointBody {
                station: "b".into(),
                index: 0,
                prev: Digest::ZERO,
                ..good.clone()
            },
        ),
    ];
    for (hint, body) in wrong {
        let checkpoint = sign_checkpoint(body, &key()).unwrap();
        let error = ledger.append_checkpoint(&checkpoint).await.unwrap_err();
        assert!(matches!(error, Error::Checkpoint { .. }), "{error:?}");
        assert!(error.to_string().contains(hint), "{hint}: {error}");
    }
    let signed = sign_checkpoint(good, &key()).unwrap();
    let mut forged = vec![
        Checkpoint {
            key: Bytes(vec![1; 32]),
            ..signed.clone()
        },
        Checkpoint {
            key: Bytes(vec![]),
            ..signed.clone()
        },
        Checkpoint {
            signature: Bytes(vec![0; 63]),
            ..signed.clone()
        },
    ];
    for byte in [0, 31, 32, 63] {
        let mut bad = signed.clone();
        bad.signature.0[byte] ^= 1;
        forged.push(bad);
    }
    for bad in forged {
        assert!(verify_checkpoint(&bad).is_err());
        let error = ledger.append_checkpoint(&bad).await.unwrap_err();
        assert!(matches!(error, Error::Signature(_)), "{error:?}");
    }
    assert_eq!(ledger.checkpoints("a").await.unwrap().len(), 1);
    ledger.append_checkpoint(&signed).await.unwrap();

    let tick = ledger.documents_from("R1", 1, 1).await.unwrap().remove(0);
    let error = ledger.next_checkpoint_body("a", &tick).await.unwrap_err();
    assert!(
        error.to_string().contains("is no stop but a tick"),
        "{error}"
    );
}

#[tokio::test]
async fn a_signer_that_signs_wrongly_is_found_out_at_once() {
    struct Broken;
    impl Signer for Broken {
        fn public_key(&self) -> [u8; 32] {
            key().public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<[u8; 64], Error> {
            key().sign(b"something else")
        }
    }
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    let stop = ended(&mut ledger, "a", "R1").await;
    let body = ledger.next_checkpoint_body("a", &stop).await.unwrap();
    let error = sign_checkpoint(body, &Broken).unwrap_err();
    assert!(matches!(error, Error::Signature(_)), "{error:?}");
}

#[tokio::test]
async fn a_journal_rewritten_with_another_key_does_not_pass_for_the_trusted_one() {
    let folder = Folder::new();
    let mut ledger = writer(&folder.journal()).await;
    record(&mut ledger, "a", "R1").await;
    let trusted = [StationKey::from_seed(&[1; 32]).public_key()];
    let report = ledger.fsck(&trusted).await.unwrap();
    let damaged: Vec<_> = report.of(Nature::Damaged).collect();
    assert_eq!(damaged.len(), 1, "{damaged:?}");
    assert!(damaged[0].what.contains("not trusted"), "{}", damaged[0]);
}
