//! Texts of what admins do.

use crate::texts::{Lang, texts};

texts! {
    members_and_events: "회원과 이벤트", "Members and events";
    suspend_member: "회원 정지하기", "Suspend a member";
    suspend_hint: "바로 적용돼요. 누르기, 대화, 이벤트 만들기를 할 수 없게 돼요.", "At once: they can no longer press, chat or make events.";
    restore_member: "정지 풀기", "Let a member act again";
    call_off_event: "이벤트 취소하기", "Call an event off";
    call_off_hint: "이유는 이벤트 페이지에 그대로 보여요.", "Everybody sees the reason on the event's page.";
    which_member: "누구", "Who";
    which_member_hint: "이메일, 닉네임 또는 회원 번호", "Email, nickname or id";
    which_event: "어느 이벤트", "Which event";
    which_event_hint: "주소 끝의 26자", "The 26 characters at the end of its address";
    admin_reason: "이유", "Reason";
    member_suspended: "회원을 정지했어요.", "The member is suspended.";
    member_restored: "정지를 풀었어요.", "The member may act again.";
    event_called_off: "이벤트를 취소했어요.", "The event is called off.";
}
