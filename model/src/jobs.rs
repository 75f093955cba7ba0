//! What happens by itself.

use crate::{Span, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Every job. Among nodes each is run by one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Projects the entries of a rush: writes where members find them, and claims of those who won.
    #[serde(rename = "follow")]
    Project,
    /// Passes on prizes whose holder let the deadline pass.
    Expire,
    /// Reminds winners whose form is due.
    Remind,
    /// Delivers to members what waits in the outbox.
    #[serde(rename = "tell")]
    Deliver,
    /// Sends notices on to browsers and by mail.
    Send,
    /// Sends letters about accounts: links to set another password.
    Letters,
    /// Settles closed events with nothing left to claim or to pass on.
    Settle,
    /// Erases what winners wrote when their prize was sent long enough ago.
    Erase,
    /// Deletes sessions that ended.
    Sessions,
    /// Forgets browsers that nobody signed in on for long.
    Devices,
    /// Goes on with payments and refunds that wait for something, and ends those that wait for too long.
    Payments,
    /// Numbers orders, ends those whose deadline passed, gives back what was called off.
    Sales,
    /// Ends bookings of hours that were not paid for in time.
    Slots,
    /// Ends parties that met long ago and of which nobody said what became.
    Parties,
    /// Reminds of what opens soon, and of holds that are about to end.
    Soon,
    /// Imports the public catalogue of items once a week, where one is configured.
    Items,
    /// Tells creators' own servers of their events.
    Webhooks,
}

impl Job {
    /// In the order of every list.
    pub const ALL: [Job; 17] = [
        Job::Project,
        Job::Expire,
        Job::Remind,
        Job::Deliver,
        Job::Send,
        Job::Letters,
        Job::Settle,
        Job::Erase,
        Job::Sessions,
        Job::Devices,
        Job::Payments,
        Job::Sales,
        Job::Slots,
        Job::Parties,
        Job::Soon,
        Job::Items,
        Job::Webhooks,
    ];

    /// Its name in the database, in addresses and metrics, and how often it runs.
    const fn listed(self) -> (&'static str, Duration) {
        match self {
            // This and `Deliver` are named as they were first called: nodes of before know no other name.
            Job::Project => ("follow", Duration::from_millis(500)),
            Job::Expire => ("expire", Duration::from_millis(500)),
            Job::Remind => ("remind", Duration::from_millis(500)),
            Job::Deliver => ("tell", Duration::from_millis(500)),
            Job::Send => ("send", Duration::from_secs(1)),
            Job::Letters => ("letters", Duration::from_secs(1)),
            Job::Settle => ("settle", Duration::from_secs(10)),
            Job::Erase => ("erase", Duration::from_secs(600)),
            Job::Sessions => ("sessions", Duration::from_secs(600)),
            Job::Devices => ("devices", Duration::from_secs(600)),
            Job::Payments => ("payments", Duration::from_secs(1)),
            Job::Sales => ("sales", Duration::from_millis(500)),
            Job::Slots => ("slots", Duration::from_secs(60)),
            Job::Parties => ("parties", Duration::from_secs(60)),
            Job::Soon => ("soon", Duration::from_secs(5)),
            // It looks so often whether the week's is due.
            Job::Items => ("items", Duration::from_secs(600)),
            Job::Webhooks => ("webhooks", Duration::from_secs(1)),
        }
    }

    /// Its name in the database, in addresses and metrics. A job that comes to mean something else gets another name with its
    /// version, such as `expire.2`: older nodes leave that to newer ones.
    pub const fn name(self) -> &'static str {
        self.listed().0
    }

    /// How often it runs.
    pub const fn every(self) -> Duration {
        self.listed().1
    }

    /// The job of a name.
    pub fn named(name: &str) -> Option<Job> {
        Job::ALL.into_iter().find(|job| job.name() == name)
    }
}

/// A job in the admin's table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobLine {
    /// Which.
    pub job: Job,
    /// Whether a node holds it at the moment: it runs, or will without asking again.
    pub held: bool,
    /// When anybody may run it, while nobody holds it.
    pub due_at: Time,
    /// When the last run began.
    pub started_at: Option<Time>,
    /// How long it took, when it ended.
    pub took: Option<Span>,
    /// Runs that failed since one succeeded.
    pub failures: u64,
    /// When a run failed last, and with what.
    pub failed: Option<(Time, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_databases_and_older_nodes_know() {
        let names = [
            "follow", "expire", "remind", "tell", "send", "letters", "settle", "erase", "sessions", "devices",
            "payments", "sales", "slots", "parties", "soon", "items", "webhooks",
        ];
        assert_eq!(Job::ALL.map(Job::name), names);
        for job in Job::ALL {
            assert_eq!(Job::named(job.name()), Some(job));
            assert_eq!(serde_json::to_string(&job).unwrap(), format!("{:?}", job.name()));
        }
    }
}
