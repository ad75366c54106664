//! The recorder: one writer that numbers inputs, makes them durable, and only then lets
//! the engine see them.
//!
//! When storage refuses, the recorder keeps the batch and tries again; meanwhile the
//! engine stands still and the lines fill their queue. Nothing is dropped.

use crate::Error;
use crate::acquisition::Acquisition;
use crate::board::Board;
use crate::clock::{BenchClock, ClockWatch, SystemClocks};
use crate::control::Control;
use dutypoint_engine::{Live, RunEngine};
use dutypoint_fieldbus::{Exchange as Answer, LineSetup, Write};
use dutypoint_ledger::{Signer, SqliteLedger, sign_checkpoint};
use dutypoint_model::digest::Bytes;
use dutypoint_model::document::{
    Act, ActCommand, Channels, Command, EffectKind, Exchange, Import, Page, Quality, Receipt,
    Start, Tick,
};
use dutypoint_model::seal::ChainHead;
use dutypoint_model::{Bilingual, Digest, Document, Sealed};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, watch};

/// Wall time between two pages; the format allows 100 ms.
const PAGE: Duration = Duration::from_millis(50);
/// Wall time without a page after which the engine is told the time.
const TICK: Duration = Duration::from_millis(500);
/// Wall time between two foldings of the write-ahead log, which keeps that work out of
/// the commits.
const TIDY: Duration = Duration::from_secs(1);
/// Wall time between two attempts to write a batch that storage refused.
const RETRY: Duration = Duration::from_millis(500);

/// A run to be recorded.
#[derive(Debug)]
pub struct RunRequest {
    /// Id of the run.
    pub run: String,
    /// Its first document.
    pub start: Start,
    /// Its channels.
    pub channels: Channels,
    /// The files `start` names: name and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// The bench clock.
    pub clock: BenchClock,
}

/// Where the answers of a run come from.
pub(crate) enum Wires<'a> {
    /// Lines to be opened, or why none can be: a bench that cannot start is a run that
    /// failed to start.
    Open(Result<Vec<LineSetup>, String>),
    /// Lines that are polled already, and the board that is counted on.
    Polled(&'a mut Acquisition, &'a Board),
}

/// What a recorder tells while it works.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The run; empty before its recorder has started.
    pub run: String,
    /// The live view; none before the run began.
    pub live: Option<Live>,
    /// Why recording is held, if it is: what, where, what to change.
    pub held: Option<Bilingual>,
    /// Documents durable so far.
    pub documents: u64,
    /// Points taken so far, rejected ones included.
    pub points: usize,
}

/// A run that was recorded to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Id of the run.
    pub run: String,
    /// Digest of its last document.
    pub head: Digest,
}

/// Records one run from its start to its stop and signs the station's checkpoint. `lines`
/// are opened for it; why they cannot be makes a run that failed to start.
///
/// Every way a run can end is an `Ok`: the outcome stands in its `Stop`. An error means
/// that the journal could not be written; what it had acknowledged is there.
///
/// # Errors
/// [`Error::Ledger`], [`Error::Engine`] for files that do not fit together.
pub async fn record(
    ledger: &mut SqliteLedger,
    signer: &impl Signer,
    request: RunRequest,
    lines: Result<Vec<LineSetup>, String>,
    control: mpsc::Receiver<Control>,
    updates: watch::Sender<Update>,
) -> Result<Recorded, Error> {
    let wires = Wires::Open(lines);
    record_on(ledger, signer, request, wires, control, updates).await
}

/// As [`record`], on `wires`.
pub(crate) async fn record_on(
    ledger: &mut SqliteLedger,
    signer: &impl Signer,
    request: RunRequest,
    wires: Wires<'_>,
    mut control: mpsc::Receiver<Control>,
    updates: watch::Sender<Update>,
) -> Result<Recorded, Error> {
    updates.send_modify(|update| update.run.clone_from(&request.run));
    let mut files = dutypoint_engine::Files::new();
    for (name, bytes) in &request.files {
        let put = async || ledger.put_file(name, bytes).await;
        let reference = until_stored(&updates, put).await?;
        files.insert(reference.digest, bytes.clone());
    }
    let operator = request.start.operator.clone();
    let mut recorder = Recorder {
        engine: RunEngine::open(&request.start, &files)?,
        chain: ChainHead::new(&request.run),
        channels: request.channels.clone(),
        clock: request.clock,
        clocks: ClockWatch::new(SystemClocks::default()),
        awake: None,
        ledger,
        board: match &wires {
            Wires::Polled(_, board) => Some(board),
            Wires::Open(_) => None,
        },
        updates,
        commands: Vec::new(),
        refused: None,
    };
    recorder
        .commit(vec![Document::Start(Box::new(request.start))])
        .await?;
    recorder.input(Document::Channels(request.channels)).await?;

    let mut opened;
    let acquisition = match wires {
        Wires::Polled(acquisition, _) => Ok(acquisition),
        Wires::Open(Err(why)) => Err(why),
        Wires::Open(Ok(lines)) => match Acquisition::open(lines).await? {
            Ok(acquisition) => {
                opened = acquisition;
                Ok(&mut opened)
            }
            Err(error) => Err(error.to_string()),
        },
    };
    match acquisition {
        Err(why) => {
            recorder
                .act("station", "station", ActCommand::Refuse, why)
                .await?;
        }
        Ok(acquisition) => {
            recorder
                .act(
                    &operator,
                    "technician",
                    ActCommand::Begin,
                    "试验开始 run begun".into(),
                )
                .await?;
            recorder.follow(acquisition, &mut control).await?;
        }
    }
    recorder.checkpoint(signer).await
}

/// Records a test that ran elsewhere: its table goes through the same engine. `files`
/// holds everything the start names and the table's own file.
///
/// # Errors
/// As [`record`].
pub async fn import(
    ledger: &mut SqliteLedger,
    signer: &impl Signer,
    run: &str,
    start: Start,
    files: &[(String, Vec<u8>)],
    table: Import,
) -> Result<Recorded, Error> {
    let known = files
        .iter()
        .map(|(_, bytes)| (Digest::of(bytes), bytes.clone()))
        .collect();
    let mut engine = RunEngine::open(&start, &known)?;
    let table = Document::Import(table);
    // The whole import is computed before the first byte is written.
    let outputs = engine.step(&table)?;
    for (name, bytes) in files {
        ledger.put_file(name, bytes).await?;
    }
    let mut chain = ChainHead::new(run);
    let batch = [Document::Start(Box::new(start)), table]
        .into_iter()
        .chain(outputs)
        .map(|document| chain.append(document))
        .collect::<Result<Vec<_>, _>>()?;
    // Nothing is lost when storage refuses: the table is still in its file. So there is
    // no waiting here.
    ledger.append(&batch).await?;
    sign_stops(ledger, signer).await?;
    Ok(Recorded {
        run: chain.run,
        head: chain.digest,
    })
}

struct Recorder<'a> {
    engine: RunEngine,
    chain: ChainHead,
    channels: Channels,
    clock: BenchClock,
    clocks: ClockWatch<SystemClocks>,
    /// When the computer was first seen awake again; what was asked before is of no time.
    awake: Option<Instant>,
    ledger: &'a mut SqliteLedger,
    board: Option<&'a Board>,
    updates: watch::Sender<Update>,
    commands: Vec<Command>,
    /// Why what was ordered last was refused.
    refused: Option<Bilingual>,
}

impl Recorder<'_> {
    /// Takes answers until the run is closed.
    async fn follow(
        &mut self,
        acquisition: &mut Acquisition,
        control: &mut mpsc::Receiver<Control>,
    ) -> Result<(), Error> {
        let mut page = tokio::time::interval(PAGE);
        page.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut last_input = Instant::now();
        // What was asked before the run began is none of its readings.
        let begun = last_input;
        let mut last_tidy = Instant::now();
        let mut control_open = true;
        while !self.engine.is_closed() {
            for command in self.commands.drain(..) {
                send(&self.channels, &command, acquisition);
            }
            tokio::select! {
                biased;
                order = control.recv(), if control_open => match order {
                    Some(order) => self.order(order).await?,
                    None => control_open = false,
                },
                _ = page.tick() => {
                    let mut answers = acquisition.take();
                    answers.retain(|answer| answer.sent >= begun);
                    self.look_at_clocks(&mut answers).await?;
                    if !answers.is_empty() {
                        self.input(self.page(answers)).await?;
                        last_input = Instant::now();
                    } else if last_input.elapsed() >= TICK {
                        let t_ns = self.clock.now();
                        self.input(Document::Tick(Tick { t_ns })).await?;
                        last_input = Instant::now();
                    }
                    if last_tidy.elapsed() >= TIDY {
                        // Storage that refuses is met, and waited for, by the next commit.
                        let _ = self.ledger.tidy().await;
                        last_tidy = Instant::now();
                    }
                }
            }
        }
        Ok(())
    }

    /// Records what became of the clocks. Of a sleep: first what came before it, then the sleep;
    /// what came about it has no time and counts as no value.
    async fn look_at_clocks(&mut self, answers: &mut Vec<Answer>) -> Result<(), Error> {
        let Some(seen) = self.clocks.look(&self.clock) else {
            return Ok(());
        };
        if let Some(slept) = seen.slept {
            for answer in answers.iter_mut().filter(|a| a.received > seen.last) {
                doubt(answer);
            }
            if !answers.is_empty() {
                let page = self.page(std::mem::take(answers));
                self.input(page).await?;
            }
            self.clock = self.clock.after_sleep(slept);
            self.awake = Some(seen.now);
        }
        self.input(Document::Clock(seen.status)).await
    }

    /// Records what a person orders, and tells who asked what became of it.
    async fn order(&mut self, order: Control) -> Result<(), Error> {
        let mut act = Act {
            t_ns: self.clock.now(),
            role: match order.command {
                ActCommand::Interrupt => "station".into(),
                _ => "technician".into(),
            },
            who: order.who,
            command: order.command,
            reason: order.reason,
            zeros: Vec::new(),
            demand: order.demand,
            entry: order.entry,
        };
        let mut refused = None;
        match act.command {
            ActCommand::Zero => match self.engine.zero_readings() {
                Ok(zeros) => act.zeros = zeros,
                Err(why) => {
                    // That it was tried, and why it failed, is on record too.
                    act.reason = format!("{}：{} {}", act.reason, why.zh, why.en);
                    refused = Some(why);
                }
            },
            // A slip of the finger is told to who made it, and is no reading on record.
            ActCommand::Enter => refused = self.unfit(&act),
            _ => {}
        }
        let channel = act.entry.as_ref().map(|entry| entry.channel.clone());
        self.refused = None;
        if channel.is_none() || refused.is_none() {
            self.input(Document::Act(act)).await?;
        }
        let entered = channel.and_then(|channel| self.engine.entered(&channel));
        let refused = refused.or(self.refused.take());
        if let Some(reply) = order.reply {
            // Who asked may have left.
            let _ = reply.send(refused.map_or(Ok(entered), Err));
        }
        Ok(())
    }

    /// Why what a person read off a dial is no entry.
    fn unfit(&self, act: &Act) -> Option<Bilingual> {
        match &act.entry {
            Some(entry) => self.engine.check_entry(&act.who, entry).err(),
            None => Some(Bilingual::new("录入没有读数", "an entry without a reading")),
        }
    }

    /// The answers of the last interval as one document, in the order they came.
    fn page(&self, mut answers: Vec<Answer>) -> Document {
        if let Some(awake) = self.awake {
            for answer in answers.iter_mut().filter(|a| a.sent < awake) {
                doubt(answer);
            }
        }
        let t_ns = answers
            .iter()
            .map(|a| self.clock.at(a.sent))
            .min()
            .unwrap_or_else(|| self.clock.now());
        let offset_us = |at: Instant| (self.clock.at(at) - t_ns).div_euclid(1000);
        Document::Page(Page {
            t_ns,
            exchanges: answers
                .into_iter()
                .map(|a| {
                    Exchange(
                        a.poll,
                        offset_us(a.sent),
                        offset_us(a.received),
                        a.quality,
                        Bytes::from_words(&a.words),
                    )
                })
                .collect(),
        })
    }

    async fn act(
        &mut self,
        who: &str,
        role: &str,
        command: ActCommand,
        reason: String,
    ) -> Result<(), Error> {
        let t_ns = self.clock.now();
        self.input(Document::Act(Act {
            t_ns,
            who: who.to_owned(),
            role: role.to_owned(),
            command,
            reason,
            zeros: Vec::new(),
            demand: None,
            entry: None,
        }))
        .await
    }

    /// Makes `input` durable, steps the engine, makes what it says durable, and gives
    /// the receipts of points back to it. What comes when the run is closed, be it by the
    /// input before in the same look, is none of its inputs.
    async fn input(&mut self, input: Document) -> Result<(), Error> {
        let mut inputs = vec![input];
        while !inputs.is_empty() && !self.engine.is_closed() {
            let committed = self.commit(std::mem::take(&mut inputs)).await?;
            let mut outputs = Vec::new();
            for sealed in &committed {
                outputs.extend(self.engine.step(&sealed.doc)?);
            }
            if outputs.is_empty() {
                break;
            }
            for sealed in self.commit(outputs).await? {
                match sealed.doc {
                    Document::Command(command) => self.commands.push(command),
                    Document::Effect(effect) if effect.effect == EffectKind::Refused => {
                        self.refused.get_or_insert(effect.text);
                    }
                    Document::Point(_) => inputs.push(Document::Receipt(Receipt {
                        t_ns: self.clock.now(),
                        of_seq: sealed.seq,
                    })),
                    _ => {}
                }
            }
        }
        self.publish();
        Ok(())
    }

    /// Seals and stores `documents`; returns only when they are durable.
    async fn commit(&mut self, documents: Vec<Document>) -> Result<Vec<Sealed>, Error> {
        let mut chain = self.chain.clone();
        let batch = documents
            .into_iter()
            .map(|document| chain.append(document))
            .collect::<Result<Vec<_>, _>>()?;
        let append = async || self.ledger.append(&batch).await;
        let began = Instant::now();
        until_stored(&self.updates, append).await?;
        if let Some(board) = self.board {
            board.meters.committed(batch.len(), began.elapsed());
        }
        self.chain = chain;
        Ok(batch)
    }

    fn publish(&self) {
        self.updates.send_replace(Update {
            run: self.chain.run.clone(),
            live: Some(self.engine.live()),
            held: None,
            documents: self.chain.next,
            points: self.engine.points().len(),
        });
    }

    async fn checkpoint(self, signer: &impl Signer) -> Result<Recorded, Error> {
        // A checkpoint that did not become durable is signed anew: only the journal counts.
        let sign = async || sign_stops(self.ledger, signer).await;
        until_stored(&self.updates, sign).await?;
        Ok(Recorded {
            run: self.chain.run,
            head: self.chain.digest,
        })
    }
}

/// An answer of which nobody knows when it was true.
fn doubt(answer: &mut Answer) {
    if answer.quality == Quality::Good {
        answer.quality = Quality::Slept;
        answer.words.clear();
    }
}

/// Repeats `write` until storage takes it, and says meanwhile why it does not.
async fn until_stored<T, E: Into<Error>>(
    updates: &watch::Sender<Update>,
    mut write: impl AsyncFnMut() -> Result<T, E>,
) -> Result<T, Error> {
    loop {
        let held = match write().await.map_err(Into::into) {
            Err(Error::Ledger(error)) => match held(&error) {
                Some(text) => text,
                None => return Err(error.into()),
            },
            done => {
                updates.send_if_modified(|update| update.held.take().is_some());
                return done;
            }
        };
        updates.send_if_modified(|update| update.held.replace(held.clone()) != Some(held));
        tokio::time::sleep(RETRY).await;
    }
}

/// What to tell people about a write that storage refused; `None` for other errors.
fn held(error: &dutypoint_ledger::Error) -> Option<Bilingual> {
    let dutypoint_ledger::Error::Held { path, trouble, .. } = error else {
        return None;
    };
    let (path, text) = (path.display(), trouble.text());
    Some(Bilingual::new(
        format!("记录暂停：无法写入 {path}：{}；之后试验自动继续", text.zh),
        format!(
            "recording is held: failed to write {path}: {}; the run then goes on by itself",
            text.en
        ),
    ))
}

/// Signs a checkpoint for every stop that has none.
pub(crate) async fn sign_stops(
    ledger: &mut SqliteLedger,
    signer: &impl Signer,
) -> Result<(), Error> {
    for stop in ledger.unsigned_stops().await? {
        let station = ledger.run(&stop.run).await?.station;
        let body = ledger.next_checkpoint_body(&station, &stop).await?;
        let checkpoint = sign_checkpoint(body, signer)?;
        ledger.append_checkpoint(&checkpoint).await?;
    }
    Ok(())
}

/// Turns a command into a register write on the actuator's line.
fn send(channels: &Channels, command: &Command, acquisition: &Acquisition) {
    let Some(actuator) = channels
        .actuators
        .iter()
        .find(|a| a.name == command.actuator)
    else {
        return;
    };
    // The engine has refused what is outside the range; this is the last look before the wire.
    let Some(value) = actuator.word(command.value) else {
        return;
    };
    acquisition.write(
        &actuator.line,
        Write {
            poll: actuator.poll,
            unit_id: actuator.unit_id,
            address: actuator.address,
            value,
            function: actuator.function,
        },
    );
}
