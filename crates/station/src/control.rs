//! What a person orders of a run that is being recorded, and the answer.

use dutypoint_engine::Entered;
use dutypoint_model::Bilingual;
use dutypoint_model::document::{ActCommand, Demand, Entry};
use tokio::sync::oneshot;

/// What became of an order, once it is durable: of an entry whether it counts; why it was
/// refused, where it was.
pub type Reply = Result<Option<Entered>, Bilingual>;

/// An order of a person to the recorder of a run; it becomes an `Act`.
#[derive(Debug)]
pub struct Control {
    /// Who.
    pub who: String,
    /// Why.
    pub reason: String,
    /// What.
    pub command: ActCommand,
    /// Where an actuator shall go, for a move.
    pub demand: Option<Demand>,
    /// What was read off a dial, for an entry.
    pub entry: Option<Entry>,
    /// Where the answer goes; an order nobody waits for needs none.
    pub reply: Option<oneshot::Sender<Reply>>,
}

impl Control {
    /// `command` by `who` for `reason`, of which nobody waits for an answer.
    #[must_use]
    pub fn new(who: &str, reason: &str, command: ActCommand) -> Self {
        Self {
            who: who.to_owned(),
            reason: reason.to_owned(),
            command,
            demand: None,
            entry: None,
            reply: None,
        }
    }

    /// The end of the run, because the program ends.
    #[must_use]
    pub fn interrupt(reason: &str) -> Self {
        Self::new("station", reason, ActCommand::Interrupt)
    }

    /// The order, and where its answer comes.
    #[must_use]
    pub fn asked(mut self) -> (Self, oneshot::Receiver<Reply>) {
        let (reply, answer) = oneshot::channel();
        self.reply = Some(reply);
        (self, answer)
    }
}
