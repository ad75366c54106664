//! How a run ended, and what the evidence shows: never one for the other.

use crate::Bilingual;
use serde::{Deserialize, Serialize};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The programme ran to its end.
    Completed,
    /// A person stopped the run.
    StoppedByOperator,
    /// A limit of the bench stopped the run.
    StoppedByInterlock,
    /// The recorder died or lost power; written by recovery.
    Interrupted,
    /// The run could not begin: an instrument or line was missing.
    FailedToStart,
}

impl Outcome {
    /// The outcome in words.
    #[must_use]
    pub fn text(self) -> Bilingual {
        match self {
            Self::Completed => Bilingual::new("试验完成", "completed"),
            Self::StoppedByOperator => Bilingual::new("操作员中止", "stopped by operator"),
            Self::StoppedByInterlock => Bilingual::new("联锁中止", "stopped by interlock"),
            Self::Interrupted => Bilingual::new("记录中断", "interrupted"),
            Self::FailedToStart => Bilingual::new("未能开始", "failed to start"),
        }
    }
}

/// What the evidence shows about one requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The requirement could not be judged; the finding says why.
    NotEvaluated,
    /// The requirement is met.
    Pass,
    /// The evidence does not decide; never printed as a pass.
    Inconclusive,
    /// The requirement is not met.
    Fail,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub fn text(self) -> Bilingual {
        match self {
            Self::NotEvaluated => Bilingual::new("不作评价", "Not evaluated"),
            Self::Pass => Bilingual::new("合格", "Pass"),
            Self::Inconclusive => Bilingual::new("不确定", "Inconclusive"),
            Self::Fail => Bilingual::new("不合格", "Fail"),
        }
    }

    /// The verdict on all of `verdicts` together: one failure fails, then doubt, then
    /// a requirement not evaluated; a pass needs every one to pass.
    #[must_use]
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        let mut worst = None;
        for verdict in verdicts {
            let rank = |v: Self| match v {
                Self::Pass => 0,
                Self::NotEvaluated => 1,
                Self::Inconclusive => 2,
                Self::Fail => 3,
            };
            worst = match worst {
                Some(w) if rank(w) >= rank(verdict) => Some(w),
                _ => Some(verdict),
            };
        }
        worst.unwrap_or(Self::NotEvaluated)
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, Fail, Inconclusive, NotEvaluated, Pass};

    #[test]
    fn nothing_judged_is_not_a_pass_and_one_failure_fails() {
        assert_eq!(Verdict::all([]), NotEvaluated);
        assert_eq!(Verdict::all([Pass, Pass]), Pass);
        assert_eq!(Verdict::all([Pass, NotEvaluated]), NotEvaluated);
        assert_eq!(
            Verdict::all([NotEvaluated, Inconclusive, Pass]),
            Inconclusive
        );
        assert_eq!(Verdict::all([Fail, Inconclusive]), Fail);
    }
}
