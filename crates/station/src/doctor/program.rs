//! The program itself: versions, packs, fonts, memory.

use super::{Check, State, Surroundings};
use dutypoint_certificate::font::Fonts;
use dutypoint_engine::config::Bench;
use dutypoint_hydraulics::pack::Status;
use dutypoint_model::document::FORMAT_VERSION;
use dutypoint_model::{Outcome, Quantity, Unit, Verdict};

/// Below this much free memory the making of a PDF may fail.
const MEMORY_MIB: u64 = 512;

pub(super) async fn checks(surroundings: &Surroundings<'_>) -> Vec<Check> {
    vec![
        versions(surroundings.version).await,
        packs(surroundings),
        fonts(surroundings.bench),
        memory(),
    ]
}

async fn versions(version: &str) -> Check {
    let journal = dutypoint_ledger::FORMAT_VERSION;
    match dutypoint_ledger::sqlite_version().await {
        Ok(sqlite) => Check::ok(
            "program.version",
            format!(
                "dutypoint {version} · 文档格式 {FORMAT_VERSION} · 记录格式 {journal} · SQLite {sqlite}"
            ),
            format!(
                "dutypoint {version} · document format {FORMAT_VERSION} · journal format {journal} · SQLite {sqlite}"
            ),
        ),
        Err(error) => Check::ok(
            "program.version",
            format!("SQLite 不能用：{error}"),
            error.to_string(),
        )
        .because(
            State::Failure,
            "重新安装本程序",
            "install the program again",
        ),
    }
}

fn packs(surroundings: &Surroundings<'_>) -> Check {
    let list = |draft: &str, signed: &str| {
        let one = surroundings.packs.iter().map(|pack| {
            let state = match pack.status {
                Status::Draft => draft,
                Status::Countersigned => signed,
            };
            format!("{} v{} {state}", pack.id, pack.version)
        });
        one.collect::<Vec<_>>().join(" · ")
    };
    let check = Check::ok(
        "program.packs",
        list("未核签", "已核签"),
        list("draft", "countersigned"),
    );
    if surroundings
        .packs
        .iter()
        .all(|p| p.status == Status::Countersigned)
    {
        return check;
    }
    check.because(
        State::Warning,
        "正式签发前，实验室须对照所持标准文本核签标准数据包",
        "before anything is issued formally the laboratory must check the packs against its own copies of the standards and countersign them",
    )
}

fn fonts(bench: Option<&Bench>) -> Check {
    let id = "program.fonts";
    let fonts = match Fonts::embedded() {
        Ok(fonts) => fonts,
        Err(error) => {
            return Check::ok(id, format!("内嵌字体损坏：{error}"), error.to_string()).because(
                State::Failure,
                "重新安装本程序",
                "install the program again",
            );
        }
    };
    let missing = fonts.missing(&printed(bench));
    if missing.is_empty() {
        return Check::ok(
            id,
            "内嵌字体完好，报告所用文字齐全",
            "the embedded font is sound and covers what a certificate prints",
        );
    }
    let missing: String = missing.into_iter().collect();
    Check::ok(
        id,
        format!("内嵌字体缺字：{missing}"),
        format!("the embedded font lacks: {missing}"),
    )
    .because(
        State::Failure,
        "试验台文件中改用其他写法",
        "write the bench's texts with other characters",
    )
}

/// What a certificate prints besides its own fixed texts, which its tests cover.
fn printed(bench: Option<&Bench>) -> String {
    let quantities = [
        Quantity::Flow,
        Quantity::Pressure,
        Quantity::Length,
        Quantity::Power,
        Quantity::Frequency,
        Quantity::Speed,
        Quantity::Voltage,
        Quantity::Current,
        Quantity::Temperature,
        Quantity::Ratio,
    ];
    let mut text = String::from("水泵性能检测报告 0123456789 η ρ ² ³ ± ≤ ≥ · –");
    for quantity in quantities {
        text.push_str(&quantity.text().zh);
        text.extend(Unit::of(quantity).map(Unit::printed));
    }
    for outcome in [
        Outcome::Completed,
        Outcome::StoppedByOperator,
        Outcome::StoppedByInterlock,
        Outcome::Interrupted,
        Outcome::FailedToStart,
    ] {
        text.push_str(&outcome.text().zh);
    }
    for verdict in [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Inconclusive,
        Verdict::NotEvaluated,
    ] {
        text.push_str(&verdict.text().zh);
    }
    if let Some(bench) = bench {
        let laboratory = &bench.laboratory;
        for own in [&bench.name, &laboratory.name, &laboratory.address] {
            text.push_str(&own.zh);
            text.push_str(&own.en);
        }
        for instrument in &bench.instrument {
            text.push_str(&instrument.tag);
            text.push_str(&instrument.serial);
        }
    }
    text
}

fn memory() -> Check {
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    let mib = |bytes: u64| bytes / (1 << 20);
    let (free, total) = (mib(system.available_memory()), mib(system.total_memory()));
    let check = Check::ok(
        "memory",
        format!("可用内存 {free} MiB，共 {total} MiB"),
        format!("{free} MiB of memory free, {total} MiB in all"),
    );
    if total == 0 {
        return check.because(
            State::Warning,
            "无法得知内存大小，请自行确认",
            "the system does not tell its memory; see to it yourself",
        );
    }
    if free >= MEMORY_MIB {
        return check;
    }
    check.because(
        State::Warning,
        format!("关闭其他程序；生成报告约需 {MEMORY_MIB} MiB"),
        format!("end other programs; making a certificate takes about {MEMORY_MIB} MiB"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_the_font_lacks_is_named_before_a_certificate_needs_it() {
        assert_eq!(fonts(None).state, State::Ok);
        let text = include_str!("../../../../config/benches/demo.toml");
        let mut bench = Bench::parse("demo.toml", text).unwrap();
        assert_eq!(fonts(Some(&bench)).state, State::Ok);
        // A character of the Tangut block, which no common Chinese font has.
        bench.laboratory.name.zh.push('\u{17000}');
        let check = fonts(Some(&bench));
        assert_eq!(check.state, State::Failure);
        assert!(check.found.en.contains('\u{17000}'), "{check:?}");
    }
}
