//! `dutypoint verify`: prove a bundle offline.

use crate::Done;
use crate::args::VerifyArgs;
use crate::places::read;
use crate::report::{builds, proof_line};
use crate::say::{Say, bad};
use dutypoint_certificate::verify::verify;
use dutypoint_model::digest::parse_hex;
use std::path::Path;

pub(crate) fn run(args: &VerifyArgs, say: Say) -> anyhow::Result<Done> {
    let trust = args
        .trust
        .iter()
        .map(|text| key(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let bundle = read(&args.bundle)?;
    let proof = verify(&bundle, &trust);
    say.document(&proof)?;
    for step in &proof.proved {
        say.line(format!(
            "  {}  {}",
            say.pick("通过", "ok"),
            step.text().get(say.lang)
        ));
    }
    say.line(proof_line(say, &proof));
    if let (Some(number), Some(run)) = (&proof.number, &proof.run) {
        say.line(format!(
            "  {number} · {run} · {} {}",
            proof.documents,
            say.pick("份文档", "documents")
        ));
    }
    if let Some(recorded) = &proof.recorded_by {
        say.line(builds(say, recorded));
    }
    if let Some(signer) = &proof.signer {
        say.line(format!("  {} {signer}", say.pick("签名公钥", "signer key")));
    }
    Ok(if proof.is_proved() {
        Done::Passing
    } else {
        Done::Failing
    })
}

/// A public key: 64 hexadecimal digits, or the file that holds them.
fn key(text: &str) -> anyhow::Result<[u8; 32]> {
    if let Some(key) = parse_hex(text.trim()) {
        return Ok(key);
    }
    let content = crate::places::read_text(Path::new(text))?;
    parse_hex(content.trim()).ok_or_else(|| {
        bad(format!(
            "failed to read the key in {text}: expected 64 hexadecimal digits"
        ))
    })
}
