//! Password hashes by Argon2id, computed off the asynchronous threads and never more than a few at once.

use crate::Error;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use model::{FieldError, text};
use std::sync::Arc;
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

/// How many hashes are computed at the same time: each takes a core and its memory.
const AT_ONCE: usize = 2;
/// How many may wait for their turn: a few seconds. Whoever comes then is told to come back.
const QUEUE: usize = 100;

/// What the site is called: nobody's password is made of that alone.
const OF_SITE: [&str; 4] = ["59초", "59cho", "fiftynine", "fiftynineseconds"];

/// Whether what an account has in the place of a password's hash is one. Whoever signs in by Kakao alone has none (nothing stands there),
/// and neither have the people of a demonstration (words do, that nothing verifies).
pub(super) fn is_hash(kept: &str) -> bool {
    // As every hash in PHC form begins.
    kept.starts_with('$')
}

/// Hashes and verifies passwords. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// Of those whose turn it is and of those who wait for it.
    queue: Arc<Semaphore>,
    /// Verified when there is no such account, so that both take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    /// With the parameters OWASP names for Argon2id: 19 MiB, 2 passes, 1 lane.
    ///
    /// # Errors
    /// When the parameters are none that argon2 takes.
    pub fn new() -> Result<Passwords, Error> {
        Passwords::with(Params::new(19 * 1024, 2, 1, None))
    }

    /// So cheap that it protects nothing: for tests that sign up hundreds.
    ///
    /// # Errors
    /// As [`Passwords::new`].
    pub fn weak() -> Result<Passwords, Error> {
        Passwords::with(Params::new(16, 1, 1, None))
    }

    fn with(params: Result<Params, argon2::Error>) -> Result<Passwords, Error> {
        let params = params.map_err(|_| model::Error::Internal)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, "nobody has this password")?;
        let queue = Arc::new(Semaphore::new(AT_ONCE + QUEUE));
        Ok(Passwords { argon2, turns: Arc::new(Semaphore::new(AT_ONCE)), queue, nobody: nobody.into() })
    }

    /// Whether a password would take more than a hundred million guesses: it is none of the thirty thousand that leaks have most often (the
    /// list that `zxcvbn` brings), no word or name, no keys beside each other, and not made of what is known of its owner. Whether it ever
    /// leaked is not asked: all that did are more than a program carries, and it goes to nobody else.
    ///
    /// # Errors
    /// [`model::Error::Busy`] when too many wait.
    pub(super) async fn check(&self, password: &str, known: &[&str]) -> Result<Result<(), FieldError>, Error> {
        let password = text::password_form(password);
        let known: Vec<String> = known.iter().chain(&OF_SITE).map(|&known| known.to_owned()).collect();
        let guessed = self.in_turn(move || {
            let known: Vec<&str> = known.iter().flat_map(|known| known.split(['@', '.', ' '])).collect();
            zxcvbn(&password, &known).score() < Score::Three
        });
        Ok(if guessed.await? { Err(FieldError::WellKnown) } else { Ok(()) })
    }

    /// A salted hash in PHC form, of what counts of a password.
    ///
    /// # Errors
    /// [`model::Error::Busy`] when too many wait; when hashing fails.
    pub async fn hash(&self, password: &str) -> Result<String, Error> {
        let (argon2, password) = (self.argon2.clone(), text::password_form(password));
        self.in_turn(move || hash(&argon2, &password)).await?
    }

    /// Whether `password` belongs to `stored`; without one it takes as long and is wrong. Where what counts of it is not what was
    /// typed, both are tried, one after the other in one turn: hashes were once made of what was typed. Whether one is right does
    /// not change how long it takes.
    ///
    /// # Errors
    /// [`model::Error::Busy`] when too many wait.
    pub async fn verify(&self, password: &str, stored: Option<String>) -> Result<bool, Error> {
        let argon2 = self.argon2.clone();
        let mut forms = vec![text::password_form(password), password.to_owned()];
        forms.dedup();
        let nobody = self.nobody.clone();
        self.in_turn(move || {
            let known = stored.is_some();
            let text = stored.unwrap_or_else(|| nobody.to_string());
            let Ok(stored) = PasswordHash::new(&text) else { return false };
            let right = |form: &String| argon2.verify_password(form.as_bytes(), &stored).is_ok();
            forms.iter().filter(|form| right(form)).count() > 0 && known
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let place = self.queue.clone().try_acquire_owned().map_err(|_| model::Error::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| model::Error::Busy)?;
        // The turn ends with the work, also when whoever asked for it has gone.
        let work = move || {
            let _turn = (turn, place);
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| model::Error::Internal.into())
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, Error> {
    let hash: PasswordHash = argon2.hash_password(password.as_bytes()).map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        model::Error::Internal
    })?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn what_is_guessed_soon_is_no_password() {
        let passwords = Passwords::weak().unwrap();
        let known = ["brave.otter@example.com", "용감한 수달"];
        let check = async |typed: &str| passwords.check(typed, &known).await.unwrap();
        for guessed in ["password1!", "iloveyou12", "qwertyuiop", "fiftynine59", "otter12345"] {
            assert_eq!(check(guessed).await, Err(FieldError::WellKnown), "{guessed}");
        }
        for good in ["비 오는 날엔 수달", "해 뜨는 날엔 수달", "correct horse battery", "k3jf9sl2mqx0"] {
            assert_eq!(check(good).await, Ok(()), "{good}");
        }
    }

    #[tokio::test]
    async fn a_password_is_the_same_on_every_keyboard_and_old_hashes_hold() {
        let passwords = Passwords::weak().unwrap();
        let (composed, decomposed) = ("수달은 강에 산다", "\u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}은 강에 산다");
        let right = async |typed: &str, hash: &str| passwords.verify(typed, Some(hash.to_owned())).await.unwrap();
        for made_of in [composed, decomposed, " 수달은　강에 산다\u{200B}"] {
            let kept = passwords.hash(made_of).await.unwrap();
            for typed in [composed, decomposed, "수달은 강에 산다 "] {
                assert!(right(typed, &kept).await, "{typed:?}");
            }
            assert!(!right("수달은 강에 산다.", &kept).await);
        }
        // Made before passwords were composed, of whatever was typed.
        for typed in [composed, decomposed, "  spaces around  ", "ｗｉｄｅ ｌｅｔｔｅｒｓ"] {
            let old = hash(&passwords.argon2, typed).unwrap();
            assert!(right(typed, &old).await, "{typed:?}");
            assert!(!right("something else", &old).await);
        }
        assert!(right(decomposed, &hash(&passwords.argon2, composed).unwrap()).await);
        assert!(!passwords.verify("nobody has this password", None).await.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_so_many_wait_for_their_turn() {
        let passwords = Passwords::weak().unwrap();
        let (go_on, held) = mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let asking: Vec<_> = (0..AT_ONCE + QUEUE)
            .map(|_| {
                let (passwords, held) = (passwords.clone(), held.clone());
                tokio::spawn(async move { passwords.in_turn(move || drop(held.lock().map(|held| held.recv()))).await })
            })
            .collect();
        testing::eventually("the queue is full", async || passwords.queue.available_permits() == 0).await;
        let refused = passwords.hash("one too many").await;
        assert!(matches!(refused, Err(Error::Refused(model::Error::Busy))), "{refused:?}");
        drop(go_on);
        for asked in asking {
            asked.await.unwrap().unwrap();
        }
        passwords.hash("and on it goes").await.unwrap();
    }
}
