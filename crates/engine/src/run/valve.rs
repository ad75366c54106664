//! Where the valve is sent, and whether it heard.

use super::{Phase, RunEngine, joined};
use crate::Error;
use crate::assess::more_points;
use crate::watch::nanoseconds;
use dutypoint_model::document::{Command, Document, Exchange, Page, Quality, Role};
use dutypoint_model::{Bilingual, Outcome};

/// Demands in a row that the actuator may leave unanswered before the run is given up.
const MOST_UNANSWERED: u32 = 10;
/// Name of the actuator the programme drives.
const VALVE: &str = "outlet_valve";

impl RunEngine {
    /// Notes whether the valve has answered a demand.
    pub(super) fn note_writes(&mut self, page: &Page) {
        let Some(channels) = self.channels() else {
            return;
        };
        let polls: Vec<u16> = channels
            .actuators
            .iter()
            .filter(|a| a.name == VALVE)
            .map(|a| a.poll)
            .collect();
        for Exchange(poll, _, _, quality, _) in &page.exchanges {
            if !polls.contains(poll) {
                continue;
            }
            match quality {
                Quality::Good => (self.unanswered, self.lost) = (None, 0),
                failed => {
                    self.unanswered = Some(failed.text());
                    self.lost += 1;
                }
            }
        }
    }

    /// Sends the valve to where the current target should be.
    pub(super) fn aim(&mut self, out: &mut Vec<Document>) {
        let target = self.target();
        let first = self.index == 0 && self.attempt == 1;
        self.position = if first && self.setup.order.specimen.kind.starts_open() {
            1.0
        } else {
            self.valve.position_for(target, self.setup.flow_m3_s)
        };
        self.command(0, out);
    }

    fn command(&mut self, moves: u32, out: &mut Vec<Document>) {
        let litres = self.target() * 3600.0;
        let mut reason = Bilingual::new(
            format!("第 {} 点，目标流量 {litres:.2} m³/h", self.index + 1),
            format!("point {}, target flow {litres:.2} m³/h", self.index + 1),
        );
        if self.more {
            reason = joined(&[more_points(), reason]);
        }
        self.demand(moves, reason, out);
    }

    /// The last demand did not arrive: the same once more, or the end.
    fn demand_again(
        &mut self,
        moves: u32,
        cause: &Bilingual,
        out: &mut Vec<Document>,
    ) -> Result<(), Error> {
        if self.lost >= MOST_UNANSWERED {
            let reason = Bilingual::new(
                format!("阀门连续 {} 次没有应答：{}", self.lost, cause.zh),
                format!(
                    "the valve left {} demands unanswered: {}",
                    self.lost, cause.en
                ),
            );
            return self.close(Outcome::StoppedByInterlock, Some(reason), out);
        }
        let reason = Bilingual::new(
            format!("阀门没有应答（{}），再次发送", cause.zh),
            format!("the valve did not answer ({}): sent again", cause.en),
        );
        // It was no move of the valve.
        self.demand(moves.saturating_sub(1), reason, out);
        Ok(())
    }

    fn demand(&mut self, moves: u32, reason: Bilingual, out: &mut Vec<Document>) {
        // Sets belong together at one position of the valve only.
        self.sets.clear();
        out.push(Document::Command(Command {
            t_ns: self.now_ns,
            actuator: VALVE.into(),
            value: self.position,
            reason,
        }));
        let way = self
            .demanded
            .map_or(1.0, |before| (self.position - before).abs());
        self.demanded = Some(self.position);
        let settle_s = self
            .channels()
            .map_or(0.0, |channels| self.settle_s(channels));
        self.phase = Phase::Settling {
            since_ns: self.now_ns,
            wait_s: settle_s + way * self.tuning().travel_s,
            moves: moves + 1,
        };
        self.waiting_for = Some(Bilingual::new(
            "等待流量稳定",
            "waiting for the flow to settle",
        ));
    }

    /// The flow has had its time to settle: near enough, or another move?
    pub(super) fn settled(&mut self, moves: u32, out: &mut Vec<Document>) -> Result<(), Error> {
        // A flow that belongs to another position must teach the valve map nothing.
        if let Some(cause) = self.unanswered.take() {
            return self.demand_again(moves, &cause, out);
        }
        let tuning = self.tuning();
        let from_ns = self.now_ns - nanoseconds((tuning.settle_s / 2.0).min(3.0));
        let Some(flow) = self.recent_mean(Role::Flow, from_ns) else {
            return Ok(());
        };
        self.valve.learn(self.position, flow.max(0.0));
        let target = self.target();
        let off = (flow - target).abs() > tuning.flow_tolerance * self.setup.flow_m3_s;
        if off && moves < tuning.moves {
            let before = self.position;
            self.position = self.valve.position_for(target, self.setup.flow_m3_s);
            if self.position != before {
                self.command(moves, out);
                return Ok(());
            }
        }
        if let Some(watch) = &mut self.watch {
            watch.begin_set();
        }
        self.phase = Phase::Measuring {
            since_ns: self.now_ns,
        };
        Ok(())
    }
}
