//! Texts of reviews.

use crate::texts::{Lang, texts};
use model::ReviewError;

texts! {
    reviews: "후기", "Reviews";
    reviews_count(n: plural): "후기 {n}개", "{n} review" | "{n} reviews";
    average_of_five(value): "5점 만점에 평균 {value}점", "{value} of 5 on average";
    stars_of_five(n: count): "5점 만점에 {n}점", "{n} of 5";
    no_reviews: "아직 후기가 없어요.", "No reviews yet.";
    read_or_write_reviews: "후기 모두 보기 · 쓰기", "All reviews, or write one";
    all_reviews: "후기 모두 보기", "All reviews";
    review_order: "후기 순서", "Order";
    newest_first: "최신순", "Newest";
    best_first: "별점순", "Best";
    write_review: "후기 쓰기", "Write a review";
    own_review: "내 후기", "Your review";
    change_review: "후기 고치기", "Change it";
    delete_review: "후기 지우기", "Delete it";
    how_many_stars: "별점", "Stars";
    review_text: "후기 내용", "Your review";
    review_hint: "받아 보거나 다녀온 이야기를 1,000자까지 적어 주세요.", "How it was, in up to 1,000 characters.";
    review_pictures: "사진 (3장까지)", "Pictures (up to 3)";
    review_picture(n): "후기 사진 {n}", "Picture {n} of the review";
    review_changed: "고침", "changed";
    review_written: "후기를 올렸어요.", "Your review is there.";
    review_is_changed: "후기를 고쳤어요.", "Your review is changed.";
    review_deleted: "후기를 지웠어요.", "Your review is deleted.";
    answer_of_seller: "판매자 답글", "The seller's answer";
    answer_review: "답글 쓰기", "Answer";
    change_answer: "답글 고치기", "Change the answer";
    review_answered: "답글을 올렸어요.", "Answered.";
    answer_is_changed: "답글을 고쳤어요.", "The answer is changed.";
    report_review: "신고", "Report";
    review_reported: "신고했어요. 관리자가 살펴볼게요.", "Reported. Somebody will look at it.";
    review_hidden_note: "관리자가 가린 후기예요. 나에게만 보여요.", "An admin hid this review. Only you see it.";
    reported_reviews: "후기 신고", "Reviews";
    waiting_reviews: "살펴볼 후기", "Reported";
    hidden_reviews: "가린 후기", "Hidden";
    hide_review: "가리기", "Hide";
    restore_review: "다시 보이기", "Show again";
    review_is_hidden: "후기를 가렸어요.", "The review is hidden.";
    review_is_restored: "후기를 다시 보여요.", "The review is shown again.";
    error_not_received: "받은 상품이나 다녀온 티켓에만 후기를 쓸 수 있어요. 티켓은 그날이 지나면 쓸 수 있어요.", "Reviews are for what arrived, and for tickets once their day is over.";
    error_own_sale: "내가 파는 것에는 후기를 쓸 수 없어요.", "Nobody reviews what they sell.";
    error_reviewed: "후기는 하나만 쓸 수 있어요. 쓴 후기를 고쳐 주세요.", "There is one review of yours already; change that one.";
    error_answered: "답글은 한 번 달 수 있고, 단 답글은 고칠 수 있어요.", "A review is answered once; the answer can be changed.";
    error_review_hidden: "관리자가 가린 후기예요.", "An admin hid this review.";
}

impl Lang {
    /// Why a review or an answer was not taken.
    pub(crate) fn review_error(self, error: &ReviewError) -> &'static str {
        match error {
            ReviewError::NotReceived => self.error_not_received(),
            ReviewError::OwnSale => self.error_own_sale(),
            ReviewError::Reviewed => self.error_reviewed(),
            ReviewError::Answered => self.error_answered(),
            ReviewError::Hidden => self.error_review_hidden(),
        }
    }
}
