//! The station's Ed25519 key: its file, signing, strict verification.
//!
//! Promises: a key file is never overwritten, never used while others may read it, and
//! a damaged one is noticed before it signs. Never makes random numbers: whoever
//! creates a key passes the seed. The file is specified in
//! `docs/formats/journal-sqlite.md`.

use crate::Error;
use dutypoint_model::digest::{hex, parse_hex};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const HEADER: &str = "dutypoint station key, version 0";

/// Something that signs for a station: a key file here, a token or smart card elsewhere.
pub trait Signer {
    /// The Ed25519 public key its signatures verify with.
    fn public_key(&self) -> [u8; 32];

    /// The Ed25519 signature (RFC 8032, not pre-hashed) over `message`.
    ///
    /// # Errors
    /// [`Error::Signature`] when the device does not sign.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error>;
}

/// A station key kept in a file.
pub struct StationKey(SigningKey);

impl StationKey {
    /// The key of a seed, the private key of RFC 8032. The seed must come from a
    /// cryptographic source of random numbers.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Creates the key file at `path` from `seed`, readable by its owner only.
    ///
    /// # Errors
    /// [`Error::Key`] when the file exists or cannot be written.
    pub fn create(path: impl AsRef<Path>, seed: &[u8; 32]) -> Result<Self, Error> {
        let path = path.as_ref();
        let key = Self::from_seed(seed);
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options
            .open(path)
            .map_err(|e| failed(path, creating(path, &e)))?;
        let text = format!(
            "{HEADER}\nseed {}\npublic {}\n",
            hex(seed),
            hex(&key.public_key())
        );
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder(path));
        if let Err(error) = written {
            // Half a key is no key: without removal it would bar the next attempt.
            let left = fs::remove_file(path).is_err();
            let hint = if left {
                "; delete what is left of it"
            } else {
                ""
            };
            return Err(failed(path, format!("it cannot be written: {error}{hint}")));
        }
        Ok(key)
    }

    /// Reads the key file at `path`.
    ///
    /// # Errors
    /// [`Error::Key`] when others may read the file, or it is no whole key file.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file =
            File::open(path).map_err(|e| failed(path, format!("it cannot be opened: {e}")))?;
        private(path, &file)?;
        let mut text = String::new();
        file.take(1024)
            .read_to_string(&mut text)
            .map_err(|e| failed(path, format!("it cannot be read: {e}")))?;
        let (seed, public) = parse(&text).ok_or_else(|| {
            failed(
                path,
                format!(
                    "it is no key file; expected the line {HEADER:?}, then `seed` and `public` with 64 hexadecimal digits each"
                ),
            )
        })?;
        let key = Self::from_seed(&seed);
        if key.public_key() != public {
            return Err(failed(
                path,
                "the public key in it does not belong to the seed; the file is damaged, restore it from a copy"
                    .into(),
            ));
        }
        Ok(key)
    }
}

impl Signer for StationKey {
    fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Error> {
        Ok(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for StationKey {
    /// Shows the public key only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StationKey({})", hex(&self.public_key()))
    }
}

/// Verifies an Ed25519 signature strictly: no weak keys, one encoding per signature.
///
/// # Errors
/// [`Error::Signature`] saying which of key, form and signature is wrong.
pub fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Error> {
    let key = <[u8; 32]>::try_from(key)
        .ok()
        .and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok())
        .ok_or_else(|| Error::Signature("the public key is no Ed25519 key".into()))?;
    let signature = Signature::from_slice(signature)
        .map_err(|_| Error::Signature("it is no Ed25519 signature of 64 bytes".into()))?;
    key.verify_strict(message, &signature).map_err(|_| {
        Error::Signature("it does not verify; content, key or signature was altered".into())
    })
}

fn parse(text: &str) -> Option<([u8; 32], [u8; 32])> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    if lines.next()? != HEADER {
        return None;
    }
    let seed = parse_hex(lines.next()?.strip_prefix("seed ")?)?;
    let public = parse_hex(lines.next()?.strip_prefix("public ")?)?;
    lines.next().is_none().then_some((seed, public))
}

#[cfg(unix)]
fn private(path: &Path, file: &File) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file
        .metadata()
        .map_err(|e| failed(path, format!("its permissions cannot be read: {e}")))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(failed(
            path,
            format!(
                "others have access to it (mode {:04o}); run `chmod 600 {}`, and make a new key if a stranger may have read it",
                mode & 0o7777,
                path.display()
            ),
        ));
    }
    Ok(())
}

/// Elsewhere the folder's access list decides, which an operator sets.
#[cfg(not(unix))]
fn private(_path: &Path, _file: &File) -> Result<(), Error> {
    Ok(())
}

/// Makes the new name durable; Windows has no such call and does it by itself.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let absolute = std::path::absolute(path)?;
        if let Some(folder) = absolute.parent() {
            File::open(folder)?.sync_all()?;
        }
    }
    Ok(())
}

fn creating(path: &Path, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            "it exists already and is never overwritten; name another file".into()
        }
        io::ErrorKind::NotFound => {
            let folder = path.parent().map(Path::display);
            format!(
                "its folder {} does not exist; create it",
                folder.map_or_else(String::new, |f| f.to_string())
            )
        }
        _ => format!("it cannot be created: {error}"),
    }
}

fn failed(path: &Path, why: String) -> Error {
    Error::Key {
        path: PathBuf::from(path),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_rfc_8032_section_7_1_test_2() {
        let seed =
            parse_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = StationKey::from_seed(&seed);
        assert_eq!(
            hex(&key.public_key()),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        );
        let signature = key.sign(&[0x72]).unwrap();
        assert_eq!(
            hex(&signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        );
        verify(&key.public_key(), &[0x72], &signature).unwrap();
        assert!(verify(&key.public_key(), &[0x73], &signature).is_err());
        assert!(!format!("{key:?}").contains("4ccd089b"));
    }

    #[test]
    fn a_key_of_small_order_is_refused() {
        // The neutral element signs everything in a lax check: R = 1, s = 0 (RFC 8032
        // permits it, verify_strict does not).
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut signature = [0; 64];
        signature[0] = 1;
        assert!(verify(&neutral, b"anything", &signature).is_err());
    }
}
