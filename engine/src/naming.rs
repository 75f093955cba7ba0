//! By which name and picture members are shown in rooms that are open: on this node, and when another node changed it.

use crate::{
    Error,
    accounts::{Accounts, Actor},
    cluster::{Invalidation, Stale},
    pictures::PictureStore,
    rooms::Rooms,
};
use model::{Crop, MemberId, PictureId};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// A name that cannot be read is read again after these pauses.
const RETRY_AFTER: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];

/// Changes names and pictures, and follows the changes of other nodes. Cheap to clone.
#[derive(Clone)]
pub struct Naming {
    pub(crate) accounts: Accounts,
    pub(crate) rooms: Rooms,
    pub(crate) invalidation: Invalidation,
    /// Names that other nodes changed are read and shown one after the other: what was read first is shown first.
    pub(crate) turn: Arc<Mutex<()>>,
}

impl Naming {
    /// Shows a member's nickname masked on boards, or whole again; rooms that are open follow.
    ///
    /// # Errors
    /// A visitor has no name; too many changes in a short time are refused; the database may fail.
    pub async fn set_masked(&self, actor: &Actor, masked: bool) -> Result<(), Error> {
        let name = self.accounts.set_masked(actor, masked).await?;
        let member = actor.signed_in()?.member;
        self.renamed(member, &name).await;
        Ok(())
    }

    /// Calls a member by another nickname: at most once in thirty days, and by none that looks like another's. Rooms that are open follow.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::Invalid`] under `nickname`; [`model::AccountError::NicknameKept`];
    /// [`model::Error::TooMany`]; the database may fail.
    pub async fn set_nickname(&self, actor: &Actor, typed: &str) -> Result<(), Error> {
        let name = self.accounts.set_nickname(actor, typed).await?;
        self.renamed(actor.signed_in()?.member, &name).await;
        Ok(())
    }

    /// A member has another name, which is written already.
    pub(crate) async fn renamed(&self, member: MemberId, name: &str) {
        self.invalidation.publish(Stale::Name(member));
        self.rooms.rename(member, name).await;
    }

    /// The same as [`Accounts::set_picture`]; rooms that are open follow.
    ///
    /// # Errors
    /// As there.
    pub async fn set_picture(
        &self,
        actor: &Actor,
        store: &PictureStore,
        picture: Option<Vec<u8>>,
        crop: Crop,
    ) -> Result<(), Error> {
        if self.accounts.set_picture(actor, store, picture, crop).await? {
            self.repictured(actor.signed_in()?.member).await;
        }
        Ok(())
    }

    /// The same as [`Accounts::remove_picture`]; rooms that are open follow.
    ///
    /// # Errors
    /// As there.
    pub async fn remove_picture(&self, actor: &Actor, store: &PictureStore) -> Result<(), Error> {
        if self.accounts.remove_picture(actor, store).await? {
            self.repictured(actor.signed_in()?.member).await;
        }
        Ok(())
    }

    /// The same as [`Accounts::take_picture_away`]; rooms that are open follow.
    ///
    /// # Errors
    /// As there.
    pub async fn take_picture_away(
        &self,
        actor: &Actor,
        store: &PictureStore,
        member: MemberId,
        picture: PictureId,
        reason: &str,
    ) -> Result<(), Error> {
        self.accounts.take_picture_away(actor, store, member, picture, reason).await?;
        self.repictured(member).await;
        Ok(())
    }

    /// A member has another picture, or none, which is written already. Other nodes read it with the name.
    async fn repictured(&self, member: MemberId) {
        self.invalidation.publish(Stale::Name(member));
        self.rooms.repicture(member).await;
    }

    /// Follows what other nodes change about members, until the program ends. Whatever becomes of one of them, the next is
    /// followed.
    pub(crate) async fn follow(self) {
        let naming = self.clone();
        self.follow_by(move |member| naming.clone().read_name(member)).await;
    }

    /// The same, with what is to be done about a member's name.
    async fn follow_by<Reading>(self, read_name: impl Fn(MemberId) -> Reading)
    where
        Reading: Future<Output = ()> + Send + 'static,
    {
        let mut invalidated = self.invalidation.subscribe();
        loop {
            match invalidated.next().await {
                Stale::Name(member) => {
                    // Beside this, which other members' sessions wait for.
                    tokio::spawn(read_name(member));
                }
                what => self.accounts.sessions.invalidate(what),
            }
        }
    }

    /// Shows a member by the name and the picture that the database has, when it can be asked.
    async fn read_name(self, member: MemberId) {
        for pause in RETRY_AFTER {
            tokio::time::sleep(pause).await;
            let _turn = self.turn.lock().await;
            match self.accounts.board_name(member).await {
                Ok(Some(name)) => {
                    self.rooms.rename(member, &name).await;
                    return self.rooms.repicture(member).await;
                }
                Ok(None) => return,
                Err(error) => tracing::warn!(%error, "a member could not be shown by another name"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Engine,
        accounts::Passwords,
        clock::Clock,
        db::{Db, Lane},
        events::Pictures,
        ids,
        rooms::Room,
        turnstile::EventRules,
    };
    use model::{Category, EventDraft, EventId, HOUR, Offer, Prize, PrizeKind, RequestId, SECOND};
    use testing::{On, Place, eventually, run_for, soon};
    use tokio::sync::mpsc;

    /// A room that shows two members, by names that the database does not have.
    struct Scene {
        _place: Place,
        engine: Engine,
        event: EventId,
        members: Vec<MemberId>,
        room: Arc<Room>,
        /// What another node says.
        elsewhere: Invalidation,
    }

    impl Scene {
        async fn new() -> Scene {
            let place = Place::new(On::Sqlite);
            let (db, passwords) = (Db::at(&place).await, Passwords::weak().unwrap());
            let engine = Engine::start(db, place.folder(), Clock::system(), passwords).await.unwrap();
            let people = (0..3).map(|n| (format!("{n}@test.example"), format!("물개 {n}"))).collect();
            let mut members = engine.accounts.insert_many(people, "no password").await.unwrap();
            let creator = Actor::host(members.remove(0));
            engine.accounts.set_profile(&creator, "물개상점", "", "", None).await.unwrap();
            let (now, request) = (engine.clock.now(), RequestId(ids::new_id(engine.clock.now())));
            let draft = EventDraft {
                title: "따끈한 겨울 머그".into(),
                summary: "손으로 빚은 머그".into(),
                description: String::new(),
                category: Category::Living,
                opens_at: now - SECOND,
                closes_at: now + HOUR,
                entry_code: None,
                rules: String::new(),
                offer: Offer::Giveaway {
                    prizes: vec![Prize { name: "머그".into(), kind: PrizeKind::Goods, winners: 5 }],
                },
            };
            let event = engine.events.create(&creator, request, draft, Pictures::default()).await.unwrap();
            let room = engine.rooms.open(event).await.unwrap();
            for member in &members {
                let (turnstile, now) = (&engine.turnstile, engine.clock.now());
                turnstile.enter(event, *member, "수달".into(), now, None, None).await.unwrap();
            }
            let elsewhere = Invalidation::new(engine.bus.clone());
            // Until what runs by itself is there.
            run_for(Duration::from_millis(100)).await;
            Scene { _place: place, engine, event, members, room, elsewhere }
        }

        async fn shows(&self, rank: u64, nickname: &str) {
            let is_it = || self.room.state().top.iter().any(|row| row.rank == rank && row.nickname == nickname);
            eventually(&format!("{rank} is shown as {nickname}"), async || is_it()).await;
        }
    }

    #[tokio::test]
    async fn a_member_whose_name_cannot_be_read_keeps_no_other_waiting() {
        let scene = Scene::new().await;
        let mut tx = scene.engine.db.begin(Lane::Other).await.unwrap();
        let broken = tx.sql("update members set masked = 'often' where id = $1").bind(scene.members[0]);
        assert_eq!(broken.run().await.unwrap(), 1);
        tx.commit().await.unwrap();
        scene.elsewhere.publish(Stale::Name(scene.members[0]));
        run_for(Duration::from_millis(100)).await;
        scene.elsewhere.publish(Stale::Name(scene.members[1]));
        scene.shows(2, "물개 2").await;
        scene.shows(1, "수달").await;
    }

    #[tokio::test]
    async fn a_panic_about_one_member_leaves_the_next_followed() {
        let scene = Scene::new().await;
        let (first, second) = (scene.members[0], scene.members[1]);
        let (tell, mut told) = mpsc::unbounded_channel();
        let read_name = move |member| {
            let tell = tell.clone();
            async move {
                assert_ne!(member, first, "as a mistake of ours would");
                tell.send(member).unwrap();
            }
        };
        let following = tokio::spawn(scene.engine.naming.clone().follow_by(read_name));
        run_for(Duration::from_millis(100)).await;
        scene.elsewhere.publish(Stale::Name(first));
        run_for(Duration::from_millis(100)).await;
        scene.elsewhere.publish(Stale::Name(second));
        assert_eq!(soon("the next is followed", told.recv()).await, Some(second));
        assert!(!following.is_finished());
    }

    #[tokio::test]
    async fn a_room_whose_event_cannot_be_read_keeps_no_other_from_showing_a_name() {
        let scene = Scene::new().await;
        let rules = scene.engine.turnstile.event(scene.event).await.unwrap().rules.clone();
        for _ in 0..20 {
            // Of an event that is nowhere; rooms are gone through in no order.
            let event = EventId(ids::new_id(scene.engine.clock.now()));
            scene.engine.rooms.registry.open(&EventRules { event, ..rules.clone() }, None);
        }
        scene.engine.rooms.rename(scene.members[0], "해달").await;
        scene.shows(1, "해달").await;
    }
}
