//! What a running test shows to people: numbers with age and quality, what stands still
//! and what does not. Derived from the same inputs as the record, and part of none.

use crate::assess::{Seen, supply};
use crate::look::{Look, look};
use crate::watch::{nanoseconds, seconds};
use crate::{Method, RunEngine};
use dutypoint_model::document::{ActCommand, Reduced, Role, Steadiness};
use dutypoint_model::{Bilingual, Verdict};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a run stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LivePhase {
    /// Not begun.
    Prepared,
    /// Valve moved, flow not at rest.
    Settling,
    /// Waiting for a steady window.
    Measuring,
    /// Point taken, not yet durable.
    Reviewing,
    /// A needed instrument is silent.
    Held,
    /// Over.
    Closed,
}

/// What the live view shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// Bench time.
    pub t_ns: i64,
    /// Where the run stands.
    pub phase: LivePhase,
    /// Number of the current point, from one.
    pub point: usize,
    /// Points of the programme.
    pub points: usize,
    /// Flow aimed at, m³/s.
    pub target_flow_m3_s: f64,
    /// What the run waits for; names the channel and the reason.
    pub waiting_for: Option<Bilingual>,
    /// What only a person can do for it to go on.
    pub needs: Vec<ActCommand>,
    /// Latest value per role, in internal units.
    pub values: BTreeMap<Role, f64>,
}

/// How far the last reading of a channel can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LiveQuality {
    /// The last answer held a value.
    Good,
    /// The last request brought no value, or the instrument answers and says it has none.
    Bad,
    /// Neither value nor answer for longer than the bench's gap.
    Silent,
    /// No value since the run began.
    Never,
}

/// One channel as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveChannel {
    /// Name.
    pub name: String,
    /// Tag of its instrument.
    pub tag: String,
    /// What it is used for.
    pub role: Role,
    /// Last good value, in the internal unit.
    pub value: Option<f64>,
    /// Bench time of the last good value.
    pub t_ns: Option<i64>,
    /// How far it can be believed.
    pub quality: LiveQuality,
    /// Why there is no good value.
    pub why: Option<Bilingual>,
    /// Whether it stands still over the averaging window; none for what the standard
    /// does not limit, and until the window holds enough readings.
    pub steadiness: Option<Steadiness>,
}

/// Every channel, and what they amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveChannels {
    /// The channels in the order of the bench.
    pub channels: Vec<LiveChannel>,
    /// The first channel that is not steady, in words.
    pub unsteady: Option<Bilingual>,
    /// Pump quantities from the last values, however old; none before each has come once.
    /// As good as the channels they come from.
    pub now: Option<Reduced>,
    /// Conditions of the test that are not met now: as things stand, nothing will be judged.
    pub alarms: Vec<Bilingual>,
}

impl RunEngine {
    /// Every channel with value, age, quality and steadiness over the last averaging
    /// window, as of `now_ns` or the last input, whichever is later: where no input comes
    /// any more, time goes on and the channels fall silent. Costs a pass over the window:
    /// for whoever looks, not for every input.
    #[must_use]
    pub fn live_channels(&self, now_ns: i64) -> LiveChannels {
        let Some(watch) = self.watch() else {
            return LiveChannels::default();
        };
        let now_ns = now_ns.max(self.now_ns());
        let window_s = self.window_s().unwrap_or_default();
        let from_ns = now_ns.saturating_sub(nanoseconds(window_s));
        let seen = look(self.setup(), watch, from_ns).unwrap_or_else(|error| Look {
            unsteady: Some(Bilingual::new(
                format!("无法判断稳定性：{error}"),
                format!("steadiness cannot be judged: {error}"),
            )),
            ..Look::default()
        });
        let channels = watch
            .states(now_ns)
            .map(|state| LiveChannel {
                name: state.channel.name.clone(),
                tag: state.channel.instrument.tag.clone(),
                role: state.channel.role,
                value: state.last.map(|(_, value)| value),
                t_ns: state.last.map(|(t_ns, _)| t_ns),
                quality: state.quality,
                why: state.why,
                steadiness: seen
                    .steadiness
                    .iter()
                    .find(|s| s.channel == state.channel.name)
                    .cloned(),
            })
            .collect();
        let now = match &self.setup().method {
            Method::Submersible(method) => method.reduce(&watch.last()).ok(),
            Method::Imported(_) => None,
        };
        // The same rule that bars the judgement afterwards.
        let alarms = now
            .iter()
            .filter_map(|now| {
                let last = watch.states(now_ns);
                let means = last.filter_map(|s| Some((s.channel, s.last?.1))).collect();
                supply(self.setup(), &[Seen::now(now, means)]).ok()
            })
            .flatten()
            .filter(|finding| finding.verdict != Verdict::Pass)
            .filter_map(|finding| finding.reason)
            .collect();
        LiveChannels {
            channels,
            unsteady: seen.unsteady,
            now,
            alarms,
        }
    }

    /// Seconds of the averaging window; zero where the pack states none.
    #[must_use]
    pub fn averaging_window_s(&self) -> f64 {
        self.window_s().unwrap_or_default()
    }

    /// Flows of the programme, m³/s.
    #[must_use]
    pub fn targets_m3_s(&self) -> Vec<f64> {
        let rated = self.setup().flow_m3_s;
        self.flows().iter().map(|share| share * rated).collect()
    }
}

impl LiveChannel {
    /// Age of the value at `now_ns`, seconds of the bench clock.
    #[must_use]
    pub fn age_s(&self, now_ns: i64) -> Option<f64> {
        self.t_ns.map(|t_ns| seconds(now_ns.saturating_sub(t_ns)))
    }
}
