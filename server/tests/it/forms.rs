//! Forms without scripts: where they lead, what survives, and what is said.

use crate::support::{Site, client};
use model::SECOND;
use reqwest::{Response, header};
use testing::{On, both};

fn location(response: &Response) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// The value of the first hidden field of a name.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
    let value = field.split('"').next().unwrap();
    value.replace("&quot;", "\"").replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
}

both!(what_was_typed_survives_signing_in, "multi_thread");
async fn what_was_typed_survives_signing_in(on: On) {
    let site = Site::start(on).await;
    let email = "carried@test.example";
    let form = [
        ("email", email),
        ("password", "비가 오는 날엔 수달"),
        ("nickname", "짐꾼 수달"),
        ("terms", "yes"),
        ("adult", "yes"),
    ];
    assert_eq!(client().post(site.url("/sign-up")).form(&form).send().await.unwrap().status(), 303);
    // As much as any form of ours takes, in letters that grow when they are encoded.
    let long = "가".repeat(1000);
    let typed = [("name", "수달상점"), ("introduction", long.as_str()), ("links", "")];
    let html = |request: reqwest::RequestBuilder| request.header(header::ACCEPT, "text/html").send();
    let asked = html(client().post(site.url("/creator/profile?do=save-profile")).form(&typed)).await.unwrap();
    assert_eq!(asked.status(), 307);
    let sign_in = location(&asked).to_owned();
    let shown = html(client().post(site.url(&sign_in)).form(&typed)).await.unwrap();
    assert_eq!(shown.status(), 401);
    let page = shown.text().await.unwrap();
    // Which of a page's forms of a function it was goes with it.
    let to = site.url("/creator/profile?do=save-profile&form=second");
    let keyed = html(client().post(to).form(&[("name", "수달상점")])).await.unwrap();
    let keyed = html(client().post(site.url(location(&keyed))).form(&[("name", "수달상점")])).await.unwrap();
    let keyed = keyed.text().await.unwrap();
    assert_eq!(hidden(&keyed, "to"), "/creator/profile?do=save-profile&form=second");
    let carry = async |password: &str, page: &str| {
        let form = [
            ("email", email.to_owned()),
            ("password", password.to_owned()),
            ("to", hidden(page, "to")),
            ("carried", hidden(page, "carried")),
        ];
        html(client().post(site.url("/sign-in")).form(&form)).await.unwrap()
    };
    // Also through a password that was mistyped.
    let refused = carry("falsch geschrieben", &page).await;
    assert_eq!(refused.status(), 422);
    let signed = carry("비가 오는 날엔 수달", &refused.text().await.unwrap()).await;
    assert_eq!(signed.status(), 200);
    let cookie = signed.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = signed.text().await.unwrap();
    assert!(page.contains("action=\"/creator/profile?do=save-profile\"") && page.contains(&long));
    let typed = reqwest::multipart::Form::new()
        .text("name", hidden(&page, "name"))
        .text("introduction", hidden(&page, "introduction"));
    let sent =
        client().post(site.url("/creator/profile?do=save-profile")).header(header::COOKIE, &cookie).multipart(typed);
    assert_eq!(location(&html(sent).await.unwrap()), "/creator");
}

both!(a_draft_that_goes_through_the_sign_in_is_not_published);
async fn a_draft_that_goes_through_the_sign_in_is_not_published(on: On) {
    let site = Site::start(on).await;
    // Its picture, and the button behind it, are not carried.
    let picture = reqwest::multipart::Part::bytes(vec![0; 300_000]).file_name("mug.png");
    let form =
        reqwest::multipart::Form::new().text("title", "따끈한 머그").part("picture", picture).text("save", "draft");
    let shown = client().post(site.url("/sign-in?next=/creator/new&do=create-event")).multipart(form);
    let page = shown.header(header::ACCEPT, "text/html").send().await.unwrap().text().await.unwrap();
    let carried = hidden(&page, "carried");
    assert!(carried.contains("따끈한 머그") && !carried.contains("save"), "{carried}");
    // What says nothing of publishing does not publish.
    let creator = site.creator().await;
    let form = crate::support::events::form(&site, &[("save", "")]);
    let made = crate::support::events::send(&creator, form).await;
    assert!(location(&made).ends_with("/edit"), "{}", location(&made));
}

both!(forms_beside_a_refused_press_do_not_press, "multi_thread");
async fn forms_beside_a_refused_press_do_not_press(on: On) {
    let site = Site::start(on).await;
    let event = site.event(60 * SECOND, 3).await;
    let person = site.people(1).await.remove(0);
    let refused = person.post(&format!("/events/{event}/enter"), &[]).await;
    assert_eq!(refused.status(), 425);
    let page = refused.text().await.unwrap();
    let actions: Vec<_> = page.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(actions.iter().any(|action| action.starts_with(&format!("/events/{event}?do=say"))), "{actions:?}");
    assert!(!actions.iter().any(|action| action.contains("/enter?")), "{actions:?}");
    // Nor does what loads a page anew by itself: it knows the page's own address, and that a form was sent for it.
    assert!(page.contains(&format!("data-here=\"/events/{event}\" data-answers")));
    assert!(!person.get(&format!("/events/{event}")).await.text().await.unwrap().contains("data-answers"));
}

both!(what_was_done_is_said_once_and_only_when_it_was);
async fn what_was_done_is_said_once_and_only_when_it_was(on: On) {
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    // Also on the sign-in's page, which takes other forms as well.
    let done = person.change("/sign-in", "set-preferences", &[("theme", "dark")]).await;
    assert_eq!((done.status().as_u16(), location(&done)), (303, "/sign-in"));
    let cookies: Vec<_> =
        done.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap().to_owned()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("theme=dark")), "{cookies:?}");
    let said = cookies.iter().find(|cookie| cookie.starts_with("done=set-preferences")).unwrap();
    let page = client()
        .get(site.url("/"))
        .header(header::COOKIE, said.split(';').next().unwrap())
        .header(header::ACCEPT, "text/html");
    let page = page.send().await.unwrap();
    let over = page.headers().get_all(header::SET_COOKIE).iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("done=;") && cookie.contains("Max-Age=0")
    });
    assert!(over && page.text().await.unwrap().contains("저장했어요."));
    // Whoever is led to the profile first has not changed the mode.
    let led = person.change("/", "set-mode", &[("mode", "creator")]).await;
    assert_eq!(location(&led), "/creator/profile");
    assert!(
        !led.headers().get_all(header::SET_COOKIE).iter().any(|cookie| cookie.to_str().unwrap().starts_with("done="))
    );
    // Nobody is led to another site, however an address is written.
    let elsewhere = person.change("//evil.example/", "set-preferences", &[("theme", "light")]).await;
    assert!(
        elsewhere.status().is_client_error() || location(&elsewhere) == "/evil.example/",
        "{:?}",
        elsewhere.headers()
    );
}

both!(what_no_form_of_the_page_shows_is_said_all_the_same);
async fn what_no_form_of_the_page_shows_is_said_all_the_same(on: On) {
    let site = Site::start(on).await;
    let event = site.event(60 * SECOND, 3).await;
    let person = site.people(1).await.remove(0);
    let said = "<p role=\"alert\" class=\"toast bad\">";
    // The heart in a room is made on the server alone.
    let heart = person.change(&format!("/events/{event}"), "set-wish", &[("event", "no id"), ("wished", "yes")]).await;
    assert!(heart.status().is_client_error(), "{}", heart.status());
    let page = heart.text().await.unwrap();
    assert!(page.contains("class=\"wish\"") && page.contains(said));
    // What stands at its form is said there alone.
    let refused = person.change("/creator/profile", "save-profile", &[("name", "")]).await;
    assert_eq!(refused.status(), 422);
    let page = refused.text().await.unwrap();
    assert!(page.contains("role=\"alert\"") && !page.contains(said));
}

both!(of_a_form_that_is_too_large_what_came_before_is_kept);
async fn of_a_form_that_is_too_large_what_came_before_is_kept(on: On) {
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    let much = "x".repeat(app::forms::TEXT_LIMIT);
    let typed = [("name", "수달상점"), ("introduction", much.as_str())];
    let refused = person.change("/creator/profile", "save-profile", &typed).await;
    assert_eq!(refused.status(), 413);
    assert!(refused.text().await.unwrap().contains("value=\"수달상점\""));
}
