//! Zeros of the instruments: taken before the programme, held against behind it.

use super::{Phase, RunEngine, joined};
use crate::assess::ZeroCheck;
use crate::watch::nanoseconds;
use crate::{Error, watch::Watch};
use dutypoint_model::document::{Document, ZeroReading};
use dutypoint_model::{Bilingual, Outcome};

impl RunEngine {
    /// What the channels whose zero is held show now, as the means of the last averaging
    /// window: what an act `zero` records.
    ///
    /// # Errors
    /// That the run waits for no zero, or channels with too few readings in that window, in words.
    pub fn zero_readings(&self) -> Result<Vec<ZeroReading>, Bilingual> {
        if !self.waits_for_zero() {
            return Err(Bilingual::new(
                "试验此时不取零点：只在开始前和最后一个测点之后",
                "the run takes no zero now: only before its programme and behind its last point",
            ));
        }
        let window_s = self.window_s().map_err(|error| {
            let text = error.to_string();
            Bilingual::new(text.clone(), text)
        })?;
        let from_ns = self.now_ns - nanoseconds(window_s);
        let Some(watch) = &self.watch else {
            return Err(Bilingual::new("尚无读数", "there are no readings yet"));
        };
        watch.zero_means(from_ns)
    }

    /// Whether the run waits for a person to take the zero.
    #[must_use]
    pub fn waits_for_zero(&self) -> bool {
        match self.phase {
            Phase::Prepared { .. } => self.watch.as_ref().is_some_and(Watch::lacks_zero),
            Phase::Closing { .. } => true,
            _ => false,
        }
    }

    pub(super) fn zero(
        &mut self,
        zeros: &[ZeroReading],
        out: &mut Vec<Document>,
    ) -> Result<(), Error> {
        let Some(watch) = &mut self.watch else {
            return Ok(());
        };
        match self.phase {
            Phase::Prepared { .. } => {
                watch.set_zeros(zeros);
                self.advance(out)
            }
            Phase::Closing { .. } => {
                for check in &mut self.zeros {
                    let found = zeros.iter().find(|z| z.channel == check.channel);
                    check.after = found.map(|z| z.value).or(check.after);
                }
                if self.zeros.iter().all(|check| check.after.is_some()) {
                    return self.close(Outcome::Completed, None, out);
                }
                Ok(())
            }
            // A zero while the pump runs is none: the act stands in the journal, and no more.
            _ => Ok(()),
        }
    }

    /// Behind the last point: the end, or the wait for the zeros.
    pub(super) fn finish(&mut self, out: &mut Vec<Document>) -> Result<(), Error> {
        let taken = self.watch.as_ref().map(Watch::zeros).unwrap_or_default();
        if taken.is_empty() {
            return self.close(Outcome::Completed, None, out);
        }
        let check = |(channel, before)| ZeroCheck {
            channel,
            before,
            after: None,
        };
        self.zeros = taken.into_iter().map(check).collect();
        self.phase = Phase::Closing {
            since_ns: self.now_ns,
        };
        self.waiting_for = Some(joined(&[Bilingual::new(
            "测点已完成：停泵后检查零点",
            "the points are taken: stop the pump and check the zero",
        )]));
        Ok(())
    }
}
