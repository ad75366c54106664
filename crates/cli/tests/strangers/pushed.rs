//! An instrument that pushes frames, recorded: its bytes, its times and its absence stand in
//! the journal as those of Modbus do.

use crate::ptys::pair;
use crate::recorded::{channels, exchanges, record_run};
use crate::values::bench_text;
use dutypoint_model::Document;
use dutypoint_model::document::{Quality, crc16};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio_serial::SerialPort as _;

/// A frame as the profile describes it.
fn frame(speed: u16) -> Vec<u8> {
    let mut bytes = vec![0xAA, 0x55];
    bytes.extend(speed.to_be_bytes());
    bytes.extend((100 * i32::from(speed)).to_be_bytes());
    bytes.push(0);
    bytes.extend(crc16(&bytes).to_le_bytes());
    bytes.push(0x0D);
    bytes
}

#[tokio::test]
async fn pushed_frames_their_faults_and_their_silence_stand_in_the_journal() {
    let (mut far, near) = pair();
    let port = near.name().unwrap();
    let mut bench = bench_text(&[], &[]).replace("gap_s = 8.0", "gap_s = 1.0");
    bench += &format!(
        r#"
[[line]]
name = "torque"
protocol = "push"
endpoint = {{ serial = {{ port = "{port}", baud = 115200 }} }}
timeout_ms = 200

[[instrument]]
tag = "TQ-01"
profile = "invented-push"
line = "torque"
unit_id = 0
serial = "1"
period_ms = 50
channel = [
  {{ name = "speed", role = "speed", register = "speed", range = [0.0, 6000.0] }},
]
"#
    );
    let mut sent = BTreeSet::new();
    let documents = record_run(&bench, async {
        // Sound, the second half of one and the first of the next, cut, silent, sound.
        for nth in 0..1000u16 {
            let (one, next) = (frame(1000 + nth), frame(1500 + nth));
            let bytes = match nth {
                200..300 => [&one[..7], &next[4..]].concat(),
                300..400 => one[..8].to_vec(),
                400..800 => Vec::new(),
                _ => {
                    sent.insert(one.clone());
                    one
                }
            };
            far.write_all(&bytes).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let poll = &channels(&documents).polls[0];
    let message = poll.message.as_ref().unwrap();
    assert_eq!((message.length, &message.send), (Some(12), &None));
    let mut found = BTreeSet::new();
    for (_, exchange) in exchanges(&documents) {
        found.insert(exchange.3);
        if exchange.3 == Quality::Good {
            // The raw bytes, and of frames that were sent whole.
            assert!(sent.contains(&exchange.4.0), "{exchange:?}");
            assert!(exchange.1 <= exchange.2);
        } else {
            assert_eq!(exchange.4.0, [0; 0]);
        }
    }
    let expected = [
        Quality::Good,
        Quality::Timeout,
        Quality::WrongLength,
        Quality::Garbled,
    ];
    assert!(expected.iter().all(|q| found.contains(q)), "{found:?}");
    let gaps: Vec<_> = documents
        .iter()
        .filter_map(|sealed| match &sealed.doc {
            Document::Gap(gap) => Some(gap),
            _ => None,
        })
        .collect();
    assert!(gaps.iter().any(|gap| gap.poll == Some(poll.id)), "{gaps:?}");
}
