//! The daemon's side of the talk: who asks is answered here.

use super::talk::{Answer, Ask, Letter, Live};
use crate::config::check_all;
use crate::library::Library;
use crate::places::{Places, nanoseconds, new_run_id};
use crate::recording::{Made, wall_clock};
use crate::say::{bad, exit_code};
use dutypoint_engine::Entered;
use dutypoint_engine::config::Order;
use dutypoint_model::document::{ActCommand, Entry};
use dutypoint_model::{Digest, Unit};
use dutypoint_station::{BenchClock, Control, Hall, RunRequest, ServedBench};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Wall time between two updates about a run.
const PACE: Duration = Duration::from_millis(100);
/// Time a question may take to arrive, and bytes it may have: an order is a small file.
const HEARING: Duration = Duration::from_secs(5);
const LONGEST: u64 = 4 << 20;
/// Wall time until an order has been recorded.
const ORDERED: Duration = Duration::from_secs(10);

/// What the daemon answers from.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) hall: Arc<Hall>,
    pub(crate) library: Library,
    /// The files of the configuration, name and content.
    pub(crate) texts: Vec<(String, String)>,
    pub(crate) places: Places,
    pub(crate) token: String,
}

/// Answers until the future is dropped.
pub(crate) async fn answer(listener: TcpListener, desk: Arc<Desk>) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let desk = Arc::clone(&desk);
        tokio::spawn(async move {
            // Who asked and left needs no answer.
            let _ = one(stream, &desk).await;
        });
    }
}

async fn one(stream: TcpStream, desk: &Desk) -> anyhow::Result<()> {
    let (reading, mut out) = stream.into_split();
    let mut line = String::new();
    let mut reading = BufReader::new(reading.take(LONGEST));
    tokio::time::timeout(HEARING, reading.read_line(&mut line)).await??;
    let answered = match serde_json::from_str::<Letter>(&line) {
        // Digests are compared: how long it takes says nothing about the token.
        Ok(letter) if digest(&letter.token) == digest(&desk.token) => {
            let reading = reading.into_inner().into_inner();
            desk.reply(letter.ask, reading, &mut out).await
        }
        Ok(_) => Err(bad("failed to ask the daemon: the token is not its own")),
        Err(error) => Err(bad(format!("failed to ask the daemon: {error}"))),
    };
    if let Err(error) = answered {
        let refused = Answer::Refused {
            why: format!("{error:#}"),
            code: exit_code(&error),
        };
        say(&mut out, &refused).await?;
    }
    Ok(())
}

fn digest(token: &str) -> Digest {
    Digest::of(token.as_bytes())
}

async fn say(out: &mut OwnedWriteHalf, answer: &Answer) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(answer)?;
    line.push('\n');
    Ok(out.write_all(line.as_bytes()).await?)
}

impl Desk {
    async fn reply(
        &self,
        ask: Ask,
        mut asking: OwnedReadHalf,
        out: &mut OwnedWriteHalf,
    ) -> anyhow::Result<()> {
        match ask {
            Ask::Benches => {
                let benches = self.hall.benches.iter().map(|b| b.id().to_owned());
                say(out, &Answer::Benches(benches.collect())).await
            }
            Ask::Begin {
                bench,
                order_name,
                order,
                operator,
            } => {
                let bench = self.bench(&bench)?;
                let request = self.request(bench, &order_name, &order, &operator)?;
                record(bench, request, out).await
            }
            Ask::Act {
                bench,
                who,
                reason,
                command,
                demand,
            } => {
                let mut order = Control::new(&who, &reason, command);
                order.demand = demand;
                let ordered = act(self.bench(&bench)?, order).await?;
                say(out, &Answer::Acted { run: ordered.run }).await
            }
            Ask::Enter {
                place,
                channel,
                value,
                unit,
                who,
                photo,
            } => {
                let bench = self.place(&place)?;
                let entry = self.entry(bench, &channel, value, unit, photo)?;
                let (channel, unit) = (entry.channel.clone(), entry.unit);
                let mut order = Control::new(&who, "读数录入 reading entered", ActCommand::Enter);
                order.entry = Some(entry);
                let Ordered { run, entered } = act(bench, order).await?;
                let Some(entered) = entered else {
                    anyhow::bail!(
                        "bench {} took the entry and did not say what became of it",
                        bench.id()
                    );
                };
                let answer = Answer::Entered {
                    run,
                    channel,
                    unit,
                    entered,
                };
                say(out, &answer).await
            }
            Ask::Tail { bench, every_ms } => {
                let bench = self.bench(&bench)?;
                let mut look =
                    tokio::time::interval(Duration::from_millis(every_ms.max(50).into()));
                let mut nothing = [0; 1];
                loop {
                    tokio::select! {
                        _ = look.tick() => {}
                        // The end of the question: who asked has left.
                        _ = asking.read(&mut nothing) => return Ok(()),
                    }
                    let live = Live {
                        bench: bench.id().to_owned(),
                        time: jiff::Timestamp::now().to_string(),
                        run: bench.run(),
                        readings: bench.readings(),
                    };
                    say(out, &Answer::Live(live)).await?;
                }
            }
        }
    }

    fn bench(&self, id: &str) -> anyhow::Result<&ServedBench> {
        self.hall.bench(id).ok_or_else(|| {
            let ids = self.hall.benches.iter().map(ServedBench::id);
            bad(format!(
                "failed to find bench {id:?}; this daemon holds {}",
                ids.collect::<Vec<_>>().join(", ")
            ))
        })
    }

    /// The bench called `place`, or the one on which that run is being recorded.
    fn place(&self, place: &str) -> anyhow::Result<&ServedBench> {
        let mut benches = self.hall.benches.iter();
        match benches.find(|bench| bench.run().as_deref() == Some(place)) {
            Some(bench) => Ok(bench),
            None => self.bench(place),
        }
    }

    /// What was read off the dial called `what` by its channel or its tag.
    fn entry(
        &self,
        served: &ServedBench,
        what: &str,
        value: f64,
        unit: Option<Unit>,
        photo: Option<Digest>,
    ) -> anyhow::Result<Entry> {
        let mut files = self.library.benches.iter();
        let file = files.find(|b| b.bench.id == served.id());
        let dials = file.map(|b| &b.bench.entered).into_iter().flatten();
        let Some(dial) = dials.clone().find(|d| d.name == what || d.tag == what) else {
            let names: Vec<&str> = dials.map(|d| d.name.as_str()).collect();
            return Err(bad(format!(
                "failed to enter {what:?}: bench {} has no such dial; those whose readings are typed in: {}",
                served.id(),
                if names.is_empty() {
                    "none".into()
                } else {
                    names.join(", ")
                }
            )));
        };
        Ok(Entry {
            channel: dial.name.clone(),
            value,
            unit: unit.unwrap_or(dial.unit),
            photo,
        })
    }

    /// A run of the order on the bench, its files checked like those the daemon began with.
    fn request(
        &self,
        served: &ServedBench,
        order_name: &str,
        order_text: &str,
        operator: &str,
    ) -> anyhow::Result<RunRequest> {
        let mut files = self.library.benches.iter();
        let bench = files
            .find(|b| b.bench.id == served.id())
            .ok_or_else(|| anyhow::anyhow!("bench {} has lost its file", served.id()))?;
        let mut texts = self.texts.clone();
        texts.push((order_name.to_owned(), order_text.to_owned()));
        let wrong = check_all(&texts, &self.places)?
            .into_iter()
            .filter(|checked| checked.name == order_name || checked.name == bench.name)
            .find_map(|checked| checked.problem);
        if let Some(problem) = wrong {
            return Err(bad(problem));
        }
        let order = Order::parse(order_name, order_text)?;
        let wall = jiff::Timestamp::now();
        let (epoch, t_ns) = (Instant::now(), nanoseconds(wall)?);
        let (start, files) = Made {
            library: &self.library,
            bench,
            order: &order,
            order_text,
            operator,
            clock: wall_clock(),
            t_ns,
        }
        .start()?;
        Ok(RunRequest {
            run: new_run_id(wall)?,
            start,
            channels: dutypoint_fieldbus::plan(&bench.bench, self.library.profiles())?.channels,
            files,
            clock: BenchClock::new(epoch, t_ns, 1.0),
        })
    }
}

/// What became of an order to the run on a bench.
struct Ordered {
    run: String,
    /// What became of an entry.
    entered: Option<Entered>,
}

/// Gives an order to the run on a bench; returns once what came of it is durable.
async fn act(bench: &ServedBench, order: Control) -> anyhow::Result<Ordered> {
    let id = bench.id();
    let command = order.command;
    let (order, answer) = order.asked();
    let run = bench.order(order).ok_or_else(|| {
        bad(format!(
            "failed to order bench {id}: no run is being recorded on it"
        ))
    })?;
    // A stop is never refused, and waits for nothing.
    if command == ActCommand::Stop {
        return Ok(Ordered { run, entered: None });
    }
    match tokio::time::timeout(ORDERED, answer).await {
        Ok(Ok(Ok(entered))) => Ok(Ordered { run, entered }),
        Ok(Ok(Err(why))) => Err(bad(format!("{} {}", why.zh, why.en))),
        // It left the order unread.
        Ok(Err(_)) => Err(bad(format!(
            "failed to order bench {id}: its run has ended, or has too many orders waiting"
        ))),
        Err(_) => Err(anyhow::anyhow!(
            "bench {id} has not answered yet: its recorder waits for storage; the order stands and is recorded then"
        )),
    }
}

/// Records a run and tells how it goes. It goes on when who asked has left.
async fn record(
    bench: &ServedBench,
    request: RunRequest,
    out: &mut OwnedWriteHalf,
) -> anyhow::Result<()> {
    let run = request.run.clone();
    let mut begun = bench.begin(request).map_err(|busy| bad(busy.to_string()))?;
    let journal = bench.journal().to_owned();
    say(out, &Answer::Begun { run, journal }).await?;
    while begun.shown.changed().await.is_ok() {
        let update = begun.shown.borrow_and_update().clone();
        say(out, &Answer::Update(Box::new(update))).await?;
        tokio::time::sleep(PACE).await;
    }
    match begun.ended.await {
        Ok(recorded) => {
            recorded?;
            say(out, &Answer::Ended).await
        }
        Err(_) => Err(anyhow::anyhow!("the recorder of the run has ended early")),
    }
}
