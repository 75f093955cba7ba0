//! Texts of the search.

use crate::texts::{Lang, texts};
use model::search::{FoundKind, FoundState};

texts! {
    search: "찾기", "Search";
    search_hint: "이벤트, 타임딜, 마켓 찾기 · 초성도 돼요", "Find events, deals, markets";
    search_do: "찾아보기", "Find";
    search_results_of(text): "‘{text}’ 찾은 결과", "Results for “{text}”";
    search_instead(text): "‘{text}’로 찾았어요.", "Showing results for “{text}”.";
    search_nothing(text): "‘{text}’와 맞는 것을 찾지 못했어요.", "Nothing matches “{text}”.";
    search_nothing_hint: "낱말을 줄이거나 초성으로 찾아보세요.", "Try fewer words, or only the beginning of one.";
    search_nothing_chosen: "고른 조건으로는 없어요.", "Nothing of what you chose.";
    search_everything: "모두 보기", "Show everything";
    search_making: "찾기를 준비하고 있어요. 지금은 제목만 찾아요.", "The search is being prepared: only titles are looked through for now.";
    search_kinds: "종류", "Kinds";
    search_states: "상태", "States";
    search_any_kind: "전체", "Everything";
    search_any_state: "모든 때", "Any time";
    search_suggestions: "추천 검색어", "Suggestions";
    search_suggested(n: plural): "추천 {n}개. 위아래 화살표로 고르세요.", "{n} suggestion. Use the arrow keys." | "{n} suggestions. Use the arrow keys.";
    search_term: "많이 찾는 말", "Often searched";
    search_terms: "많이 찾는 말", "Often searched";
    search_recent: "최근 찾은 말", "Recent searches";
    search_forget(text): "‘{text}’ 지우기", "Remove “{text}”";
    search_forget_all: "모두 지우기", "Clear all";
    search_popular: "지금 붐비는 곳", "Busy right now";
    search_closing: "곧 마감해요", "Closing soon";
    search_opens_in(time): "{time} 뒤", "in {time}";
    search_line(n: count): "줄 {n}명", "{n} in line";
    search_people(n: plural): "{n}명", "{n} person" | "{n} people";
    found_giveaway: "이벤트", "Event";
    found_deal: "타임딜", "Deal";
    found_ticket: "티켓", "Ticket";
    found_party: "파티", "Party";
    found_creator: "크리에이터", "Creator";
    found_market: "마켓", "Market";
    found_item: "품목", "Item";
    found_open: "열린 것", "Open";
    found_soon: "열릴 것", "Coming up";
    found_over: "끝난 것", "Over";
}

impl Lang {
    /// What sort of thing something is.
    pub fn found_kind(self, kind: FoundKind) -> &'static str {
        match kind {
            FoundKind::Giveaway => self.found_giveaway(),
            FoundKind::Deal => self.found_deal(),
            FoundKind::Ticket => self.found_ticket(),
            FoundKind::Party => self.found_party(),
            FoundKind::Creator => self.found_creator(),
            FoundKind::Market => self.found_market(),
            FoundKind::Item => self.found_item(),
        }
    }

    /// Where something stands.
    pub fn found_state(self, state: FoundState) -> &'static str {
        match state {
            FoundState::Open => self.found_open(),
            FoundState::Soon => self.found_soon(),
            FoundState::Over => self.found_over(),
        }
    }
}
