//! What a certificate says about the run it stands in.

use crate::key::verify;
use dutypoint_model::document::Certificate;
use dutypoint_model::{Digest, cbor};

/// What is wrong with `certificate` in `run`, which ended with `stop`.
pub(super) fn breaches(
    certificate: &Certificate,
    run: &str,
    stop: Option<(u64, Digest)>,
) -> Vec<String> {
    let statement = &certificate.statement;
    let mut breaches = Vec::new();
    if statement.run != run {
        breaches.push(format!("the certificate is about run {:?}", statement.run));
    }
    if stop.map(|(_, digest)| digest) != Some(statement.stop) {
        breaches.push("the certificate rests on another stop than the run's".into());
    }
    let verified = cbor::encode(statement)
        .map_err(crate::Error::from)
        .and_then(|message| verify(&certificate.key.0, &message, &certificate.signature.0));
    if let Err(error) = verified {
        breaches.push(format!("the certificate's signature: {error}"));
    }
    breaches
}
