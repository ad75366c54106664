//! Lists the files that ship inside the binary, so that a new one cannot be forgotten.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("../..");
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for (name, folder, ending) in [
        ("config", "config", "toml"),
        ("validation", "fixtures/validation", "json"),
    ] {
        let top = root.join(folder).canonicalize()?;
        let mut files = Vec::new();
        collect(&top, ending, &mut files)?;
        files.sort();
        let mut list = String::from("&[\n");
        for file in files {
            // Paths inside the binary are the same on every system.
            let inside: Vec<_> = file
                .strip_prefix(&top)?
                .iter()
                .map(|part| part.to_string_lossy())
                .collect();
            writeln!(
                list,
                "Embedded {{ path: {:?}, text: include_str!({:?}) }},",
                inside.join("/"),
                file
            )?;
        }
        list.push(']');
        std::fs::write(out.join(format!("{name}.rs")), list)?;
    }
    Ok(())
}

/// The files of `folder` and below; each folder is watched for new ones.
fn collect(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, ending, files)?;
        } else if path.extension().is_some_and(|e| e == ending) {
            files.push(path);
        }
    }
    Ok(())
}
