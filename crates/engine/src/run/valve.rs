//! Where the programme sends the valve.

use super::{Phase, RunEngine, joined};
use crate::Error;
use crate::assess::more_points;
use crate::watch::nanoseconds;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{Command, Document, Role};

/// Name of the actuator the programme drives.
pub(super) const VALVE: &str = "outlet_valve";

impl RunEngine {
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

    fn demand(&mut self, moves: u32, reason: Bilingual, out: &mut Vec<Document>) {
        // Sets belong together at one position of the valve only.
        self.sets.clear();
        let (now_ns, wanted, from) = (self.now_ns, self.position, self.demanded.unwrap_or(0.0));
        let mut waiting = Bilingual::new("等待流量稳定", "waiting for the flow to settle");
        let mut way_s = 0.0;
        match self.valve_drive() {
            Some(drive) => {
                let [low, high] = drive.range();
                way_s = drive.way_s(from, wanted);
                // The point is taken as near as the valve may go, and that it may not go
                // further is on record.
                if let Err(effect) = drive.send(now_ns, wanted, false, reason.clone()) {
                    out.push(Document::Effect(effect));
                    let _ = drive.send(now_ns, wanted.clamp(low, high), false, reason);
                }
            }
            // Nothing drives it: it is told to the person at the hand wheel.
            None => {
                waiting = Bilingual::new(
                    format!("手动将出口阀调到约 {:.0} %，等待流量稳定", wanted * 100.0),
                    format!(
                        "set the outlet valve to about {:.0} % by hand; waiting for the flow to settle",
                        wanted * 100.0
                    ),
                );
                out.push(Document::Command(Command {
                    t_ns: now_ns,
                    actuator: VALVE.into(),
                    value: wanted,
                    reason,
                }));
            }
        }
        let way = self
            .demanded
            .map_or(1.0, |before| (self.position - before).abs());
        self.demanded = Some(self.position);
        self.by_hand = false;
        let settle_s = self
            .channels()
            .map_or(0.0, |channels| self.settle_s(channels));
        self.phase = Phase::Settling {
            since_ns: self.now_ns,
            wait_s: settle_s + (way * self.tuning().travel_s).max(way_s),
            moves: moves + 1,
        };
        self.waiting_for = Some(waiting);
    }

    /// The flow has had its time to settle: near enough, or another move?
    pub(super) fn settled(&mut self, moves: u32, out: &mut Vec<Document>) -> Result<(), Error> {
        // A flow that belongs to another position must teach the valve map nothing.
        if self.valve_drive().is_some_and(|drive| drive.is_busy()) {
            return Ok(());
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
