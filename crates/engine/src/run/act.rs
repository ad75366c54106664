//! What a person, or the station in their stead, does to a run.

use super::{Phase, RunEngine};
use crate::Error;
use dutypoint_model::document::{Act, ActCommand, Document, Gap};
use dutypoint_model::{Bilingual, Outcome};

impl RunEngine {
    pub(super) fn act(&mut self, act: &Act, out: &mut Vec<Document>) -> Result<(), Error> {
        let before_ns = self.now_ns;
        self.now_ns = self.now_ns.max(act.t_ns);
        match act.command {
            ActCommand::Begin => {
                if let Phase::Prepared { begun, .. } = &mut self.phase {
                    *begun = true;
                }
                Ok(())
            }
            ActCommand::Zero => self.zero(&act.zeros, out),
            ActCommand::Enter => {
                if let Some(entry) = &act.entry {
                    self.enter(&act.who, entry);
                }
                self.advance(out)
            }
            ActCommand::Arm
            | ActCommand::Disarm
            | ActCommand::Move
            | ActCommand::Safe
            | ActCommand::Resume => {
                // What follows from it follows with the next page: before the first one an act
                // must not find every instrument silent.
                self.order(act, out);
                Ok(())
            }
            // The detail is an error's text, which is English.
            ActCommand::Refuse => self.close(
                Outcome::FailedToStart,
                Some(Bilingual::new(
                    format!("试验未能开始：{}", act.reason),
                    format!("the run could not begin: {}", act.reason),
                )),
                out,
            ),
            ActCommand::Stop => self.close(
                Outcome::StoppedByOperator,
                Some(Bilingual::new(
                    format!("{}：{}", act.who, act.reason),
                    format!("{}: {}", act.who, act.reason),
                )),
                out,
            ),
            ActCommand::Interrupt => {
                self.gaps += 1;
                out.push(Document::Gap(Gap {
                    from_ns: before_ns,
                    to_ns: self.now_ns,
                    poll: None,
                    cause: Bilingual::new(
                        format!("记录程序中断：{}", act.reason),
                        format!("the recorder was interrupted: {}", act.reason),
                    ),
                }));
                self.close(
                    Outcome::Interrupted,
                    Some(Bilingual::new(
                        format!("记录程序中断：{}", act.reason),
                        format!("the recorder was interrupted: {}", act.reason),
                    )),
                    out,
                )
            }
        }
    }
}
