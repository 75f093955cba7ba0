//! Signing in by Kakao: the site as it is, and in Kakao's place a server that checks what it is asked and lies as it is told.

use crate::{
    rights::{cases, reads},
    support::{START, Site, client, config},
};
use engine::{
    accounts::{Actor, one_time_link},
    clock::Clock,
    db::Lane,
    tasks::Tasks,
};
use model::{DAY, HOUR, Job, MINUTE, MemberId, SECOND, Span};
use reqwest::{Response, header};
use server::config::{Config, Secret};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use testing::{KakaoLogin, KakaoUser, Lie, MailServer, On, Place, both, eventually};

cases! {
    // Nobody there is connected.
    "disconnect-kakao", [] => 404;
    // And nobody waits.
    "confirm-kakao", [("password", "x")] => 410;
}

reads! {
    // It is not configured there.
    "/sign-in/kakao/join" => 404, 404;
    "/sign-in/kakao/new" => 404, 404;
}

/// Where the site says that it is.
const ORIGIN: &str = "http://site.example";
const PASSWORD: &str = "비 오는 날엔 수달";

/// A site where one signs in by Kakao.
struct Scene {
    site: Site,
    clock: Clock,
    kakao: KakaoLogin,
}

fn reached(config: &mut Config, kakao: &KakaoLogin) {
    config.public_url = Some(format!("{ORIGIN}/"));
    config.kakao_issuer = kakao.url.clone();
    config.kakao_client_id = Some(KakaoLogin::ID.to_owned());
    config.kakao_client_secret = Some(Secret(KakaoLogin::SECRET.to_owned()));
}

impl Scene {
    async fn new(on: On) -> Scene {
        Scene::with(on, |_| {}).await
    }

    /// With what `change` makes of Kakao before the site starts.
    async fn with(on: On, change: impl FnOnce(&KakaoLogin)) -> Scene {
        Scene::made(on, change, |_| {}).await
    }

    /// And with what `configure` makes of the site.
    async fn made(on: On, change: impl FnOnce(&KakaoLogin), configure: impl FnOnce(&mut Config)) -> Scene {
        let (place, clock) = (Place::new(on), Clock::manual(START));
        let kakao = KakaoLogin::start_at(START.0 / SECOND.micros()).await;
        change(&kakao);
        let mut config = config(&place);
        reached(&mut config, &kakao);
        configure(&mut config);
        let db = config.database().await.unwrap();
        let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
        let site = Site::serve_as(engine, Arc::new(place), config).await;
        Scene { site, clock, kakao }
    }

    fn browser(&self) -> Browser {
        Browser { url: self.site.url(""), cookies: BTreeMap::new() }
    }

    /// So much time passes, at Kakao as well.
    fn later(&self, span: Span) {
        let now = self.clock.now() + span;
        self.clock.set(now);
        self.kakao.set_time(now.0 / SECOND.micros());
    }

    async fn members(&self) -> i64 {
        self.site.engine.db.sql("select count(*) from members").one::<(i64,)>().await.unwrap().0
    }

    async fn connected(&self) -> Vec<(String, MemberId)> {
        let rows = self.site.engine.db.sql("select subject, member_id from member_identities order by subject");
        rows.all().await.unwrap()
    }

    /// A member with a password, signed up by the form.
    async fn member(&self, email: &str, nickname: &str) -> Browser {
        let mut browser = self.browser();
        let form =
            [("email", email), ("password", PASSWORD), ("nickname", nickname), ("terms", "yes"), ("adult", "yes")];
        assert_eq!(browser.post("/sign-up", &form).await.status(), 303);
        browser
    }

    /// Signs up whoever is signed in at Kakao; their browser.
    async fn newcomer(&self, user: &KakaoUser, nickname: &str) -> Browser {
        self.kakao.be(user);
        let mut browser = self.browser();
        assert_eq!(browser.by_kakao(&self.kakao, "/my").await, "/sign-in/kakao/join");
        let made =
            browser.post("/sign-in/kakao/new", &[("nickname", nickname), ("terms", "yes"), ("adult", "yes")]).await;
        assert_eq!((made.status().as_u16(), location(&made)), (303, "/my".to_owned()));
        browser
    }
}

/// A browser: keeps its cookies, and follows nothing by itself.
#[derive(Clone)]
struct Browser {
    url: String,
    cookies: BTreeMap<String, String>,
}

fn location(answer: &Response) -> String {
    answer.headers().get(header::LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned()
}

impl Browser {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> Response {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("cookie", cookies.join("; ")).header("accept", "text/html");
        let answer = request.header("accept-language", "ko").send().await.unwrap();
        for set in answer.headers().get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            match set.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    async fn get(&mut self, path: &str) -> Response {
        let path = path.strip_prefix(ORIGIN).unwrap_or(path);
        self.send(client().get(format!("{}{path}", self.url))).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        self.send(client().post(format!("{}{path}", self.url)).form(form)).await
    }

    async fn page(&mut self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }

    /// Sets out to sign in; where they are led.
    async fn set_out(&mut self, next: &str) -> String {
        let out = self.get(&format!("/sign-in/kakao?next={next}")).await;
        assert_eq!(out.status(), 303);
        location(&out)
    }

    /// Signs in by Kakao; where that leads.
    async fn by_kakao(&mut self, kakao: &KakaoLogin, next: &str) -> String {
        let out = self.set_out(next).await;
        location(&self.get(&kakao.agree(&out)).await)
    }

    /// Sets out to connect it with their account, and comes back; where that leads.
    async fn connect(&mut self, kakao: &KakaoLogin) -> String {
        let out = self.get("/my/account/kakao").await;
        location(&self.get(&kakao.agree(&location(&out))).await)
    }

    /// Sets out to show that it is they who leave, and comes back; where that leads.
    async fn show(&mut self, kakao: &KakaoLogin) -> String {
        let out = location(&self.get("/my/leave/kakao").await);
        assert!(out.ends_with("&prompt=login"), "{out}");
        location(&self.get(&kakao.agree(&out)).await)
    }

    /// Leaves, without a password.
    async fn leave(&mut self) -> Response {
        self.post("/my/leave?do=leave", &[("sure", "yes")]).await
    }

    /// Confirms by a password that it is they who came back; the status.
    async fn confirm(&mut self, password: &str) -> u16 {
        self.post("/my/account?do=confirm-kakao", &[("password", password)]).await.status().as_u16()
    }

    fn is_signed_in(&self) -> bool {
        self.cookies.contains_key("session")
    }
}

both!(somebody_signs_up_by_kakao_and_in_again);
async fn somebody_signs_up_by_kakao_and_in_again(on: On) {
    let scene = Scene::new(on).await;
    let otter = KakaoUser { nickname: "카톡 수달".into(), ..KakaoUser::new("59") }.email("otter@kakao.example");
    scene.kakao.be(&otter);
    let mut browser = scene.browser();
    for page in ["/sign-in?next=/my", "/sign-up?next=/my"] {
        let page = browser.page(page).await;
        assert!(page.contains("href=\"/sign-in/kakao?next=/my\"") && page.contains("카카오로 시작하기"), "{page}");
    }
    let out = browser.set_out("/my").await;
    assert!(out.starts_with(&format!("{}/oauth/authorize?", scene.kakao.url)), "{out}");
    // Nothing is kept of whoever only sets out, and nobody is somebody by that.
    assert!(!browser.is_signed_in());
    assert_eq!(location(&browser.get(&scene.kakao.agree(&out)).await), "/sign-in/kakao/join");
    assert!(!browser.is_signed_in());
    let page = browser.page("/sign-in/kakao/join").await;
    assert!(page.contains("카톡 수달") && page.contains("otter@kakao.example 이메일로 가입해요"), "{page}");
    // What is missing is said, and nothing is made.
    for form in
        [vec![("nickname", "카톡 수달"), ("terms", "yes")], vec![("nickname", "x"), ("terms", "yes"), ("adult", "yes")]]
    {
        let refused = browser.post("/sign-in/kakao/new", &form).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("note bad"));
    }
    assert_eq!(scene.members().await, 0);
    let form = [("nickname", "카톡 수달"), ("terms", "yes"), ("adult", "yes")];
    let made = browser.post("/sign-in/kakao/new", &form).await;
    assert_eq!((made.status().as_u16(), location(&made)), (303, "/my".to_owned()));
    assert!(browser.page("/my").await.contains("카톡 수달 님"));
    assert!(browser.cookies.keys().all(|name| name != "kakao" && name != "newcomer"), "{:?}", browser.cookies);
    // Once: nobody signs up twice by it.
    assert_eq!(browser.post("/sign-in/kakao/new", &form).await.status(), 410);
    assert_eq!(scene.members().await, 1);

    // Elsewhere, straight in; and each time another session.
    let mut phone = scene.browser();
    assert_eq!(phone.by_kakao(&scene.kakao, "/deals").await, "/deals");
    assert!(phone.page("/my").await.contains("카톡 수달 님"));
    assert_ne!(phone.cookies["session"], browser.cookies["session"]);
    let before = phone.cookies["session"].clone();
    assert_eq!(phone.by_kakao(&scene.kakao, "/").await, "/");
    assert_ne!(phone.cookies["session"], before);
    let old = client().get(scene.site.url("/my/devices")).header("cookie", format!("session={before}"));
    assert_eq!(old.send().await.unwrap().status(), 401, "the one that the browser had before is over");
    // By a password nobody comes in: there is none, and that reads like a wrong one.
    for password in ["", PASSWORD] {
        let form = [("email", "otter@kakao.example"), ("password", password)];
        let refused = scene.browser().post("/sign-in", &form).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("이메일이나 비밀번호가 맞지 않아요"));
    }
    assert!(!browser.page("/my/devices").await.contains("new_password"));
    // Nor is there anything for an email to be good for, where no mail is sent that would prove it.
    assert!(browser.page("/my/account/email").await.contains("이메일을 쓸 일이 없어요"));
    assert!(!browser.page("/my/account").await.contains("href=\"/my/account/email\""), "nor is it led there");
    let asked = browser.post("/my/account/email?do=change-email", &[("email", "another@example.com")]).await;
    assert_eq!(asked.status(), 404);
    assert_eq!(scene.kakao.complaints(), Vec::<String>::new());
}

both!(without_a_password_one_is_set_by_a_link_before_another_email_and_before_one_leaves, "multi_thread");
async fn without_a_password_one_is_set_by_a_link_before_another_email_and_before_one_leaves(on: On) {
    let server = MailServer::start().await;
    let mails = |config: &mut Config| {
        config.smtp_url = Some(Secret(server.url.clone()));
        config.mail_from = Some("59초 <notices@test.example>".into());
    };
    let scene = Scene::made(on, |_| {}, mails).await;
    let mut browser = scene.newcomer(&KakaoUser::new("59").email("otter@kakao.example"), "카톡 수달").await;
    let (page, form) = ("/my/account/email", [("email", "otter@example.com"), ("lang", "ko")]);
    // Whoever sits down at a browser that was left signed in, here and at Kakao, asks for none.
    let told = browser.page(page).await;
    assert!(told.contains("href=\"/forgot\"") && !told.contains("name=\"email\""), "{told}");
    let change = format!("{page}?do=change-email");
    assert_eq!(browser.post(&change, &form).await.status(), 404);
    // Nor do they erase the account, whatever Kakao says of them.
    let told = browser.page("/my/leave").await;
    assert!(told.contains("href=\"/forgot\"") && !told.contains("/my/leave/kakao"), "{told}");
    // Whose mailbox is gone is told who helps.
    assert!(told.contains("사이트를 운영하는 분에게"), "{told}");
    assert_eq!(browser.show(&scene.kakao).await, "/my/leave");
    assert!(!browser.page("/my/leave").await.contains("name=\"sure\""));
    assert_eq!(browser.leave().await.status(), 410);
    assert_eq!(scene.connected().await.len(), 1);
    assert!(server.mails().is_empty());
}

both!(without_a_password_one_comes_from_kakao_anew_before_one_leaves);
async fn without_a_password_one_comes_from_kakao_anew_before_one_leaves(on: On) {
    let scene = Scene::new(on).await;
    let user = KakaoUser::new("59");
    let mut otter = scene.newcomer(&user, "수달").await;
    let mut beaver = scene.newcomer(&KakaoUser::new("60"), "비버").await;
    // Whoever has their session, or only found their browser, ticks a box in vain.
    let page = otter.page("/my/leave").await;
    assert!(page.contains("href=\"/my/leave/kakao\"") && !page.contains("name=\"sure\""), "{page}");
    let refused = otter.leave().await;
    assert_eq!(refused.status(), 410);
    assert!(refused.text().await.unwrap().contains("banner bad"));
    // That they signed in is not enough either.
    scene.kakao.be(&user);
    assert_eq!(otter.by_kakao(&scene.kakao, "/my/leave").await, "/my/leave");
    assert_eq!(otter.leave().await.status(), 410);
    // It is they who come back, who agreed, and who said there just now who they are.
    scene.kakao.be(&KakaoUser::new("60"));
    assert_eq!(otter.show(&scene.kakao).await, "/my/leave?kakao=taken");
    scene.kakao.be(&user);
    let out = location(&otter.get("/my/leave/kakao").await);
    assert_eq!(location(&otter.get(&scene.kakao.cancel(&out)).await), "/my/leave?kakao=cancelled");
    for lie in [Lie::Earlier, Lie::NoAuthTime] {
        scene.kakao.lie(lie);
        assert_eq!(otter.show(&scene.kakao).await, "/my/leave?kakao=earlier");
    }
    assert!(otter.page("/my/leave?kakao=earlier").await.contains("방금 로그인한 것이 아니라서"));
    let out = location(&otter.get("/my/leave/kakao").await);
    let mut both = Browser { cookies: beaver.cookies.clone(), ..otter.clone() };
    both.cookies.insert("kakao".into(), otter.cookies["kakao"].clone());
    assert_eq!(location(&both.get(&scene.kakao.agree(&out)).await), "/my/leave?kakao=over");
    // When they set out is sealed: whoever sits there, and so knows all else of the cookie, cannot have been away for longer.
    let out = location(&otter.get("/my/leave/kakao").await);
    let sealed = otter.cookies["kakao"].clone();
    let (unsealed, _) = sealed.rsplit_once('.').unwrap();
    assert_eq!(unsealed.split('.').count(), 4, "{sealed}");
    otter.cookies.insert("kakao".into(), unsealed.to_owned());
    assert!(location(&otter.get(&scene.kakao.agree(&out)).await).ends_with("kakao=over"));
    let sent = client().get(scene.site.url("/my/leave/kakao")).header("sec-fetch-site", "cross-site");
    let sent = sent.header("cookie", format!("session={}", otter.cookies["session"])).send().await.unwrap();
    assert_eq!(sent.status(), 403, "another site sends nobody there");
    assert_eq!(otter.leave().await.status(), 410);

    // It is shown by the browser that came back, for the member that it is, and for a quarter of an hour.
    assert_eq!(otter.show(&scene.kakao).await, "/my/leave");
    let mut thief = scene.browser();
    thief.cookies.insert("session".into(), otter.cookies["session"].clone());
    beaver.cookies.insert("newcomer".into(), otter.cookies["newcomer"].clone());
    for other in [&mut thief, &mut beaver] {
        assert_eq!(other.leave().await.status(), 410);
    }
    scene.later(MINUTE.times(15));
    assert_eq!(otter.leave().await.status(), 410);
    assert_eq!(scene.connected().await.len(), 2, "nobody has left");
    assert_eq!(otter.show(&scene.kakao).await, "/my/leave");
    let page = otter.page("/my/leave").await;
    assert!(page.contains("name=\"sure\"") && page.contains("카카오에서 확인했어요"), "{page}");
    assert_eq!(otter.post("/my/leave?do=leave", &[]).await.status(), 422);
    let left = otter.leave().await;
    assert_eq!((left.status().as_u16(), location(&left)), (303, "/".to_owned()));
    assert!(!otter.is_signed_in());
    assert_eq!(scene.connected().await.len(), 1);
    let waits = scene.site.engine.db.sql("select 1 from pending_identities");
    assert!(!waits.exists().await.unwrap(), "who they are there is forgotten as well");
    assert_eq!(scene.browser().by_kakao(&scene.kakao, "/").await, "/sign-in/kakao/join", "they are a stranger again");
    assert_eq!(scene.kakao.complaints(), Vec::<String>::new());
}

both!(without_an_email_one_is_a_member_as_well);
async fn without_an_email_one_is_a_member_as_well(on: On) {
    let scene = Scene::new(on).await;
    // What Kakao does not confirm is no email of theirs: that there is a member of it is not told.
    scene.member("otter@example.com", "수달").await;
    let unconfirmed = KakaoUser { email: Some(("otter@example.com".into(), false)), ..KakaoUser::new("1") };
    for (number, user) in [unconfirmed, KakaoUser::new("2")].into_iter().enumerate() {
        scene.kakao.be(&user);
        let mut browser = scene.browser();
        browser.by_kakao(&scene.kakao, "/my").await;
        let page = browser.page("/sign-in/kakao/join").await;
        assert!(page.contains("이메일 없이도 가입할 수 있어요") && !page.contains("otter@example.com"), "{page}");
        let nickname = format!("해달{number}");
        let form = [("nickname", nickname.as_str()), ("terms", "yes"), ("adult", "yes")];
        assert_eq!(browser.post("/sign-in/kakao/new", &form).await.status(), 303);
        let account = browser.page("/my/account").await;
        assert!(account.contains("이메일이 없어요") && account.contains("하나뿐인 로그인 방법"), "{account}");
        // Where mail would go there is nothing to be seen.
        assert_eq!(browser.get("/notices/delivery").await.status(), 200);
    }
    // When Kakao does not say whether it is confirmed, neither.
    scene.kakao.goes_away("userinfo");
    scene.kakao.be(&KakaoUser::new("3").email("another@example.com"));
    let mut browser = scene.browser();
    browser.by_kakao(&scene.kakao, "/my").await;
    assert!(browser.page("/sign-in/kakao/join").await.contains("이메일 없이도 가입할 수 있어요"));
    assert_eq!(scene.members().await, 3);
}

both!(accounts_are_joined_by_the_password_and_never_by_an_email);
async fn accounts_are_joined_by_the_password_and_never_by_an_email(on: On) {
    let scene = Scene::new(on).await;
    scene.member("otter@example.com", "수달").await;
    let otter = KakaoUser::new("59").email("Otter@Example.com");
    scene.kakao.be(&otter);
    let mut browser = scene.browser();
    assert_eq!(browser.by_kakao(&scene.kakao, "/my").await, "/sign-in/kakao/join");
    assert!(!browser.is_signed_in(), "the same email alone opens nothing");
    let page = browser.page("/sign-in/kakao/join").await;
    assert!(page.contains("otter@example.com 이메일로 가입한 계정이 있어요"), "{page}");
    let join = |email: &'static str, password: &'static str| [("email", email), ("password", password)];
    let refused = browser.post("/sign-in/kakao/join", &join("otter@example.com", "wrong password")).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("이메일이나 비밀번호가 맞지 않아요"));
    assert!(!browser.is_signed_in() && scene.connected().await.is_empty());
    let joined = browser.post("/sign-in/kakao/join", &join("otter@example.com", PASSWORD)).await;
    assert_eq!((joined.status().as_u16(), location(&joined)), (303, "/my".to_owned()));
    assert!(browser.page("/my").await.contains("수달 님"));
    assert_eq!((scene.members().await, scene.connected().await.len()), (1, 1));
    let mut phone = scene.browser();
    assert_eq!(phone.by_kakao(&scene.kakao, "/my").await, "/my");
    assert!(phone.page("/my").await.contains("수달 님"));

    // Whoever has another Kakao account there joins no second one, and is not signed in by trying.
    scene.kakao.be(&KakaoUser::new("60").email("otter@example.com"));
    let mut other = scene.browser();
    other.by_kakao(&scene.kakao, "/my").await;
    assert_eq!(other.post("/sign-in/kakao/join", &join("otter@example.com", PASSWORD)).await.status(), 409);
    assert!(!other.is_signed_in());
    // But may sign up anew, without that email.
    let form = [("nickname", "해달"), ("terms", "yes"), ("adult", "yes")];
    assert_eq!(other.post("/sign-in/kakao/new", &form).await.status(), 303);
    assert!(other.page("/my/account").await.contains("이메일이 없어요"));
    // Whoever has no account says which is theirs by any email: that of Kakao need not be the one.
    scene.member("beaver@example.com", "비버").await;
    scene.kakao.be(&KakaoUser::new("61").email("new@example.com"));
    let mut beaver = scene.browser();
    beaver.by_kakao(&scene.kakao, "/my").await;
    assert_eq!(beaver.post("/sign-in/kakao/join", &join("beaver@example.com", PASSWORD)).await.status(), 303);
    assert!(beaver.page("/my").await.contains("비버 님"));
    // Without what one's browser was given nobody joins anything.
    let mut nobody = scene.browser();
    assert_eq!(nobody.post("/sign-in/kakao/join", &join("beaver@example.com", PASSWORD)).await.status(), 410);
    assert!(!nobody.is_signed_in());
    nobody.cookies.insert("newcomer".into(), "0".repeat(64));
    assert_eq!(nobody.get("/sign-in/kakao/join").await.status(), 410);
}

both!(whoever_is_signed_in_connects_kakao_and_disconnects_it);
async fn whoever_is_signed_in_connects_kakao_and_disconnects_it(on: On) {
    let scene = Scene::new(on).await;
    let (mut otter, mut beaver) =
        (scene.member("otter@example.com", "수달").await, scene.member("beaver@example.com", "비버").await);
    scene.kakao.be(&KakaoUser::new("59"));
    assert!(otter.page("/my/account").await.contains("href=\"/my/account/kakao\""));
    assert_eq!(otter.connect(&scene.kakao).await, "/my/account");
    // Whoever found their browser does not know the password, and whoever signs in there afterwards is somebody else.
    assert!(otter.page("/my/account").await.contains("비밀번호를 한 번 더 적으면"));
    assert_eq!(otter.confirm("아닌 비밀번호예요").await, 422);
    let mut after = otter.clone();
    after.cookies.insert("session".into(), beaver.cookies["session"].clone());
    assert_eq!(after.confirm(PASSWORD).await, 410);
    assert!(scene.connected().await.is_empty());
    assert_eq!((otter.confirm(PASSWORD).await, otter.confirm(PASSWORD).await), (303, 410));
    let page = otter.page("/my/account").await;
    assert!(page.contains("에 연결했어요") && page.contains("연결 끊기"), "{page}");
    assert_eq!(otter.connect(&scene.kakao).await, "/my/account", "the same once more");
    // That Kakao account is theirs, and they have no other one.
    assert_eq!(beaver.connect(&scene.kakao).await, "/my/account?kakao=taken");
    assert!(beaver.page("/my/account?kakao=taken").await.contains("이미 다른 계정에 연결되어 있거나"));
    scene.kakao.be(&KakaoUser::new("60"));
    assert_eq!(otter.connect(&scene.kakao).await, "/my/account?kakao=taken");
    assert_eq!(scene.connected().await.len(), 1);
    // What was begun by one ends with nobody else.
    let out = location(&otter.get("/my/account/kakao").await);
    let mut both = Browser { cookies: beaver.cookies.clone(), ..otter.clone() };
    both.cookies.insert("kakao".into(), otter.cookies["kakao"].clone());
    assert_eq!(location(&both.get(&scene.kakao.agree(&out)).await), "/my/account?kakao=over");
    let out = location(&beaver.get("/my/account/kakao").await);
    beaver.cookies.remove("session");
    assert_eq!(location(&beaver.get(&scene.kakao.agree(&out)).await), "/my/account?kakao=over");
    assert_eq!(scene.connected().await.len(), 1);
    // Another site sends nobody there.
    let sent = client().get(scene.site.url("/my/account/kakao")).header("sec-fetch-site", "cross-site");
    let sent = sent.header("cookie", format!("session={}", otter.cookies["session"])).send().await.unwrap();
    assert_eq!(sent.status(), 403);

    let gone = otter.post("/my/account?do=disconnect-kakao", &[]).await;
    assert_eq!((gone.status().as_u16(), location(&gone)), (303, "/my/account".to_owned()));
    assert!(scene.connected().await.is_empty());
    assert_eq!(otter.post("/my/account?do=disconnect-kakao", &[]).await.status(), 404);
    scene.kakao.be(&KakaoUser::new("59"));
    assert_eq!(scene.browser().by_kakao(&scene.kakao, "/").await, "/sign-in/kakao/join", "they are a stranger again");
    // With another password, where they wish that.
    otter.connect(&scene.kakao).await;
    assert_eq!(otter.confirm(PASSWORD).await, 303);
    let (first, second) = ("해 뜨는 날엔 수달", "해 지는 날엔 수달");
    for (from, to, kakao, left) in [(PASSWORD, first, "", 1), (first, second, "yes", 0)] {
        let mut form = vec![("password", from), ("new_password", to)];
        form.extend([("kakao", kakao)].into_iter().filter(|(_, ticked)| !ticked.is_empty()));
        assert_eq!(otter.post("/my/devices?do=change-password", &form).await.status(), 303);
        assert_eq!(scene.connected().await.len(), left);
    }

    // Whoever has no other way in keeps this one.
    let mut newcomer = scene.newcomer(&KakaoUser::new("61"), "해달").await;
    let kept = newcomer.post("/my/account?do=disconnect-kakao", &[]).await;
    assert_eq!(kept.status(), 409);
    assert!(kept.text().await.unwrap().contains("이메일과 비밀번호가 모두 있어야"));
    assert_eq!(scene.connected().await.len(), 1);
}

both!(a_password_without_an_email_takes_nobody_s_way_in_by_kakao);
async fn a_password_without_an_email_takes_nobody_s_way_in_by_kakao(on: On) {
    let scene = Scene::new(on).await;
    let mut otter = scene.newcomer(&KakaoUser::new("59"), "수달").await;
    let member = scene.connected().await[0].1;
    let (first, second) = ("해 뜨는 날엔 수달", "해 지는 날엔 수달");
    // By the second link they have a password already.
    for password in [PASSWORD, first] {
        let link = one_time_link(&scene.site.engine.db, scene.clock.now(), member).await.unwrap();
        let (_, token) = link.split_once("token=").unwrap();
        let form = [("token", token), ("new_password", password)];
        let set = otter.post(&format!("{link}&do=set-password"), &form).await;
        assert_eq!((set.status().as_u16(), location(&set)), (303, "/my/account/email".to_owned()));
        assert_eq!(scene.connected().await.len(), 1);
    }
    let kept = otter.post("/my/account?do=disconnect-kakao", &[]).await;
    assert_eq!(kept.status(), 409);
    assert!(kept.text().await.unwrap().contains("이메일과 비밀번호가 모두 있어야"));
    let account = otter.page("/my/account").await;
    assert!(account.contains("하나뿐인 로그인 방법") && account.contains("이메일도 있어야"), "{account}");
    let devices = otter.page("/my/devices").await;
    assert!(devices.contains("name=\"new_password\"") && !devices.contains("name=\"kakao\""), "{devices}");
    let form = [("password", first), ("new_password", second), ("kakao", "yes")];
    assert_eq!(otter.post("/my/devices?do=change-password", &form).await.status(), 303);
    assert_eq!(scene.connected().await.len(), 1);
    // With both it is one way of two.
    let form = [("email", "otter@example.com"), ("password", second), ("lang", "ko")];
    assert_eq!(otter.post("/my/account/email?do=change-email", &form).await.status(), 303);
    assert!(otter.page("/my/devices").await.contains("name=\"kakao\""));
    assert_eq!(otter.post("/my/account?do=disconnect-kakao", &[]).await.status(), 303);
    assert!(scene.connected().await.is_empty());
}

/// What goes wrong on the way, and what is said of it; nothing else comes of it.
enum Wrong {
    /// Kakao lies.
    Lie(Lie),
    /// A place there does not answer.
    Away(&'static str),
    /// They do not agree there.
    Cancels,
    /// The address that leads back is another: a part of it is written in the place of another.
    Altered(&'static str, &'static str),
    /// It takes so long.
    Late(Span),
    /// It is another browser that comes back.
    Elsewhere,
    /// The same address was gone before.
    Again,
}

both!(whatever_kakao_or_anybody_says_nobody_is_let_in_by_a_lie);
async fn whatever_kakao_or_anybody_says_nobody_is_let_in_by_a_lie(on: On) {
    let scene = Scene::new(on).await;
    let otter = KakaoUser::new("59").email("otter@kakao.example");
    scene.newcomer(&otter, "수달").await;
    let table = [
        ("nonce", Wrong::Lie(Lie::Nonce), "refused"),
        ("no nonce", Wrong::Lie(Lie::NoNonce), "refused"),
        ("audience", Wrong::Lie(Lie::Audience), "refused"),
        ("authorised party", Wrong::Lie(Lie::Party), "refused"),
        ("issuer", Wrong::Lie(Lie::Issuer), "refused"),
        ("subject", Wrong::Lie(Lie::Nobody), "refused"),
        ("expired", Wrong::Lie(Lie::Expired), "refused"),
        ("from the future", Wrong::Lie(Lie::Future), "refused"),
        ("changed claims", Wrong::Lie(Lie::Changed), "refused"),
        ("another key's signature", Wrong::Lie(Lie::AnotherKey), "refused"),
        ("alg none", Wrong::Lie(Lie::NoAlgorithm), "refused"),
        ("alg HS256", Wrong::Lie(Lie::Hmac), "refused"),
        ("no token", Wrong::Lie(Lie::NoToken), "refused"),
        ("no token but something", Wrong::Lie(Lie::Garbled), "refused"),
        ("a fault of theirs", Wrong::Lie(Lie::Status(500)), "away"),
        ("no answer", Wrong::Lie(Lie::Status(200)), "away"),
        ("too many of us", Wrong::Lie(Lie::Status(429)), "away"),
        ("our secret", Wrong::Lie(Lie::Client), "away"),
        ("slow", Wrong::Lie(Lie::Slow(Duration::from_secs(20))), "away"),
        ("endless", Wrong::Lie(Lie::Long), "away"),
        ("token away", Wrong::Away("token"), "away"),
        ("cancelled", Wrong::Cancels, "cancelled"),
        ("another code", Wrong::Altered("code=", "code=x"), "refused"),
        ("another state", Wrong::Altered("state=", "state=x"), "over"),
        ("no state", Wrong::Altered("state=", "nothing="), "over"),
        ("no code", Wrong::Altered("code=", "nothing="), "cancelled"),
        ("late", Wrong::Late(MINUTE.times(10)), "over"),
        ("another browser", Wrong::Elsewhere, "over"),
        ("again", Wrong::Again, "over"),
    ];
    let before = scene.connected().await;
    for (name, wrong, said) in table {
        // Enough time that keys may be read again, and that nobody who tries so often is held up.
        scene.later(MINUTE);
        let mut browser = scene.browser();
        let out = browser.set_out("/my").await;
        let mut back = scene.kakao.agree(&out);
        match wrong {
            Wrong::Lie(lie) => scene.kakao.lie(lie),
            Wrong::Away(place) => scene.kakao.goes_away(place),
            Wrong::Cancels => back = scene.kakao.cancel(&out),
            Wrong::Altered(what, by) => back = back.replacen(what, by, 1),
            Wrong::Late(span) => scene.later(span),
            Wrong::Elsewhere => browser = scene.browser(),
            Wrong::Again => {
                let trip = browser.cookies["kakao"].clone();
                assert_eq!(location(&browser.get(&back).await), "/my");
                browser = scene.browser();
                browser.cookies.insert("kakao".into(), trip);
            }
        }
        let answer = browser.get(&back).await;
        scene.kakao.comes_back();
        assert_eq!(answer.status(), 303, "{name}");
        let next = if said == "over" && name != "again" { "/" } else { "/my" };
        assert_eq!(location(&answer), format!("/sign-in?next={next}&kakao={said}"), "{name}");
        assert!(!browser.is_signed_in() && !browser.cookies.contains_key("newcomer"), "{name}");
        assert!(!browser.cookies.contains_key("kakao"), "{name}: it is not tried again by a reload");
        let page = browser.page(&location(&answer)).await;
        assert!(page.contains("banner bad") && page.contains("카카오로 시작하기"), "{name}");
        assert_eq!(scene.connected().await, before, "{name}");
    }
    // Afterwards all is as before.
    scene.later(MINUTE);
    let mut browser = scene.browser();
    assert_eq!(browser.by_kakao(&scene.kakao, "/my").await, "/my");
    assert!(browser.is_signed_in());
    // Whoever only asks about the address changes nothing.
    let out = browser.set_out("/my").await;
    let back = scene.kakao.agree(&out);
    let path = back.strip_prefix(ORIGIN).unwrap().to_owned();
    let cookie = format!("kakao={}", browser.cookies["kakao"]);
    let asked = client().head(scene.site.url(&path)).header("cookie", cookie).send().await.unwrap();
    assert_eq!(asked.status(), 405);
    assert_eq!(location(&browser.get(&back).await), "/my");
    // A name of our own for an error, and nobody is led away from here.
    assert!(!browser.page("/sign-in?kakao=%3Cscript%3E").await.contains("banner bad"));
    let led = scene.browser().by_kakao(&scene.kakao, "//evil.example").await;
    assert_eq!(led, "/");
}

both!(keys_are_read_once_and_again_when_they_change);
async fn keys_are_read_once_and_again_when_they_change(on: On) {
    let scene = Scene::new(on).await;
    scene.newcomer(&KakaoUser::new("59"), "수달").await;
    for _ in 0..3 {
        assert_eq!(scene.browser().by_kakao(&scene.kakao, "/my").await, "/my");
    }
    assert_eq!(scene.kakao.keys_read(), 1);
    // Another key: found at once, though the old ones would be believed for an hour.
    scene.later(MINUTE);
    scene.kakao.rotate();
    assert_eq!(scene.browser().by_kakao(&scene.kakao, "/my").await, "/my");
    assert_eq!(scene.kakao.keys_read(), 2);
    // A key that is none is not asked for again and again.
    scene.later(MINUTE);
    for _ in 0..3 {
        scene.kakao.lie(Lie::AnotherKey);
        assert!(scene.browser().by_kakao(&scene.kakao, "/my").await.ends_with("kakao=refused"));
    }
    assert!(scene.kakao.keys_read() <= 3, "{}", scene.kakao.keys_read());
    // While they cannot be read one goes by those that are there.
    scene.later(HOUR.times(2));
    scene.kakao.goes_away("jwks");
    assert_eq!(scene.browser().by_kakao(&scene.kakao, "/my").await, "/my");
    scene.later(DAY.times(2));
    scene.kakao.goes_away("configuration");
    assert_eq!(scene.browser().by_kakao(&scene.kakao, "/my").await, "/my");
}

both!(while_kakao_is_away_the_site_is_not);
async fn while_kakao_is_away_the_site_is_not(on: On) {
    let scene = Scene::with(on, |kakao| kakao.goes_away("configuration")).await;
    let mut browser = scene.browser();
    let led = browser.set_out("/deals").await;
    assert_eq!(led, "/sign-in?next=/deals&kakao=away");
    assert!(browser.page(&led).await.contains("지금 카카오와 연결되지 않아요"));
    let mut otter = scene.member("otter@example.com", "수달").await;
    assert!(otter.is_signed_in());
    for (out, back) in [("/my/account/kakao", "/my/account?kakao=away"), ("/my/leave/kakao", "/my/leave?kakao=away")] {
        assert_eq!(location(&otter.get(out).await), back);
    }
    scene.kakao.comes_back();
    scene.later(SECOND.times(6));
    assert!(browser.set_out("/deals").await.starts_with(&scene.kakao.url));
}

both!(who_comes_too_often_waits_and_who_is_suspended_stays_so);
async fn who_comes_too_often_waits_and_who_is_suspended_stays_so(on: On) {
    let scene = Scene::new(on).await;
    let mut otter = scene.newcomer(&KakaoUser::new("59"), "수달").await;
    let mut tx = scene.site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1").run().await.unwrap();
    tx.commit().await.unwrap();
    // As by a password: they read what is theirs.
    assert_eq!(otter.by_kakao(&scene.kakao, "/my").await, "/my");
    let changed = otter.post("/creator/profile?do=save-profile", &[("name", "수달상점")]).await;
    assert_eq!(changed.status(), 403);
    let mut statuses = Vec::new();
    for _ in 0..70 {
        let mut browser = scene.browser();
        let out = browser.set_out("/my").await;
        statuses.push(browser.get(&scene.kakao.agree(&out)).await.status().as_u16());
    }
    assert!(statuses.contains(&303) && statuses.last() == Some(&429), "{statuses:?}");
}

both!(a_suspension_follows_a_kakao_account_without_an_email_as_well);
async fn a_suspension_follows_a_kakao_account_without_an_email_as_well(on: On) {
    let scene = Scene::new(on).await;
    let mut otter = scene.newcomer(&KakaoUser::new("59"), "수달").await;
    let mut tx = scene.site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1").run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(otter.show(&scene.kakao).await, "/my/leave");
    assert_eq!(otter.leave().await.status(), 303);
    assert!(scene.connected().await.is_empty());
    scene.later(MINUTE);
    let mut anew = scene.newcomer(&KakaoUser::new("59"), "해달").await;
    let changed = anew.post("/creator/profile?do=save-profile", &[("name", "수달상점")]).await;
    assert_eq!(changed.status(), 403);
    let proved = scene.site.engine.db.sql("select 1 from former_accounts where proved");
    assert!(proved.exists().await.unwrap(), "they read what they are marked for");
    // Who is somebody else there is somebody else here.
    let mut other = scene.newcomer(&KakaoUser::new("60"), "비버").await;
    let changed = other.post("/creator/profile?do=save-profile", &[("name", "비버상점")]).await;
    assert_eq!(changed.status(), 303);
}

both!(who_is_suspended_parts_from_kakao_and_is_known_by_it_all_the_same);
async fn who_is_suspended_parts_from_kakao_and_is_known_by_it_all_the_same(on: On) {
    let scene = Scene::new(on).await;
    let mut otter = scene.member("otter@example.com", "수달").await;
    scene.kakao.be(&KakaoUser::new("59"));
    otter.connect(&scene.kakao).await;
    assert_eq!(otter.confirm(PASSWORD).await, 303);
    let mut tx = scene.site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1").run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(otter.post("/my/account?do=disconnect-kakao", &[]).await.status(), 303);
    assert_eq!(otter.post("/my/leave?do=leave", &[("password", PASSWORD), ("sure", "yes")]).await.status(), 303);
    let mut anew = scene.newcomer(&KakaoUser::new("59"), "해달").await;
    let changed = anew.post("/creator/profile?do=save-profile", &[("name", "수달상점")]).await;
    assert_eq!(changed.status(), 403);
}

both!(what_is_over_is_forgotten);
async fn what_is_over_is_forgotten(on: On) {
    let scene = Scene::new(on).await;
    scene.kakao.be(&KakaoUser::new("59"));
    let mut browser = scene.browser();
    browser.by_kakao(&scene.kakao, "/my").await;
    assert_eq!(browser.get("/sign-in/kakao/join").await.status(), 200);
    scene.later(MINUTE.times(16));
    assert_eq!(browser.get("/sign-in/kakao/join").await.status(), 410);
    let form = [("nickname", "수달"), ("terms", "yes"), ("adult", "yes")];
    assert_eq!(browser.post("/sign-in/kakao/new", &form).await.status(), 410);
    scene.later(HOUR);
    scene.site.engine.jobs.run_now(&Actor::System, Job::Sessions).await.unwrap();
    let rows = "select (select count(*) from pending_identities) + (select count(*) from used_returns)";
    eventually("what is over is deleted", async || {
        scene.site.engine.db.sql(rows).one::<(i64,)>().await.unwrap().0 == 0
    })
    .await;
}

#[tokio::test]
async fn without_configuration_nothing_of_it_is_there_and_half_of_one_says_so() {
    let site = Site::start(On::Sqlite).await;
    for page in ["/sign-in", "/sign-up"] {
        let page = client().get(site.url(page)).send().await.unwrap().text().await.unwrap();
        assert!(!page.contains("/sign-in/kakao") && !page.contains("카카오"), "{page}");
    }
    let member = site.people(1).await.remove(0);
    let account = member.get("/my/account").await.text().await.unwrap();
    assert!(!account.contains("/my/account/kakao") && !account.contains("disconnect-kakao"), "{account}");

    let (place, kakao) = (Place::new(On::Sqlite), KakaoLogin::start().await);
    let new = || {
        let mut config = config(&place);
        reached(&mut config, &kakao);
        config
    };
    assert!(new().kakao().unwrap().is_some());
    type Change = fn(&mut Config);
    let halves: [(Change, &str); 3] = [
        (|c| c.kakao_client_id = Some(" ".into()), "FIFTYNINE_KAKAO_CLIENT_ID"),
        (|c| c.kakao_client_secret = None, "FIFTYNINE_KAKAO_CLIENT_SECRET"),
        (|c| c.public_url = None, "FIFTYNINE_PUBLIC_URL"),
    ];
    for (change, missing) in halves {
        let mut config = new();
        change(&mut config);
        assert!(config.kakao().unwrap().is_none());
        assert_eq!(config.missing_of_kakao(), [missing]);
    }
    for nowhere in ["nowhere", "http://kauth.example", "ftp://127.0.0.1"] {
        let mut config = new();
        config.kakao_issuer = nowhere.into();
        let error = config.kakao().err().unwrap().to_string();
        assert!(error.contains("no address of a provider") && !error.contains(KakaoLogin::SECRET), "{error}");
    }
}
