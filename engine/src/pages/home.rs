//! The home page: what everybody sees of it, read once for all who ask at the same time, and what concerns the reader alone.

use super::Pages;
use crate::{
    Error,
    accounts::{Actor, Session},
};
use model::{ForMe, Home, Near, SaleCard, parties::NearbyQuery};
use std::{sync::Arc, time::Instant};
use tokio::sync::Mutex;

/// Within how many kilometres the home page looks for parties, and how many it shows.
const KM: u32 = 10;
const NEAR: usize = 3;

/// When the public part began to be read, and what it was.
pub(crate) type Public = Arc<Mutex<Option<(Instant, Arc<Home>)>>>;

impl Pages {
    /// The home page, as `reader` sees it.
    ///
    /// # Errors
    /// The database's.
    pub async fn home(&self, reader: &Actor) -> Result<Home, Error> {
        let mut home = Home::clone(&*self.public_home().await?);
        for card in home.next.iter_mut().chain(&mut home.open) {
            card.present = self.rooms.present(card.id);
        }
        if let Ok(session) = reader.signed_in() {
            let (near, mine) = tokio::try_join!(self.near(reader), self.for_me(reader, session))?;
            (home.near, home.mine) = (near, mine);
            self.mark_wishes(reader, &mut home).await?;
        }
        Ok(home)
    }

    /// What everybody sees. When many ask at once, as when something opens, one of them reads; whoever came before that reading began is
    /// answered by it. So nobody is shown what was changed before they asked.
    async fn public_home(&self) -> Result<Arc<Home>, Error> {
        let asked = Instant::now();
        let mut public = self.public.lock().await;
        if let Some((_, home)) = public.as_ref().filter(|(began, _)| *began >= asked) {
            return Ok(home.clone());
        }
        let began = Instant::now();
        let everybody = Actor::Visitor;
        let (mut home, shelves, crowds) =
            tokio::try_join!(self.events.home(), self.events.shelves(&everybody), self.crowds.shelves(&everybody))?;
        (home.deals, home.tickets) = shelves;
        (home.popular, home.closing) = crowds;
        let home = Arc::new(home);
        *public = Some((began, home.clone()));
        Ok(home)
    }

    /// Parties around where the reader looks from.
    async fn near(&self, reader: &Actor) -> Result<Near, Error> {
        let Some(around) = self.parties.home(reader).await? else { return Ok(Near::Nowhere) };
        let query = NearbyQuery { open: true, ..NearbyQuery::around(around, KM)? };
        let mut parties = self.parties.nearby(query).await?.cards.rows;
        parties.truncate(NEAR);
        Ok(Near::Around { km: KM, parties })
    }

    /// What is the reader's.
    async fn for_me(&self, reader: &Actor, session: &Session) -> Result<ForMe, Error> {
        let member = session.member;
        let turns = async {
            let unlisted = self.giveaways.unlisted(member).await?;
            self.sales.turns(member, &unlisted).await
        };
        let (turns, meeting, wishes, mut new) = tokio::try_join!(
            turns,
            self.parties.next_meeting(member),
            self.events.wishes_to_come(reader),
            self.events.new_for(reader)
        )?;
        new.retain(|sale| wishes.iter().all(|wished| wished.event.id != sale.event.id));
        Ok(ForMe { turns, meeting, wishes, new })
    }

    /// Marks what the reader wishes for on everything that has a heart.
    async fn mark_wishes(&self, reader: &Actor, home: &mut Home) -> Result<(), Error> {
        let wished = {
            let cards = home.deals.iter().chain(&home.tickets);
            self.events.wished_among(reader, &cards.map(|sale| sale.event.id).collect::<Vec<_>>()).await?
        };
        let mark = |sale: &mut SaleCard| sale.wished = wished.contains(&sale.event.id);
        home.deals.iter_mut().chain(&mut home.tickets).for_each(mark);
        Ok(())
    }
}
