//! Texts of subscriptions.

use crate::texts::{Lang, texts};
use model::SubscriptionError;

texts! {
    my_subscriptions: "알림 받는 것", "What I hear of";
    subscriptions_hint: "여기에 둔 것이 새로 올라오거나 곧 열리면 알려 드려요.", "You are told when something here is new or about to open.";
    notices_and_settings: "알림 설정", "Notice settings";
    alert_categories: "분류", "Categories";
    alert_categories_hint: "고른 분류에 새 이벤트가 올라오면 알려 드려요.", "You are told of every new event of these.";
    categories_saved: "알림 받을 분류를 바꿨어요.", "Your categories were changed.";
    alert_keywords: "키워드", "Keywords";
    of_most(count, most): "{count}/{most}", "{count} of {most}";
    no_keywords: "아직 없어요. 갖고 싶은 것의 이름을 더해 보세요.", "None yet. Add the name of something you would like.";
    new_keyword: "새 키워드", "New keyword";
    new_keyword_hint: "두 글자에서 스무 글자. 띄어쓰기와 대소문자는 가리지 않아요.", "2 to 20 characters. Spaces and case do not matter.";
    add_keyword: "더하기", "Add";
    remove_keyword(keyword): "‘{keyword}’ 알림 그만 받기", "Stop hearing of “{keyword}”";
    keyword_removed: "이 키워드 알림을 껐어요.", "You no longer hear of this keyword.";
    alert_noted: "새로 올라오면 알려 드릴게요.", "You will be told when something is new.";
    alert_of_category(category): "{category} 새 소식 알림 받기", "Tell me of new {category}";
    alert_of_keyword(keyword): "‘{keyword}’ 알림 받기", "Tell me of “{keyword}”";
    wishes_hint: "열리기 하루 전과 한 시간 전에 알려 드려요.", "You are reminded a day and an hour before they open.";
    all_wishes(n: plural): "찜한 것 {n}개 모두 보기", "See {n} wish" | "See all {n} wishes";
    error_too_many_keywords: "키워드는 스무 개까지 둘 수 있어요. 하나를 지우고 더해 주세요.", "There are 20 keywords at most. Remove one first.";
}

impl Lang {
    /// Why a subscription was not taken.
    pub(crate) fn subscription_error(self, error: &SubscriptionError) -> &'static str {
        match error {
            SubscriptionError::TooManyKeywords => self.error_too_many_keywords(),
        }
    }
}
