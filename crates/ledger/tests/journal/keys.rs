//! The key file.

use crate::bench::Folder;
use dutypoint_ledger::{Error, Signer, StationKey};
use std::fs;

#[test]
fn a_key_file_is_created_once_private_and_reads_back() {
    let folder = Folder::new();
    let path = folder.path().join("station.key");
    // RFC 8032, section 7.1, test 1.
    let seed = dutypoint_model::digest::parse_hex(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    )
    .unwrap();
    let key = StationKey::create(&path, &seed).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        "dutypoint station key, version 0\n\
         seed 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n\
         public d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n"
    );
    assert_eq!(
        StationKey::load(&path).unwrap().public_key(),
        key.public_key()
    );
    let error = StationKey::create(&path, &[1; 32]).unwrap_err().to_string();
    assert!(error.contains("never overwritten"), "{error}");
    assert_eq!(
        StationKey::load(&path).unwrap().public_key(),
        key.public_key()
    );
    let error = StationKey::create(folder.path().join("none/key"), &seed).unwrap_err();
    assert!(
        error.to_string().contains("does not exist; create it"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_key_file_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.path().join("station.key");
    StationKey::create(&path, &[3; 32]).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for open in [0o640, 0o604, 0o620, 0o610, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        let error = StationKey::load(&path).unwrap_err().to_string();
        assert!(
            error.contains(&format!("chmod 600 {}", path.display())),
            "{error}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    StationKey::load(&path).unwrap();
}

#[test]
fn a_damaged_key_file_signs_nothing() {
    let folder = Folder::new();
    let path = folder.path().join("station.key");
    StationKey::create(&path, &[3; 32]).unwrap();
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        fs::write(&path, &bad).unwrap();
        assert!(StationKey::load(&path).is_err(), "byte {at}");
        fs::write(&path, &good[..at]).unwrap();
        assert!(StationKey::load(&path).is_err(), "cut at {at}");
    }
    let mut longer = good.clone();
    longer.push(b'\n');
    fs::write(&path, &longer).unwrap();
    assert!(StationKey::load(&path).is_err());
    let error = StationKey::load(folder.path().join("none")).unwrap_err();
    assert!(
        matches!(&error, Error::Key { path, .. } if path.ends_with("none")),
        "{error}"
    );
}
