//! Pages that show what several features keep: the home page, an event with its room, a creator with their events.

mod home;
mod listing;

pub use listing::{Listed, Listing};

use crate::{
    Error,
    accounts::{Accounts, Actor, CreatorProfile},
    addresses::Addresses,
    chat::Chat,
    clock::Clock,
    crowds::Crowds,
    db::Db,
    events::Events,
    giveaways::Giveaways,
    parties::Parties,
    reviews::Reviews,
    rooms::Rooms,
    sales::{Ready, Sales},
    sellers::Sellers,
    wishes::Wishes,
};
use model::{
    Came, Claim, CreatorView, Cursor, EntryState, EventId, EventView, Kind, MemberId, MyEntries, SaleRules,
    reviews::ReviewsBrief,
    sales::{MyOrders, SaleView},
    sellers::{Business, OrdersQuery, SaleCurves, SalesPage, SellerOrders},
};

/// Composes pages. Cheap to clone.
#[derive(Clone)]
pub struct Pages {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) accounts: Accounts,
    pub(crate) addresses: Addresses,
    pub(crate) events: Events,
    pub(crate) giveaways: Giveaways,
    pub(crate) chat: Chat,
    pub(crate) rooms: Rooms,
    pub(crate) sales: Sales,
    pub(crate) sellers: Sellers,
    pub(crate) parties: Parties,
    pub(crate) crowds: Crowds,
    pub(crate) wishes: Wishes,
    pub(crate) reviews: Reviews,
    pub(crate) public: home::Public,
}

/// An event with its room, and what its page says beside that.
#[derive(Debug)]
pub struct EventPage {
    /// The event with its room.
    pub view: EventView,
    /// How many wish for it, and whether the reader does.
    pub wishes: (u64, bool),
    /// What the reader has done beforehand, where there is still something to do.
    pub ready: Option<Ready>,
    /// Who sells it, where something is sold.
    pub business: Option<Business>,
    /// What is said of it by those who had it; where something is sold, from the opening on.
    pub reviews: Option<ReviewsBrief>,
}

impl Pages {
    /// A creator with what they published, as everybody sees them.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when the member is no creator; the database may fail.
    pub async fn creator(&self, creator: MemberId, cursor: Option<&Cursor>) -> Result<CreatorView, Error> {
        let profile = self.accounts.profile(creator).await?.ok_or(model::Error::NotFound)?;
        let events = self.events.published_by(creator, cursor).await?;
        let CreatorProfile { name, introduction, links } = profile;
        Ok(CreatorView { name, introduction, links, events, now: self.clock.now() })
    }

    /// A member's own entries, newest first: as they are listed, with those that are not listed yet.
    ///
    /// # Errors
    /// As [`Events::entries_of`].
    pub async fn my_entries(&self, actor: &Actor, came: Came, cursor: Option<&Cursor>) -> Result<MyEntries, Error> {
        let unlisted = self.giveaways.unlisted(actor.signed_in()?.member).await?;
        self.events.entries_of(actor, came, cursor, &unlisted).await
    }

    /// A member's own orders, newest first: of their listed entries, and of those that are not listed yet.
    ///
    /// # Errors
    /// As [`Sales::my_orders`].
    pub async fn my_orders(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<MyOrders, Error> {
        let unlisted = self.giveaways.unlisted(actor.signed_in()?.member).await?;
        self.sales.my_orders(actor, cursor, &unlisted).await
    }

    /// The reader's own entry of an event, with what they won, and who stands by while they do.
    ///
    /// # Errors
    /// Signed out; [`model::Error::NotFound`] when there is no such event, or it is another's draft; the database may fail.
    pub async fn result(&self, event: EventId, reader: &Actor) -> Result<(EventView, Option<Claim>), Error> {
        let mut view = self.events.view(event, reader).await?;
        if view.mine.is_some_and(|entry| entry.state == EntryState::Standby) {
            view.waitlist = self.giveaways.waitlist(event).await?;
        }
        Ok((view, self.giveaways.claim(reader, event).await?))
    }

    /// Where a member stands in a sale: what they chose, the line, what they have to pay.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; [`model::Error::NotFound`] where nothing is sold; the database may fail.
    pub async fn sale(&self, event: EventId, reader: &Actor) -> Result<SaleView, Error> {
        reader.signed_in()?;
        let view = self.events.view(event, reader).await?;
        let mut sale = self.sales.standing(reader, view.card, view.offer).await?;
        sale.business = self.sellers.business_of(view.host).await?;
        sale.addresses = self.addresses.book(reader).await?;
        Ok(sale)
    }

    /// The orders of a creator's own sale.
    ///
    /// # Errors
    /// As [`Sales::orders_of`].
    pub async fn seller_orders(
        &self,
        event: EventId,
        reader: &Actor,
        query: &OrdersQuery,
    ) -> Result<SellerOrders, Error> {
        reader.signed_in()?;
        let card = self.events.view(event, reader).await?.card;
        self.sales.seller_orders(reader, card, query).await
    }

    /// A creator's own sale over time.
    ///
    /// # Errors
    /// As [`Sales::curves`].
    pub async fn sale_curves(&self, event: EventId, reader: &Actor) -> Result<SaleCurves, Error> {
        reader.signed_in()?;
        let view = self.events.view(event, reader).await?;
        self.sales.curves(reader, view.card, &view.offer).await
    }

    /// What a creator sold: by month, and by sale from where a page goes on.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; [`model::Error::NotFound`] for a cursor of another list; the database's.
    pub async fn sales(&self, reader: &Actor, before: Option<&Cursor>) -> Result<SalesPage, Error> {
        let events = self.events.sold_by(reader, before).await?;
        self.sales.sales_page(reader, events).await
    }

    /// An event's page, as `reader` may see it: what does not follow from something else is read at the same time.
    ///
    /// # Errors
    /// As [`Pages::event`].
    pub async fn event_page(&self, event: EventId, reader: &Actor) -> Result<EventPage, Error> {
        // First whether there is one: nothing is read for ids that were made up.
        let view = self.events.view(event, reader).await?;
        let is_sold = view.card.kind != Kind::Giveaway;
        let (is_reviewed, host) = (view.may_be_reviewed(), view.host);
        let rules = SaleRules::of(&view.offer, view.card.moments.closes_at).filter(|_| view.can_prepare());
        let ready = async {
            match rules {
                Some(rules) => self.sales.readiness(reader, event, rules.limit).await,
                None => Ok(None),
            }
        };
        let business = async {
            match is_sold {
                true => self.sellers.business_of(host).await,
                false => Ok(None),
            }
        };
        let reviews = async {
            match is_reviewed {
                true => self.reviews.brief_of_event(reader, event).await.map(Some),
                false => Ok(None),
            }
        };
        let wishes = self.wishes.of_event(reader, event);
        let (mut view, wishes, ready, business, reviews) =
            tokio::try_join!(self.with_room(view), wishes, ready, business, reviews)?;
        view.prepared = !is_sold || ready.is_some_and(|ready| ready.is_complete(view.card.kind));
        Ok(EventPage { view, wishes, ready, business, reviews })
    }

    /// An event with its room, as `reader` may see it.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] when there is no such event, or it is another's draft; the database may fail.
    pub async fn event(&self, event: EventId, reader: &Actor) -> Result<EventView, Error> {
        self.with_room(self.events.view(event, reader).await?).await
    }

    /// An event with what is in its room.
    async fn with_room(&self, mut view: EventView) -> Result<EventView, Error> {
        let event = view.card.id;
        view.chat = self.chat.lines(event, None).await?;
        if let Some(entry) = view.mine {
            view.place = self.giveaways.place(event, entry).await?;
        }
        if view.card.moments.published_at.is_some() {
            match self.rooms.open(event).await {
                Ok(room) => {
                    let state = room.state();
                    (view.top, view.pulse) = (state.top.clone(), state.pulse.clone());
                    view.waitlist = state.waitlist.clone();
                    view.card.present = room.present();
                }
                // Published a moment ago, which the turnstile is about to hear: nobody is there yet.
                Err(Error::Refused(model::Error::NotFound)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(view)
    }
}
