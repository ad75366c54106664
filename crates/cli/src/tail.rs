//! `dutypoint tail`: what the instruments of a bench show now.

use crate::Done;
use crate::args::TailArgs;
use crate::daemon::{Answer, Ask, Live, demand};
use crate::places::Places;
use crate::say::Say;
use crate::signals::Ends;
use dutypoint_station::LiveReading;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

pub(crate) async fn run(args: &TailArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let mut ends = Ends::listen()?;
    let ask = Ask::Tail {
        bench: args.bench.clone(),
        every_ms: args.every,
    };
    let mut answers = demand(places, ask).await?;
    // On a terminal each look takes the place of the one before.
    let redraw = std::io::stdout().is_terminal() && !args.once;
    let mut drawn = 0;
    loop {
        let answer = tokio::select! {
            answer = answers.next() => answer?,
            _ = ends.next() => return Ok(Done::Passing),
        };
        match answer {
            Some(Answer::Live(live)) if say.json => say.document_line(&live)?,
            Some(Answer::Live(live)) => {
                let text = table(&live, say);
                let up = if redraw && drawn > 0 {
                    // Up to where the last one began, and clear from there.
                    format!("\x1b[{drawn}A\x1b[J")
                } else {
                    String::new()
                };
                drawn = text.lines().count();
                // A reader that has left (`| head`) wants no more.
                if write!(std::io::stdout(), "{up}{text}").is_err() {
                    return Ok(Done::Passing);
                }
            }
            Some(_) => {}
            None => anyhow::bail!("the daemon has ended"),
        }
        if args.once {
            return Ok(Done::Passing);
        }
    }
}

fn table(live: &Live, say: Say) -> String {
    let run = match &live.run {
        Some(run) => run,
        None => say.pick("无试验", "no run"),
    };
    let mut text = format!("{}  {}  {run}\n", live.bench, live.time);
    let widest = |of: fn(&LiveReading) -> &str| {
        let lengths = live.readings.iter().map(|r| of(r).chars().count());
        lengths.max().unwrap_or_default()
    };
    let (channels, tags) = (widest(|r| &r.channel), widest(|r| &r.tag));
    for r in &live.readings {
        let value = r
            .value
            .map_or("-".to_owned(), |v| format!("{v:.*}", r.decimals));
        let age = r.age_s.map_or("-".to_owned(), |s| format!("{s:.1} s"));
        let why = r.why.as_ref().map_or("", |why| why.get(say.lang));
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  {:tags$}  {:channels$}  {value:>12} {:5}  {age:>9}  {:12}  {why}",
            r.tag, r.channel, r.unit, r.quality
        );
    }
    text
}
