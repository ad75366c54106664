//! What the wall clock and a sleep of the computer do to a run.

use super::{Phase, RunEngine};
use crate::Error;
use crate::watch::seconds;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{ClockStatus, Document, Gap};

impl RunEngine {
    /// A wall clock that was set, or a computer that slept, is a gap with its cause: no set of
    /// readings reaches across it.
    pub(super) fn clock(
        &mut self,
        clock: &ClockStatus,
        out: &mut Vec<Document>,
    ) -> Result<(), Error> {
        self.now_ns = self.now_ns.max(clock.t_ns);
        let cause = match (clock.slept_ns, clock.stepped_ns) {
            (Some(slept), _) => {
                let s = seconds(slept);
                Bilingual::new(
                    format!("计算机休眠 {s:.1} s"),
                    format!("the computer slept for {s:.1} s"),
                )
            }
            (None, Some(stepped)) => {
                let s = seconds(stepped);
                Bilingual::new(
                    format!("系统时钟被拨动 {s:+.3} s；试验时间按单调时钟连续计"),
                    format!(
                        "the wall clock was set by {s:+.3} s; bench time keeps to the monotonic clock"
                    ),
                )
            }
            (None, None) => return self.advance(out),
        };
        let from_ns = clock.since_ns.min(clock.t_ns);
        if let Some(watch) = self.watch.as_mut().filter(|_| clock.slept_ns.is_some()) {
            // What was silent before has its own gap until then.
            let before = watch.slept(from_ns, clock.t_ns);
            self.gaps += u64::try_from(before.len()).unwrap_or(u64::MAX);
            out.extend(before.into_iter().map(Document::Gap));
        }
        self.gaps += 1;
        out.push(Document::Gap(Gap {
            from_ns,
            to_ns: clock.t_ns,
            poll: None,
            cause,
        }));
        let moves = match self.phase {
            Phase::Settling { moves, .. } => moves,
            Phase::Measuring { .. } => self.tuning().moves,
            _ => return self.advance(out),
        };
        let channels = self.channels().cloned().unwrap_or_default();
        self.phase = Phase::Settling {
            since_ns: self.now_ns,
            wait_s: self.settle_s(&channels),
            moves,
        };
        self.advance(out)
    }
}
