//! The same data gives the same bytes, today and in another process.

use crate::sample;
use dutypoint_certificate::data::CertificateData;
use dutypoint_certificate::render;

const PATH: &str = "DUTYPOINT_TEST_RENDER_TO";

fn all() -> [CertificateData; 4] {
    [
        sample::formal(),
        sample::simulated(),
        sample::data_evaluation(),
        sample::bare(),
    ]
}

#[test]
fn twice_in_one_process() {
    for data in all() {
        let first = render(&data).unwrap();
        // Anything counted process-wide would have moved on by now.
        render(&sample::bare()).unwrap();
        assert!(first == render(&data).unwrap(), "{} differs", data.number);
    }
}

#[test]
fn in_two_processes() {
    // The child of the test below; by itself it has nothing to do.
    if let Some(path) = std::env::var_os(PATH) {
        std::fs::write(path, render(&sample::simulated()).unwrap()).unwrap();
        return;
    }
    render(&sample::bare()).unwrap();
    let here = render(&sample::simulated()).unwrap();
    let path = std::env::temp_dir().join(format!("dutypoint-{}-child.pdf", std::process::id()));
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "repeatable::in_two_processes", "--quiet"])
        .env(PATH, &path)
        .output()
        .unwrap();
    assert!(child.status.success(), "{child:?}");
    let there = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(here == there, "two processes made different files");
}

#[test]
fn identifier_and_dates_come_from_the_data() {
    let data = sample::formal();
    let pdf = render(&data).unwrap();
    let found = |needle: &str| {
        let needle = needle.as_bytes();
        pdf.windows(needle.len())
            .filter(|w| w.eq_ignore_ascii_case(needle))
            .count()
    };
    assert_eq!(found(&format!("<{}>", &data.digests.data[..32])), 2);
    assert_eq!(found("D:20260305142231+08'00'"), 2);
    assert_eq!(found("D:1970"), 0);

    let mut other = sample::formal();
    other.digests.data = "0".repeat(64);
    assert!(render(&other).unwrap() != pdf);
}

#[test]
fn data_survives_json() {
    for data in all() {
        let json = serde_json::to_string(&data).unwrap();
        let back: CertificateData = serde_json::from_str(&json).unwrap();
        assert_eq!(back, data);
        assert!(!json.contains("null"));
    }
}

/// For looking at: `DUTYPOINT_SAMPLES=/tmp cargo test -p dutypoint-certificate samples`
/// writes one PDF of each kind.
#[test]
fn samples() {
    let Some(folder) = std::env::var_os("DUTYPOINT_SAMPLES") else {
        return;
    };
    for data in all() {
        let mut path = std::path::PathBuf::from(&folder);
        path.push(format!("{:?}-{}.pdf", data.kind, data.points.len()));
        std::fs::write(path, render(&data).unwrap()).unwrap();
    }
}
