//! `dutypoint line-check`: how sound the lines of a bench are, with a dated record.

mod record;

use crate::Done;
use crate::args::LineCheckArgs;
use crate::observe::{ask_stage, bench, shown, significant, wait_for};
use crate::places::Places;
use crate::say::{Say, bad};
use dutypoint_fieldbus::LineSetup;
use dutypoint_model::Verdict;
use dutypoint_station::{Observer, StageCheck, check_lines};
use record::Record;
use serde_json::json;
use std::time::Duration;

pub(crate) async fn run(args: &LineCheckArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    if args.history {
        let file = crate::places::read_text(&args.bench)?;
        let bench =
            dutypoint_engine::config::Bench::parse(&args.bench.display().to_string(), &file)?;
        return history(&bench.id, places, say);
    }
    let (file, library) = bench(&args.bench, &args.config, places).await?;
    let bench = &file.bench;
    let channels = dutypoint_fieldbus::plan(bench, library.profiles())?.channels;
    if channels.polls.is_empty() {
        return Err(bad(format!(
            "failed to check the lines of bench {}: nothing is read on them",
            bench.id
        )));
    }
    let earlier = record::all(&bench.id, places)?;
    let lines = LineSetup::of_bench(bench, &channels, 1.0, |_| None);
    let mut observer = Observer::start(lines)?;
    let mut record = Record {
        bench: bench.id.clone(),
        stages: Vec::new(),
    };
    let mut wanted = args.stages.iter();
    loop {
        let stage = if args.stages.is_empty() {
            ask_stage(say)?
        } else {
            wanted.next().cloned()
        };
        let Some(stage) = stage else { break };
        if !args.stages.is_empty() && !record.stages.is_empty() {
            // What was measured so far is kept, whatever becomes of the rest.
            if let Err(error) = wait_for(&stage, say) {
                record.keep(places)?;
                return Err(error);
            }
        }
        let at = jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string();
        let seconds = f64::from(args.seconds);
        let exchanges = observer.during(Duration::from_secs_f64(seconds)).await;
        let found = check_lines(bench, &channels, &exchanges, (&stage, &at, seconds));
        let before = earlier.iter().rev().find_map(|(_, r)| r.of_stage(&stage));
        print(&found, before, say);
        record.stages.push(found);
    }
    if record.stages.is_empty() {
        return Err(bad(
            "failed to check: no stage was named; say what is set with --stage, as in --stage '0 Hz'",
        ));
    }
    drop(observer);
    let path = record.keep(places)?;
    let verdict = record.verdict();
    say.document(&json!({
        "bench": record.bench, "verdict": verdict, "stages": record.stages, "record": path,
    }))?;
    say.line(format!(
        "\n{}  {} {}",
        verdict.text().get(say.lang),
        say.pick("记录：", "record:"),
        path.display()
    ));
    if verdict == Verdict::NotEvaluated {
        say.line(say.pick(
            "试验台文件未给出限值（[line_check]、noise_sd、noise_peak），故未判定。",
            "The bench file states no limits ([line_check], noise_sd, noise_peak): nothing is judged.",
        ));
    }
    Ok(match verdict {
        Verdict::Fail => Done::Failing,
        _ => Done::Passing,
    })
}

/// One stage, and beside the noise of each channel that of the check before.
fn print(found: &StageCheck, before: Option<&StageCheck>, say: Say) {
    say.line(format!(
        "\n{}  {}  {} s",
        found.stage, found.at, found.seconds
    ));
    for device in &found.devices {
        let pct = |count| shown(device.pct(count), 3);
        say.line(format!(
            "    {} {}  {} {}  {} {} %  {} {} %  {} {} %  p50 {} ms  p99 {} ms",
            device.line,
            device.device,
            say.pick("请求", "requests"),
            device.requests,
            say.pick("校验等有误", "broken (CRC)"),
            pct(device.garbled),
            say.pick("超时", "timeout"),
            pct(device.timeout),
            say.pick("其他", "other"),
            pct(device.other()),
            shown(device.latency_p50_ms, 2),
            shown(device.latency_p99_ms, 2),
        ));
    }
    for channel in &found.channels {
        let last = before.and_then(|b| b.channels.iter().find(|c| c.channel == channel.channel));
        let last = match last {
            Some(last) => format!(
                "  {} {} / {}",
                say.pick("上次", "before"),
                significant(last.sd),
                significant(last.peak)
            ),
            None => String::new(),
        };
        say.line(format!(
            "    {} {}  n {}  {} {}  s {}  {} {} {}{last}",
            channel.device,
            channel.channel,
            channel.readings,
            say.pick("均值", "mean"),
            significant(channel.mean),
            significant(channel.sd),
            say.pick("峰峰值", "peak-to-peak"),
            significant(channel.peak),
            channel.unit,
        ));
    }
    for exceeded in &found.exceeded {
        say.line(format!(
            "    {} {}",
            say.pick("超限", "exceeded:"),
            exceeded.text().get(say.lang)
        ));
    }
}

/// The earlier checks, oldest first; each stage beside the one of its name before.
fn history(id: &str, places: &Places, say: Say) -> anyhow::Result<Done> {
    let all = record::all(id, places)?;
    let mut listed = Vec::new();
    for (nth, (path, record)) in all.iter().enumerate() {
        for stage in &record.stages {
            let earlier = all.iter().take(nth).rev();
            print(
                stage,
                earlier
                    .into_iter()
                    .find_map(|(_, r)| r.of_stage(&stage.stage)),
                say,
            );
        }
        listed.push(json!({
            "record": path, "verdict": record.verdict(), "stages": record.stages,
        }));
    }
    say.line(format!(
        "\n{} {}",
        all.len(),
        say.pick("次检查", "checks on record")
    ));
    say.document(&json!({ "bench": id, "checks": listed }))?;
    Ok(Done::Passing)
}
