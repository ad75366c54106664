//! The outside programs that read a PDF for these tests. On a machine without one the
//! test that wants it says so and passes; where the environment says `CI=true` it
//! fails, so that a build machine cannot lose the check in silence.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What `program` prints for the PDF on its standard input or as a file; `None` when
/// the program is not installed.
fn run(program: &str, arguments: &[&str], pdf: &[u8]) -> Option<(bool, String)> {
    let mut file = std::env::temp_dir();
    let unique = format!(
        "dutypoint-{}-{:?}.pdf",
        std::process::id(),
        std::thread::current().id()
    );
    file.push(unique.replace(['(', ')'], ""));
    std::fs::File::create(&file)
        .and_then(|mut f| f.write_all(pdf))
        .unwrap();
    let output = Command::new(program)
        .args(arguments.iter().map(|a| {
            if *a == "FILE" {
                file.as_os_str()
            } else {
                std::ffi::OsStr::new(a)
            }
        }))
        .stdin(Stdio::null())
        .output();
    std::fs::remove_file(&file).unwrap();
    match output {
        Ok(output) => {
            let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.push_str(&String::from_utf8_lossy(&output.stderr));
            Some((output.status.success(), text))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let wanted = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(!wanted, "{program} is not installed and CI=true");
            eprintln!("{program} is not installed: this check is left out");
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// The text of a PDF, in the order it was laid out.
pub(crate) fn text(pdf: &[u8]) -> Option<String> {
    let (good, text) = run("pdftotext", &["-raw", "FILE", "-"], pdf)?;
    assert!(good, "pdftotext failed: {text}");
    Some(text)
}

/// Every word with its place: left, top, right, bottom in points.
pub(crate) fn words(pdf: &[u8]) -> Option<Vec<(String, [f64; 4])>> {
    let (good, text) = run("pdftotext", &["-bbox", "FILE", "-"], pdf)?;
    assert!(good, "pdftotext failed: {text}");
    let words = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("<word "))
        .map(|line| {
            let side = |name: &str| -> f64 {
                let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
                rest.split_once('"').unwrap().0.parse().unwrap()
            };
            let word = line.split_once('>').unwrap().1.trim_end_matches("</word>");
            let place = [side("xMin"), side("yMin"), side("xMax"), side("yMax")];
            (word.to_owned(), place)
        })
        .collect();
    Some(words)
}

/// Fails unless the file is sound PDF.
pub(crate) fn check(pdf: &[u8]) {
    if let Some((good, text)) = run("qpdf", &["--check", "FILE"], pdf) {
        assert!(good && !text.contains("WARNING"), "qpdf: {text}");
    }
}

/// The table of fonts.
pub(crate) fn fonts(pdf: &[u8]) -> Option<String> {
    run("pdffonts", &["FILE"], pdf).map(|(_, text)| text)
}
