//! What `line-check` and `shadow` share: a bench that is only read, stage by stage.

use crate::config::read_checked;
use crate::daemon::holds;
use crate::library::{BenchFile, Library};
use crate::places::Places;
use crate::say::{Say, bad};
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

/// The bench of `file`, with the profiles at hand, when its ports are free.
pub(crate) async fn bench(
    file: &Path,
    config: &[PathBuf],
    places: &Places,
) -> anyhow::Result<(BenchFile, Library)> {
    let mut paths = config.to_vec();
    paths.push(file.to_owned());
    let texts = read_checked(&paths, places)?;
    let library = Library::with(&texts, places)?;
    let name = file.display().to_string();
    let bench = library.benches.iter().find(|b| b.name == name).cloned();
    let bench = bench.ok_or_else(|| bad(format!("{name} is no bench file")))?;
    bench.refuse_unreal()?;
    let id = &bench.bench.id;
    if holds(places, id).await? {
        return Err(bad(format!(
            "failed to read the lines of bench {id}: the daemon of this data folder holds its ports; stop the daemon first"
        )));
    }
    Ok((bench, library))
}

/// Lets the person set a stage.
pub(crate) fn wait_for(stage: &str, say: Say) -> anyhow::Result<()> {
    eprintln!(
        "{} {stage:?}{}",
        say.pick("请设定", "set"),
        say.pick(
            "，稳定后按回车",
            ", wait until it is steady, and press Enter"
        )
    );
    match answer()? {
        Some(_) => Ok(()),
        None => Err(bad(format!(
            "failed to go on to {stage:?}: nobody answers on standard input; measure one at a time, or in a terminal"
        ))),
    }
}

/// The name of the next stage; none when there is no more.
pub(crate) fn ask_stage(say: Say) -> anyhow::Result<Option<String>> {
    eprintln!(
        "{}",
        say.pick(
            "请设定变频器转速并输入其名称（如 25 Hz），空行结束：",
            "set the converter and say its speed (such as 25 Hz); an empty line ends:"
        )
    );
    Ok(answer()?.filter(|name| !name.is_empty()))
}

/// A line from the person; none at the end of the input.
fn answer() -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// A number with `decimals`, or a dash.
pub(crate) fn shown(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |v| format!("{v:.decimals$}"))
}

/// A number with four significant digits, as noise and differences need them.
pub(crate) fn significant(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let size = value.abs();
    let decimals = if size == 0.0 || size >= 1000.0 {
        0
    } else {
        (0..9)
            .find(|places| size >= [100.0, 10.0, 1.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6][*places])
            .map_or(9, |places| places + 1)
    };
    format!("{value:.decimals$}")
}
