//! Texts of analytics.

use crate::texts::{Lang, texts};
use model::Reason;

texts! {
    dashboard: "현황", "Dashboard";
    plot_entries(width): "{width}초마다 참여", "Entries every {width} s";
    plot_present: "대기실 인원", "People in the room";
    plot_refused(reason, sum: count): "거절된 클릭 · {reason} {sum}", "Refused clicks · {reason} {sum}";
    reason_early: "너무 빠름", "too early";
    reason_full: "정원 마감", "full";
    reason_closed: "마감 뒤", "closed";
    reason_cancelled: "취소됨", "cancelled";
    reason_own: "내 이벤트", "own event";
    reason_code: "코드 틀림", "wrong code";
    reason_out: "제외됨", "taken out";
    reason_suspended: "정지된 계정", "suspended";
    reason_busy: "붐빔", "busy";
    reason_event_suspended: "이벤트 멈춤", "event stopped";
    refused_clicks: "거절된 클릭", "Refused clicks";
}

impl Lang {
    /// Why a click was refused.
    pub fn reason(self, reason: Reason) -> &'static str {
        match reason {
            Reason::TooEarly => self.reason_early(),
            Reason::Full => self.reason_full(),
            Reason::Closed => self.reason_closed(),
            Reason::Cancelled => self.reason_cancelled(),
            Reason::OwnEvent => self.reason_own(),
            Reason::WrongCode => self.reason_code(),
            Reason::Disqualified => self.reason_out(),
            Reason::Suspended => self.reason_suspended(),
            Reason::Busy => self.reason_busy(),
            Reason::EventSuspended => self.reason_event_suspended(),
        }
    }
}
