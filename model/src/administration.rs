//! What admins look after: what waits for them, what they find, and the log of what is done to others.

use crate::{
    Cursor, EventId, ItemId, Kind, MarketId, MemberId, OrderNumber, OrderState, PartyId, PartyState, PaymentId,
    PictureId, Role, Time,
};
use serde::{Deserialize, Serialize};

/// Declares what is done to others, with the name that the log knows it by.
macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal;)+) => {
        /// What an admin, or a creator, does to somebody else or to what is theirs. Each is a row of the audit log.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum AuditAction {
            $($(#[$doc])* $action,)+
        }

        impl AuditAction {
            /// In the order of menus.
            pub const ALL: &[AuditAction] = &[$(AuditAction::$action),+];

            /// The name in the database and in addresses.
            pub fn name(self) -> &'static str {
                match self {
                    $(AuditAction::$action => $name,)+
                }
            }

            /// The action of that name.
            pub fn named(name: &str) -> Option<AuditAction> {
                AuditAction::ALL.iter().copied().find(|action| action.name() == name)
            }
        }
    };
}

actions! {
    /// A member may only read what is theirs.
    Suspend = "suspend";
    /// They may act again.
    Restore = "restore";
    /// They were told to stop something.
    Warn = "warn";
    /// Their picture was taken away.
    RemovePicture = "remove_picture";
    /// They look after the site.
    MakeAdmin = "make_admin";
    /// They do so no longer.
    RemoveAdmin = "remove_admin";
    /// A link was made that makes an admin of whoever opens it.
    MakeAdminLink = "make_admin_link";
    /// A link was made by which a member sets another password.
    MakePasswordLink = "make_password_link";
    /// An admin looked at what is known of a member.
    LookAtMember = "look_at_member";
    /// An admin looked at an order, with where it goes.
    LookAtOrder = "look_at_order";
    /// An admin read what was said in a party.
    LookAtParty = "look_at_party";
    /// A creator took a table of who entered or bought along, with where things go.
    ExportPeople = "export_people";
    /// An event was called off.
    CallOff = "call_off";
    /// An event was stopped for a while.
    SuspendEvent = "suspend_event";
    /// It goes on.
    ReadmitEvent = "readmit_event";
    /// An entry was taken out of an event.
    Disqualify = "disqualify";
    /// A creator marked a prize as sent: where it went is erased thirty days later.
    SendPrize = "send_prize";
    /// What was paid for an order goes back.
    Refund = "refund";
    /// A party was called off.
    CancelParty = "cancel_party";
    /// A penalty was taken back.
    GrantAppeal = "grant_appeal";
    /// It stays.
    RefuseAppeal = "refuse_appeal";
    /// A line of chat was hidden.
    HideLine = "hide_line";
    /// A member may not speak in an event's room.
    Mute = "mute";
    /// They may again.
    Unmute = "unmute";
    /// What was reported is harmless.
    Dismiss = "dismiss";
    /// A review was hidden.
    HideReview = "hide_review";
    /// It is shown again.
    RestoreReview = "restore_review";
    /// A market is written otherwise.
    CorrectMarket = "correct_market";
    /// Two markets are one.
    MergeMarket = "merge_market";
    /// Nobody finds a market any more.
    HideMarket = "hide_market";
    /// It is found again.
    ShowMarket = "show_market";
    /// An item is written otherwise.
    CorrectItem = "correct_item";
    /// A list of markets or items was taken.
    ImportList = "import_list";
    /// A job was run before its time.
    RunJob = "run_job";
    /// A seller called off orders that were not sent: one, or all of a sale.
    CallOffOrders = "call_off_orders";
    /// A seller said that something may not be sent back.
    RefuseReturn = "refuse_return";
    /// A seller was paid what was left of a month.
    PayOut = "pay_out";
}

/// How long rows of the audit log are kept.
pub const AUDIT_KEPT_DAYS: i64 = 730;

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// When.
    pub at: Time,
    /// Who did it; `None` where the program did, such as by a command.
    pub by: Option<MemberId>,
    /// Their nickname, while they have an account.
    pub by_name: Option<String>,
    /// From what sort of browser, as [`crate::devices::device_name`] has it.
    pub device: String,
    /// What; `None` for what a newer program wrote.
    pub action: Option<AuditAction>,
    /// To whom.
    pub member: Option<MemberId>,
    /// Their nickname, while they have an account.
    pub member_name: Option<String>,
    /// To which event, and its title.
    pub event: Option<(EventId, String)>,
    /// To which party.
    pub party: Option<PartyId>,
    /// To which market.
    pub market: Option<MarketId>,
    /// To which item.
    pub item: Option<ItemId>,
    /// What else it is called: an order's number, a job.
    pub named: String,
    /// Why.
    pub reason: String,
}

/// Which rows of the audit log are wanted, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    /// Of whoever did it.
    pub by: Option<MemberId>,
    /// Of whoever it was done to.
    pub member: Option<MemberId>,
    /// What.
    pub action: Option<AuditAction>,
    /// From where the list goes on.
    pub before: Option<Cursor>,
}

/// What waits for an admin, each counted as far as [`Waiting::MOST`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Lines of chat that were reported.
    pub lines: u64,
    /// Reviews that were reported.
    pub reviews: u64,
    /// Appeals that nobody decided.
    pub appeals: u64,
    /// Money that is owed and did not arrive within an hour.
    pub refunds: u64,
    /// Jobs whose last run failed.
    pub jobs: u64,
    /// What is to be told and was not within five minutes.
    pub triggers: u64,
    /// Members who are suspended.
    pub suspended: u64,
    /// Admins who may act.
    pub admins: u64,
    /// Whether the database can be written to.
    pub writable: bool,
    /// An essential task of this node that is dead.
    pub dead_task: Option<String>,
    /// The tasks of this node that run.
    pub tasks: u64,
}

impl Waiting {
    /// No more are counted.
    pub const MOST: u64 = 1_000;
}

/// Which members are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembersShown {
    /// Everybody.
    #[default]
    All,
    /// Who is suspended.
    Suspended,
    /// Who looks after the site.
    Admins,
}

impl MembersShown {
    /// In the order of the tabs.
    pub const ALL: [MembersShown; 3] = [MembersShown::All, MembersShown::Suspended, MembersShown::Admins];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            MembersShown::All => "all",
            MembersShown::Suspended => "suspended",
            MembersShown::Admins => "admins",
        }
    }

    /// Those of that name; everybody for any other.
    pub fn named(name: &str) -> MembersShown {
        MembersShown::ALL.into_iter().find(|shown| shown.name() == name).unwrap_or_default()
    }
}

/// Which members are looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersQuery {
    /// Of these.
    pub show: MembersShown,
    /// A nickname or how one begins, a whole email, a whole phone number, or an id; everybody when empty.
    pub find: String,
    /// From where the list goes on.
    pub before: Option<Cursor>,
}

/// A member in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLine {
    /// Which account.
    pub id: MemberId,
    /// Their nickname.
    pub nickname: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have a creator profile.
    pub creator: bool,
    /// Since when they are suspended.
    pub suspended_at: Option<Time>,
    /// When that ends by itself.
    pub suspended_until: Option<Time>,
    /// When they signed up.
    pub created_at: Time,
}

/// What an admin is shown of a member, which is noted in the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDetails {
    /// As in lists.
    pub line: MemberLine,
    /// Their picture, also while others are not shown it.
    pub picture: Option<PictureId>,
    /// Their email.
    pub email: String,
    /// The last digits of the phone that they confirmed.
    pub phone_ending: Option<String>,
    /// On how many devices they are signed in.
    pub devices: u64,
    /// How many events they entered.
    pub entries: u64,
    /// Penalties that count.
    pub penalties: u64,
    /// Their newest orders.
    pub orders: Vec<OrderRow>,
    /// Their newest events.
    pub events: Vec<EventRow>,
    /// The parties that they had to do with last.
    pub parties: Vec<PartyRow>,
    /// What was done to them, newest first.
    pub audit: Vec<AuditLine>,
    /// Whether it is the admin who looks.
    pub own: bool,
    /// Whether nobody would be left who looks after the site without them.
    pub last_admin: bool,
}

/// Whether a link to set another password comes from an admin: where the site sends no mail, or somebody signed up without an email (what
/// stands there begins with `@`). Never to an admin: whoever opens it becomes them, and that is for whoever runs the site to give.
pub fn by_admin(role: Role, email: &str, sends_mail: bool) -> bool {
    role != Role::Admin && (!sends_mail || email.starts_with('@'))
}

/// Where an event stands, as far as its times say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStage {
    /// Not published.
    Draft,
    /// Still to open.
    Coming,
    /// Open.
    Open,
    /// Closed, with something left to do.
    Closed,
    /// Nothing is left to do.
    Settled,
    /// Called off.
    Cancelled,
}

/// The times of an event by which its stage is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventTimes {
    /// When it was published.
    pub published_at: Option<Time>,
    /// When it was called off.
    pub cancelled_at: Option<Time>,
    /// When nothing was left to do.
    pub settled_at: Option<Time>,
    /// When it opens.
    pub opens_at: Time,
    /// When it closes.
    pub closes_at: Time,
}

impl EventTimes {
    /// Where the event stands at a time.
    pub fn stage(&self, now: Time) -> EventStage {
        match self {
            EventTimes { cancelled_at: Some(_), .. } => EventStage::Cancelled,
            EventTimes { settled_at: Some(_), .. } => EventStage::Settled,
            EventTimes { published_at: None, .. } => EventStage::Draft,
            _ if now < self.opens_at => EventStage::Coming,
            _ if now < self.closes_at => EventStage::Open,
            _ => EventStage::Closed,
        }
    }
}

impl EventStage {
    /// Whether an admin may still call it off.
    pub fn can_be_called_off(self) -> bool {
        !matches!(self, EventStage::Settled | EventStage::Cancelled)
    }

    /// Whether an admin may stop it for a while: everybody sees it, and something is left to do.
    pub fn can_be_suspended(self) -> bool {
        matches!(self, EventStage::Coming | EventStage::Open | EventStage::Closed)
    }
}

/// An event in an admin's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Which.
    pub id: EventId,
    /// Its title.
    pub title: String,
    /// Of what kind.
    pub kind: Kind,
    /// Whose.
    pub creator: MemberId,
    /// Their nickname.
    pub creator_name: String,
    /// When it opens.
    pub opens_at: Time,
    /// How many entered.
    pub total: u64,
    /// Where it stands.
    pub stage: EventStage,
    /// Why it was called off.
    pub reason: Option<String>,
    /// Why it is stopped, while it is.
    pub suspension: Option<String>,
}

/// Which events, or parties, are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// All, made last first.
    #[default]
    All,
    /// Those that are not over, what ends next first.
    Live,
    /// Those that were called off, last first.
    Cancelled,
}

impl Listed {
    /// In the order of the tabs.
    pub const ALL: [Listed; 3] = [Listed::All, Listed::Live, Listed::Cancelled];

    /// The name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Listed::All => "all",
            Listed::Live => "live",
            Listed::Cancelled => "cancelled",
        }
    }

    /// Those of that name; all for any other.
    pub fn named(name: &str) -> Listed {
        Listed::ALL.into_iter().find(|listed| listed.name() == name).unwrap_or_default()
    }
}

/// A party in an admin's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyRow {
    /// Which.
    pub id: PartyId,
    /// What is bought.
    pub item: String,
    /// Where.
    pub market: String,
    /// Who leads it.
    pub leader: MemberId,
    /// Their nickname.
    pub leader_name: String,
    /// When they meet.
    pub meets_from: Time,
    /// Where it stands.
    pub state: PartyState,
    /// Whether it can be called off: until its meeting begins.
    pub to_come: bool,
    /// Shares that are taken, and all of them.
    pub shares: (u64, u64),
    /// Why it was called off.
    pub reason: String,
}

/// An order in an admin's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// Its number, once it has one.
    pub number: Option<OrderNumber>,
    /// Of which event.
    pub event: EventId,
    /// Its title.
    pub title: String,
    /// How many.
    pub units: u64,
    /// For how much, in whole won.
    pub amount: i64,
    /// Where it stands.
    pub state: OrderState,
    /// When it was made.
    pub at: Time,
}

/// Money that is owed and did not arrive for long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRow {
    /// The payment that it is of.
    pub payment: PaymentId,
    /// The order that was paid for, if it was one.
    pub order: Option<OrderNumber>,
    /// What was paid for.
    pub title: String,
    /// Who is to give it back.
    pub provider: String,
    /// Whole won.
    pub amount: i64,
    /// Since when.
    pub owed_at: Time,
}

/// An order as an admin sees it, which is noted in the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderDetails {
    /// As its buyer sees it.
    pub order: crate::sales::OrderView,
    /// Who buys.
    pub buyer: MemberId,
    /// Their nickname, while they have an account.
    pub buyer_name: Option<String>,
    /// Whether there is something that an admin can give back.
    pub refundable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: HashSet<_> = AuditAction::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), AuditAction::ALL.len());
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::named(action.name()), Some(*action));
            assert_eq!(serde_json::to_string(action).unwrap(), format!("{:?}", action.name()));
        }
        assert_eq!(AuditAction::named("of a newer program"), None);
    }

    #[test]
    fn lists_are_found_by_their_names() {
        for shown in MembersShown::ALL {
            assert_eq!(MembersShown::named(shown.name()), shown);
        }
        for listed in Listed::ALL {
            assert_eq!(Listed::named(listed.name()), listed);
        }
        assert_eq!((MembersShown::named("mischief"), Listed::named("")), (MembersShown::All, Listed::All));
    }

    proptest! {
        #[test]
        fn an_event_stands_where_its_times_say(published: bool, cancelled: bool, settled: bool, now in 0i64..30) {
            let at = |is: bool| is.then_some(Time(1));
            let times = EventTimes {
                published_at: at(published),
                cancelled_at: at(cancelled),
                settled_at: at(settled),
                opens_at: Time(10),
                closes_at: Time(20),
            };
            let stage = times.stage(Time(now));
            prop_assert_eq!(stage == EventStage::Cancelled, cancelled);
            prop_assert_eq!(stage.can_be_called_off(), !cancelled && !settled);
            prop_assert_eq!(stage.can_be_suspended(), published && !cancelled && !settled);
            if published && !cancelled && !settled {
                let stands = if now < 10 { EventStage::Coming } else if now < 20 { EventStage::Open } else { EventStage::Closed };
                prop_assert_eq!(stage, stands);
            }
        }
    }
}
