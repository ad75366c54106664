//! Orders of people to a run that is being recorded: verbs to the daemon, words typed where
//! `dutypoint run` shows how it goes.

use crate::Done;
use crate::args::{ActArgs, MoveArgs};
use crate::daemon::{Answer, Ask, demand as demanded};
use crate::places::Places;
use crate::say::Say;
use dutypoint_model::Measure;
use dutypoint_model::document::{ActCommand, Demand};
use dutypoint_station::{Control, Reply};
use serde_json::json;
use std::io::{BufRead as _, IsTerminal as _};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Orders the run on a bench of the daemon.
pub(crate) async fn act(
    args: &ActArgs,
    command: ActCommand,
    demand: Option<Demand>,
    places: &Places,
    say: Say,
) -> anyhow::Result<Done> {
    let ask = Ask::Act {
        bench: args.bench.clone(),
        who: args.operator.clone(),
        reason: args.reason.clone(),
        command,
        demand,
    };
    match demanded(places, ask).await?.next().await? {
        Some(Answer::Acted { run }) => {
            let (key, text) = match command {
                ActCommand::Stop => ("stopping", say.pick("正在结束试验", "stopping run")),
                ActCommand::Zero => ("zero", say.pick("零点已记录", "zero recorded in run")),
                ActCommand::Arm => ("armed", say.pick("执行器已投用", "actuators armed in run")),
                ActCommand::Disarm => (
                    "disarmed",
                    say.pick("执行器已退出", "actuators disarmed in run"),
                ),
                ActCommand::Move => ("moving", say.pick("给定值已接受", "demand taken in run")),
                ActCommand::Safe => (
                    "safe",
                    say.pick("正在进入安全状态", "going to safe state in run"),
                ),
                ActCommand::Resume => ("resumed", say.pick("试验继续", "going on with run")),
                _ => ("ordered", say.pick("已记录", "recorded in run")),
            };
            say.document(&json!({ "bench": args.bench, key: run }))?;
            say.line(format!("{text} {run}"));
            Ok(Done::Passing)
        }
        _ => anyhow::bail!("the daemon has ended"),
    }
}

/// `dutypoint move`.
pub(crate) async fn send(args: &MoveArgs, places: &Places, say: Say) -> anyhow::Result<Done> {
    let demand = to(&args.actuator, args.demand);
    act(&args.act, ActCommand::Move, Some(demand), places, say).await
}

fn to(actuator: &str, measure: Measure) -> Demand {
    Demand {
        actuator: actuator.to_owned(),
        value: measure.value,
        unit: measure.unit,
    }
}

/// What people type where a run is shown.
pub(crate) struct Terminal {
    operator: String,
    /// Lines of standard input; where that is no terminal, none before anything was asked for.
    lines: Option<mpsc::Receiver<String>>,
    asked_for: Vec<ActCommand>,
    answer: Option<oneshot::Receiver<Reply>>,
}

impl Terminal {
    pub(crate) fn new(operator: &str) -> Self {
        Self {
            operator: operator.to_owned(),
            // What a script has on its standard input is not for us before we ask.
            lines: std::io::stdin().is_terminal().then(listen),
            asked_for: Vec::new(),
            answer: None,
        }
    }

    /// What to tell people when the run begins to need something of them.
    pub(crate) fn prompt(&mut self, needs: &[ActCommand], say: Say) -> Option<String> {
        if needs == self.asked_for {
            return None;
        }
        self.asked_for = needs.to_vec();
        if !needs.is_empty() && self.lines.is_none() {
            self.lines = Some(listen());
        }
        let texts: Vec<&str> = needs.iter().filter_map(|need| wanted(*need, say)).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    /// The next order that is typed, or what to say to people. Waits for ever where nothing
    /// is asked for.
    pub(crate) async fn typed(&mut self, say: Say) -> Result<Control, String> {
        loop {
            if let Some(answer) = &mut self.answer {
                let answer = answer.await;
                self.answer = None;
                match answer {
                    Ok(Ok(_)) => return Err(say.pick("已记录", "recorded").to_owned()),
                    Ok(Err(why)) => return Err(why.get(say.lang).to_owned()),
                    // The run has ended.
                    Err(_) => continue,
                }
            }
            let line = match &mut self.lines {
                Some(lines) => lines.recv().await,
                None => None,
            };
            match line {
                Some(line) if line.trim().is_empty() => {}
                Some(line) => return self.read(&line, say),
                None => std::future::pending().await,
            }
        }
    }

    /// Whose answer is shown next.
    pub(crate) fn expect(&mut self, answer: oneshot::Receiver<Reply>) {
        self.answer = Some(answer);
    }

    fn read(&self, line: &str, say: Say) -> Result<Control, String> {
        let (word, who) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let command = match word.to_lowercase().as_str() {
            "zero" | "零点" => ActCommand::Zero,
            "stop" | "停止" => ActCommand::Stop,
            "arm" | "投用" => ActCommand::Arm,
            "disarm" | "退出" => ActCommand::Disarm,
            "safe" | "安全" => ActCommand::Safe,
            "resume" | "继续" => ActCommand::Resume,
            "move" | "调到" => {
                let to = who
                    .trim()
                    .split_once(' ')
                    .and_then(|(actuator, value)| Some(to(actuator, value.parse().ok()?)));
                let Some(demand) = to else {
                    return Err(say
                        .pick(
                            "写作：move outlet_valve 35 %",
                            "it is written: move outlet_valve 35 %",
                        )
                        .to_owned());
                };
                let mut order = Control::new(&self.operator, "dutypoint run", ActCommand::Move);
                order.demand = Some(demand);
                return Ok(order);
            }
            _ => {
                return Err(format!(
                    "{} {word:?}{}",
                    say.pick("不认识", "unknown word"),
                    say.pick(
                        "；可输入 zero、arm、disarm、move、safe、resume、stop",
                        "; there are zero, arm, disarm, move, safe, resume and stop"
                    )
                ));
            }
        };
        let who = match who.trim() {
            "" => &self.operator,
            who => who,
        };
        Ok(Control::new(who, "dutypoint run", command))
    }
}

/// What a person is asked to do.
fn wanted(need: ActCommand, say: Say) -> Option<&'static str> {
    match need {
        ActCommand::Zero => Some(say.pick(
            "请停泵排气，待读数稳定后输入 zero 并按回车（可加姓名：zero 张工）",
            "with the pump at rest and the lines vented, type zero and press Enter (with your name: zero Zhang)",
        )),
        ActCommand::Arm => Some(say.pick(
            "执行器未投用。确认阀区无人后输入 arm 并按回车",
            "the actuators are not armed: make sure that nobody is at the valve, type arm and press Enter",
        )),
        ActCommand::Resume => Some(say.pick(
            "试验暂停。原因排除后输入 resume 并按回车",
            "the run is held: when its cause is gone, type resume and press Enter",
        )),
        _ => None,
    }
}

/// Reads standard input on a thread of its own, which ends with the program.
pub(crate) fn listen() -> mpsc::Receiver<String> {
    let (said, lines) = mpsc::channel(16);
    let read = move || {
        let stdin = std::io::stdin();
        let mut line = String::new();
        loop {
            // To read the terminal from behind stops a process, recorder and all.
            while stdin.is_terminal() && !in_front() {
                std::thread::sleep(Duration::from_millis(500));
            }
            line.clear();
            match stdin.lock().read_line(&mut line) {
                Ok(length) if length > 0 => {}
                _ => return,
            }
            if said.blocking_send(line.clone()).is_err() {
                return;
            }
        }
    };
    // Without it there is still `dutypoint stop`, and Ctrl-C.
    let _ = std::thread::Builder::new()
        .name("terminal".into())
        .spawn(read);
    lines
}

/// Whether this process may read the terminal.
#[cfg(unix)]
fn in_front() -> bool {
    rustix::termios::tcgetpgrp(std::io::stdin())
        .is_ok_and(|group| group == rustix::process::getpgrp())
}

#[cfg(not(unix))]
fn in_front() -> bool {
    true
}
