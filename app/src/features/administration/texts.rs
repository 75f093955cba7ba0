//! Texts of what admins do.

use crate::texts::{Lang, texts};

texts! {
    member_suspended: "회원을 정지했어요.", "The member is suspended.";
    member_restored: "정지를 풀었어요.", "The member may act again.";
    event_called_off: "이벤트를 취소했어요.", "The event is called off.";
}
