//! `dutypoint enter`: what a person read off a dial, to the run being recorded.

use crate::Done;
use crate::args::EnterArgs;
use crate::daemon::{Answer, Ask, demand};
use crate::places::Places;
use crate::say::{Say, bad};
use dutypoint_engine::Entered;
use dutypoint_model::{Digest, Measure, Unit};
use serde_json::json;

pub(crate) async fn run(args: &EnterArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let (value, unit) = reading(&args.value).map_err(bad)?;
    let photo = match &args.photo {
        Some(path) => {
            let bytes = std::fs::read(path)
                .map_err(|e| bad(format!("failed to read photo {}: {e}", path.display())))?;
            if bytes.is_empty() {
                return Err(bad(format!("photo {} is empty", path.display())));
            }
            Some(Digest::of(&bytes))
        }
        None => None,
    };
    let ask = Ask::Enter {
        place: args.place.clone(),
        channel: args.channel.clone(),
        value,
        unit,
        who: args.by.clone(),
        photo,
    };
    match demand(places, ask).await?.next().await? {
        Some(Answer::Entered {
            run,
            channel,
            unit,
            entered,
        }) => {
            let (state, text) = told(&entered, &channel, unit, say);
            say.document(&json!({
                "run": run, "channel": channel, "value": value, "unit": unit, "by": args.by,
                "photo": photo, "state": state, "said": text,
            }))?;
            say.line(text);
            Ok(match entered {
                Entered::Differs(_) => Done::Failing,
                Entered::Counts(_) | Entered::NeedsSecond => Done::Passing,
            })
        }
        _ => anyhow::bail!("the daemon has ended"),
    }
}

/// A number with or without its unit.
fn reading(text: &str) -> Result<(f64, Option<Unit>), String> {
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((value, None)),
        _ => {
            let measure: Measure = text.parse()?;
            Ok((measure.value, Some(measure.unit)))
        }
    }
}

fn told(entered: &Entered, channel: &str, unit: Unit, say: Say) -> (&'static str, String) {
    match entered {
        Entered::Counts(mean) => {
            let mean = unit.from_internal(*mean);
            let text = format!(
                "{channel} {mean:.6} {unit}: {}",
                say.pick(
                    "读数有效（已按校准修正）",
                    "counts (corrected by calibration)"
                )
            );
            ("counts", text)
        }
        Entered::NeedsSecond => {
            let text = say.pick(
                "已记录，等待第二人独立录入",
                "recorded; a second person is to enter it",
            );
            ("needs_second", format!("{channel}: {text}"))
        }
        Entered::Differs(others) => {
            let read: Vec<String> = others
                .iter()
                .map(|(who, value)| format!("{who} {value} {unit}"))
                .collect();
            let text = say.pick(
                "已记录，但与他人不一致，测点等待；请重读并重录",
                "recorded, and differs from what others read; the point waits: read and enter again",
            );
            (
                "differs",
                format!("{channel}: {text} ({})", read.join(", ")),
            )
        }
    }
}
